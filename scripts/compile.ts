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
}

/**
 * Compiles `entry` (a path) to the executable `destination` (a path).
 *
 * @returns the version of the embedded Deno.
 */
export async function compile(
  entry: string,
  destination: string,
  options: CompileOptions,
): Promise<string> {
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
      return Deno.version.deno;
    } catch (error) {
      if (options.release || options.target) throw error;
      const denort = await denortFromNpm();
      if (!denort) throw error;
      await output("npx", ["-y", `deno@${FALLBACK_DENO}`, ...args], {
        cwd: folder,
        env: { DENORT_BIN: denort },
      });
      return FALLBACK_DENO;
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
