/**
 * The runtime that a release embeds. `deno compile` downloads it without verification, unless it is cached. So the runtime is
 * verified by the checksum that the Deno project publishes on GitHub, a second server, and then cached.
 */

import { replaceFile } from "../src/files/replace_file.ts";
import { sha256 } from "../src/secrecy/hash.ts";
import { output } from "./process.ts";
import type { Target } from "./targets.ts";

/** The servers of the Deno project: the URLs of the folders with all versions. */
export interface DenoServers {
  readonly downloads: string;
  readonly checksums: string;
}

const DENO: DenoServers = {
  downloads: "https://dl.deno.land/release",
  checksums: "https://github.com/denoland/deno/releases/download",
};

interface CacheOptions {
  readonly servers?: DenoServers;
  /** The folder of the cache (`DENO_DIR`). */
  readonly cache?: string;
}

/**
 * Caches the runtime of this Deno for a platform, and verifies it. A cached one is verified too.
 *
 * @returns the archive with the runtime.
 * @throws {Error} if a server is unreachable, or the runtime does not match its checksum.
 */
export async function cacheDenort(
  target: Target,
  options: CacheOptions = {},
): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return await fetchAndVerify(target, options);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(
      `The runtime of Deno ${Deno.version.deno} for ${target} could not be fetched and verified (${reason}). ` +
        "A release needs a machine that reaches Deno's download server and GitHub",
      { cause: error },
    );
  }
}

async function fetchAndVerify(
  target: Target,
  options: CacheOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  const { servers = DENO, cache = await denoDir() } = options;
  const name = `v${Deno.version.deno}/denort-${target}.zip`;
  const path = `${cache}/dl/release/${name}`;
  const published = await download(`${servers.checksums}/${name}.sha256sum`);
  // The output of sha256sum, or of PowerShell's Get-FileHash.
  const [expected] = /\b[0-9a-f]{64}\b/i.exec(new TextDecoder().decode(published)) ?? [];
  if (!expected) throw new Error(`${name}.sha256sum contains no checksum`);
  const cached = await Deno.readFile(path).catch(() => undefined);
  const isExpected = async (bytes: Uint8Array<ArrayBuffer>) =>
    await sha256(bytes) === expected.toLowerCase();
  if (cached && await isExpected(cached)) return cached;

  const archive = await download(`${servers.downloads}/${name}`);
  if (!await isExpected(archive)) throw new Error(`${name} does not match its checksum`);
  await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  replaceFile(path, archive, { mode: 0o644 });
  return archive;
}

async function download(url: string): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(url);
  if (response.ok) return await response.bytes();
  await response.body?.cancel();
  throw new Error(`${url} answers ${response.status}`);
}

async function denoDir(): Promise<string> {
  const { denoDir }: { denoDir: string } = JSON.parse(
    await output(Deno.execPath(), ["info", "--json"]),
  );
  return denoDir;
}
