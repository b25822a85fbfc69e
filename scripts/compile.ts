/** Bundles and compiles a program into one executable, with and without access to Deno's download server. */

import { NOTICES_FILE } from "../src/commands/notices.ts";
import { PERMISSION_FLAGS } from "../src/process/permission_flags.ts";
import { ARCADE_FILES, bundle, type Files, type Package } from "./bundle.ts";
import { componentsOf, noticesOf, type Runtime } from "./components.ts";
import { markCommonFunctions } from "./eager.ts";
import { sha256 } from "../src/secrecy/hash.ts";
import { containsRuntime } from "./contains_runtime.ts";
import { output } from "./process.ts";
import { type Target, targetOfThisMachine } from "./targets.ts";
import { type DenoServers, verifiedDenort } from "./verified_denort.ts";

export interface CompileOptions {
  /** The baked-in permissions. */
  readonly permissions: readonly string[];
  /**
   * Whether to embed the verified runtime of the running Deno and no other, as a release does: from the servers of the
   * Deno project, or from these.
   */
  readonly release?: boolean | DenoServers;
  /** The platform of the executable; by default this machine's. */
  readonly target?: Target;
  /** The modules that share files. */
  readonly files?: Files;
  /** Changes the bundled files before they are embedded. */
  readonly prepare?: (folder: string, main: string) => Promise<void>;
  /** The baked-in flags of V8. */
  readonly v8Flags?: readonly string[];
  /** Placeholders in the program and their replacements. Each occurs at most once: the bundler drops unused ones. */
  readonly replacements?: Readonly<Record<string, string>>;
  /** Whether to include the license notices. */
  readonly hasNotices?: boolean;
}

export interface Compiled extends Runtime {
  /** The SHA-256 of the runtime; undefined if `deno compile` has downloaded it without verification. */
  readonly runtimeSha256: string | undefined;
  readonly programBytes: number;
  /** The embedded packages. */
  readonly packages: readonly Package[];
}

/**
 * Most commands end before code that V8 compiles for long runs pays off (docs/benchmarks.md). Code that stays busy is still
 * optimized, by TurboFan.
 */
const V8_FLAGS = [
  "--no-sparkplug",
  "--no-maglev",
  "--no-regexp-tier-up",
  "--no-ignition-reo", // a pass over bytecode that spares registers
] as const;

/** Compiles arcade as {@linkcode compile} does. */
export function compileArcade(
  destination: string,
  options: Pick<CompileOptions, "release" | "target" | "replacements"> = {},
): Promise<Compiled> {
  return compile(`${import.meta.dirname}/../main.ts`, destination, {
    permissions: PERMISSION_FLAGS,
    files: ARCADE_FILES,
    prepare: markCommonFunctions,
    v8Flags: V8_FLAGS,
    hasNotices: true,
    ...options,
  });
}

/**
 * Compiles `entry` (a path) to the executable `destination` (a path).
 *
 * @returns the versions of the embedded Deno and of V8 in it, and the size of the bundled program in bytes.
 */
