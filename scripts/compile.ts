/** Bundling and compiling a program into one executable, on machines that reach Deno's CDN and on those that do not. */

import { denortFromNpm, FALLBACK_DENO } from "./denort.ts";
import { output } from "./process.ts";

export interface CompileOptions {
  /** The permissions that are baked in. */
  readonly permissions: readonly string[];
  /** A release embeds the runtime of the Deno that runs this, from its CDN, and nothing else will do. */
  readonly release?: boolean;
  /** A platform that `deno compile --target` knows; releases only. */
  readonly target?: string;
  /** Texts of the program that are replaced, each of which stands there once. */
  readonly replacements?: Readonly<Record<string, string>>;
}

/**
 * Compiles `entry` (a path) to the executable `destination` (a path).
 *
 * @returns the version of the embedded Deno, and the size of the bundled program in bytes.
 */
export async function compile(
  entry: string,
  destination: string,
  options: CompileOptions,
): Promise<{ readonly deno: string; readonly programBytes: number }> {
  // A folder of its own: `deno compile` embeds any node_modules and package.json that it sees.
  const folder = await Deno.makeTempDir({ prefix: "arcade-build-" });
  try {
    await output(Deno.execPath(), [
      "bundle",
      "--quiet",
      "--code-splitting",
      "--minify",
      "--outdir",
      folder,
      entry,
    ]);
    const main = `${folder}/${entry.slice(entry.lastIndexOf("/") + 1).replace(/\.ts$/, ".js")}`;
    const parts = [...Deno.readDirSync(folder)].map(({ name }) => `${folder}/${name}`);
    for (const [text, replacement] of Object.entries(options.replacements ?? {})) {
      replaceOnce(parts, text, replacement);
    }
    const sizes = await Promise.all(parts.map((part) => Deno.stat(part)));
    const programBytes = sizes.reduce((sum, { size }) => sum + size, 0);
    const args = [
      "compile",
      "--quiet",
      "--no-config",
      "--no-lock",
      "--no-check",
      // The cache would be a file in the folder for temporary files, where on a shared machine somebody else can put one first.
      "--no-code-cache",
      ...options.permissions,
      ...parts.filter((part) => part !== main).flatMap((part) => ["--include", part]),
      ...(options.target ? ["--target", options.target] : []),
      "--output",
      destination,
      main,
    ];
    try {
      await output(Deno.execPath(), args, { cwd: folder, timeoutMs: 120_000 });
      return { deno: Deno.version.deno, programBytes };
    } catch (error) {
      if (options.release || options.target) throw error;
      const denort = await denortFromNpm();
      if (!denort) throw error;
      await output("npx", ["-y", `deno@${FALLBACK_DENO}`, ...args], {
        cwd: folder,
        env: { DENORT_BIN: denort },
      });
      return { deno: FALLBACK_DENO, programBytes };
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Replaces a text within a string of one of these files. */
function replaceOnce(paths: readonly string[], text: string, replacement: string): void {
  const literal = JSON.stringify(replacement).slice(1, -1);
  const found = paths.filter((path) => {
    const [before, after, ...more] = Deno.readTextFileSync(path).split(text);
    if (after === undefined) return false;
    if (more.length > 0) throw new Error(`${text} stands more than once in ${path}`);
    Deno.writeTextFileSync(path, `${before}${literal}${after}`);
    return true;
  });
  if (found.length !== 1) throw new Error(`${text} stands in ${found.length} places`);
}
