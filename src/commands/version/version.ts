import { COMMIT, RELEASE_KEYS, REPOSITORY } from "../../build.ts";
import { writeLabeledLines } from "../../terminal/labeled_lines.ts";
import { VERSION } from "../../version.ts";
import type { Context } from "../context.ts";
import type { JsonFlag } from "../shared/flags.ts";
import { writeJson } from "../shared/json.ts";

export interface VersionFlags extends JsonFlag {
  readonly verbose?: boolean;
}

/** Shows the version of arcade, and details on request. */
export function showVersion(context: Context, flags: VersionFlags): void {
  const { deno, v8 } = Deno.version;
  const { target } = Deno.build;
  if (flags.json) {
    return writeJson(context, {
      version: VERSION,
      commit: COMMIT ?? null,
      deno,
      v8,
      target,
      repository: REPOSITORY ?? null,
      release_keys: RELEASE_KEYS,
    });
  }
  if (!flags.verbose) return context.io.stdout.write(`${VERSION}\n`);
  writeLabeledLines(context.io.stdout, [
    ["Version", VERSION],
    ["Commit", COMMIT ?? "unknown"],
    ["Deno", deno],
    ["V8", v8],
    ["Target", target],
    ["Repository", REPOSITORY ?? "none"],
    ["Release keys", RELEASE_KEYS.join(", ") || "none"],
  ]);
}