export async function compile(
  entry: string,
  destination: string,
  options: CompileOptions,
): Promise<Compiled> {
  const target = options.target ?? (options.release ? targetOfThisMachine() : undefined);
  let runtime: Uint8Array<ArrayBuffer> | undefined;
  if (options.release && target) {
    if (Deno.env.get("DENORT_BIN")) {
      throw new Error("DENORT_BIN names another runtime than a release embeds. Unset it");
    }
    const servers = options.release === true ? undefined : options.release;
    runtime = await verifiedDenort(target, servers);
  }
  // A separate folder: `deno compile` embeds any node_modules and package.json that it finds.
  const folder = await Deno.makeTempDir({ prefix: "arcade-build-" });
  try {
    const { main: mainName, packages } = await bundle(entry, folder, options.files);
    await options.prepare?.(folder, mainName);
    const main = `${folder}/${mainName}`;
    const parts = [...Deno.readDirSync(folder)].map(({ name }) => `${folder}/${name}`).sort();
    for (const [text, replacement] of Object.entries(options.replacements ?? {})) {
      replaceOnce(parts, text, replacement);
    }
    // The executable contains the order and times of its files, which must not differ between builds.
    for (const part of parts) await Deno.utime(part, 0, 0);
    const notices = `${folder}/${NOTICES_FILE}`;
    const included = [
      ...parts.filter((part) => part !== main),
      ...options.hasNotices ? [notices] : [],
    ];
    const writeNotices = async (runtime: Runtime) => {
      if (!options.hasNotices) return;
      await Deno.writeTextFile(notices, noticesOf(componentsOf(packages, runtime)));
      await Deno.utime(notices, 0, 0);
    };
    const sizes = await Promise.all(parts.map((part) => Deno.stat(part)));
    const programBytes = sizes.reduce((sum, { size }) => sum + size, 0);
    const argsFor = (target: Target | undefined) => [
      "compile",
      "--quiet",
      "--no-config",
      "--no-lock",
      "--no-check",
      // The cache would be a file in the temporary folder, where another user of the machine could put one first.
      "--no-code-cache",
      ...options.permissions,
      ...(options.v8Flags ? [`--v8-flags=${options.v8Flags.join()}`] : []),
      ...included.flatMap((path) => ["--include", path]),
      ...(target ? ["--target", target] : []),
      "--output",
      destination,
      main,
    ];
    const { deno, v8 } = Deno.version;
    if (runtime && target) {
      await writeNotices({ deno, v8 });
      // `deno compile` embeds the runtime that this variable names, and otherwise looks into its cache.
      await withFile(runtime, (path) => {
        const env = { DENORT_BIN: path };
        return output(Deno.execPath(), argsFor(options.target), { cwd: folder, env });
      });
      if (!containsRuntime(await Deno.readFile(destination), runtime, target)) {
        await Deno.remove(destination);
        throw new Error(`The executable for ${target} does not contain the verified runtime`);
      }
      return { deno, v8, runtimeSha256: await sha256(runtime), programBytes, packages };
    }
    try {
      await writeNotices({ deno, v8 });
      await output(Deno.execPath(), argsFor(options.target), { cwd: folder, timeoutMs: 120_000 });
      return { deno, v8, runtimeSha256: undefined, programBytes, packages };
    } catch (error) {
      // Loaded here, so that no release even loads it.
      const { denortFromRegistry } = await import("../.ci/runtime/denort.ts");
      const denort = await denortFromRegistry(options.target);
      if (!denort) throw error;
      const { path, deno, v8 } = denort;
      await writeNotices(denort);
      const env = { DENORT_BIN: path };
      const args = argsFor(denort.target);
      await output("npx", ["-y", `deno@${deno}`, ...args], { cwd: folder, env });
      return { deno, v8, runtimeSha256: denort.sha256, programBytes, packages };
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function withFile(
  content: Uint8Array<ArrayBuffer>,
  use: (path: string) => Promise<unknown>,
): Promise<void> {
  const path = await Deno.makeTempFile({ prefix: "arcade-denort-" });
  try {
    await Deno.writeFile(path, content);
    await use(path);
  } finally {
    await Deno.remove(path);
  }
}

/** Replaces a text within a string of one of these files, for any kind of quotes. */
function replaceOnce(paths: readonly string[], text: string, replacement: string): void {
  const literal = JSON.stringify(replacement).slice(1, -1).replace(/[`$]/g, "\\$&");
  const found = paths.filter((path) => {
    const [before, after, ...more] = Deno.readTextFileSync(path).split(text);
    if (after === undefined) return false;
    if (more.length > 0) throw new Error(`${text} stands more than once in ${path}`);
    Deno.writeTextFileSync(path, `${before}${literal}${after}`);
    return true;
  });
  if (found.length > 1) throw new Error(`${text} stands in ${found.length} files`);
}
