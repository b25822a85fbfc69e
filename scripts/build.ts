/**
 * `deno task build [--release] [--target TARGET] [PATH]`: builds one executable, by default dist/arcade, or
 * dist/TARGET/arcade. `--release` embeds the current Deno from its download server, or fails. `ARCADE_POSTHOG_KEY`,
 * `ARCADE_POSTHOG_HOST`, `ARCADE_REPOSITORY` and `ARCADE_RELEASE_KEYS` are baked in. Without them the executable sends no
 * telemetry, and has no repository for updates and bug reports.
 */

import { parseArgs } from "node:util";
import { writeAll } from "../src/system/write_all.ts";
import { readSettings, replacementsOf } from "./build_settings.ts";
import { compileArcade } from "./compile.ts";
import { isTarget, osOf, TARGETS } from "./targets.ts";

const root = `${import.meta.dirname}/../`;
try {
  writeAll(Deno.stdout, `${await build()}\n`);
} catch (error) {
  const reason = error instanceof Error ? error.message : String(error);
  writeAll(Deno.stderr, `Error: Nothing was built: ${reason}\n`);
  Deno.exit(1);
}

/** Builds the requested executable, and returns a description on one line. */
async function build(): Promise<string> {
  const { values, positionals } = parseArgs({
    args: Deno.args,
    allowPositionals: true,
    options: { release: { type: "boolean", default: false }, target: { type: "string" } },
  });
  const { release, target } = values;
  if (target !== undefined && !isTarget(target)) {
    throw new Error(`${target} is not a platform. Choose one of ${TARGETS.join(", ")}`);
  }
  const suffix = (target ? osOf(target) : Deno.build.os) === "windows" ? ".exe" : "";
  const path = positionals[0] ?? `dist/${target ? `${target}/` : ""}arcade${suffix}`;
  const destination = positionals[0] ?? root + path;
  if (!positionals[0]) await Deno.mkdir(destination.replace(/[^/]+$/, ""), { recursive: true });
  const { deno, programBytes } = await compileArcade(destination, {
    replacements: replacementsOf(await readSettings()),
    release,
    ...(target && { target }),
  });
  const { size } = await Deno.stat(destination);
  const megabytes = (bytes: number) => (bytes / 1_000_000).toFixed(2);
  const note = deno === Deno.version.deno ? "" : " (not for release)";
  return `${path}: ${megabytes(size)} MB with Deno ${deno}, ${
    megabytes(programBytes)
  } MB of it arcade and its libraries${note}`;
}
