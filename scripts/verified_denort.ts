/**
 * The runtime that a release embeds. `deno compile` would download it without verification, or use any that it finds in its
 * cache. So the runtime is downloaded here, and verified by the checksum that the Deno project publishes on GitHub, a
 * second server.
 */

import { fileInZip } from "../src/update/unpack.ts";
import { sha256 } from "../src/secrecy/hash.ts";
import { osOf, type Target } from "./targets.ts";

/** The servers of the Deno project: the URLs of the folders with all versions. */
export interface DenoServers {
  readonly downloads: string;
  readonly checksums: string;
}

const DENO: DenoServers = {
  downloads: "https://dl.deno.land/release",
  checksums: "https://github.com/denoland/deno/releases/download",
};

/**
 * Downloads the runtime of this Deno for a platform, and verifies it.
 *
 * @throws {Error} if a server is unreachable, or the runtime does not match its checksum.
 */
export async function verifiedDenort(
  target: Target,
  servers: DenoServers = DENO,
): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return await downloadAndVerify(target, servers);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(
      `The runtime of Deno ${Deno.version.deno} for ${target} could not be fetched and verified (${reason}). ` +
        "A release needs a machine that reaches Deno's download server and GitHub",
      { cause: error },
    );
  }
}

/** Whether this machine reaches the servers of the Deno project. */
export async function reachesDenoServers(): Promise<boolean> {
  try {
    for (const url of Object.values(DENO)) {
      const response = await fetch(url, { method: "HEAD" });
      await response.body?.cancel();
    }
    return true;
  } catch {
    return false;
  }
}

async function downloadAndVerify(
  target: Target,
  { downloads, checksums }: DenoServers,
): Promise<Uint8Array<ArrayBuffer>> {
  const name = `v${Deno.version.deno}/denort-${target}.zip`;
  const published = await download(`${checksums}/${name}.sha256sum`);
  // The output of sha256sum, or of PowerShell's Get-FileHash.
  const [expected] = /\b[0-9a-f]{64}\b/i.exec(new TextDecoder().decode(published)) ?? [];
  if (!expected) throw new Error(`${name}.sha256sum contains no checksum`);
  const archive = await download(`${downloads}/${name}`);
  if (await sha256(archive) !== expected.toLowerCase()) {
    throw new Error(`${name} does not match its checksum`);
  }
  const file = osOf(target) === "windows" ? "denort.exe" : "denort";
  const runtime = await fileInZip(archive, file);
  if (!runtime) throw new Error(`${name} contains no ${file}`);
  return runtime;
}

async function download(url: string): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(url);
  if (response.ok) return await response.bytes();
  await response.body?.cancel();
  throw new Error(`${url} answers ${response.status}`);
}
