/** An authorization, as `auth` shows it. */

import type { Authorization } from "../../contract/grants.ts";
import { Failure } from "../../failure.ts";
import { writeLabeledLines } from "../../terminal/labeled_lines.ts";
import { shellWord } from "../../text/shell_word.ts";
import type { Context } from "../context.ts";
import type { JsonFlag } from "../shared/flags.ts";
import { writeJson } from "../shared/json.ts";
import { sameProject } from "../shared/same_project.ts";

/** Prints an authorization. */
export function writeAuthorization(
  context: Context,
  { json }: JsonFlag,
  { id, status, provider, scopes, user, url }: Authorization,
): void {
  if (json) {
    return writeJson(context, {
      id,
      status,
      provider: provider ?? null,
      scopes,
      user: user ?? null,
      url: url ?? null,
    });
  }
  writeLabeledLines(context.io.stdout, [
    ["ID", id || "-"],
    ["Status", status],
    ["Provider", provider ?? "-"],
    ["Scopes", scopes.join(" ") || "-"],
    ["User", user ?? "-"],
    ...url === undefined ? [] : [["Page", url] as const],
  ]);
}

/**
 * Requires that an authorization that was waited for is completed.
 *
 * @throws {Failure} of kind `grant-needed`.
 */
export function requireCompleted(
  { id, status, url }: Authorization,
  flags: Parameters<typeof sameProject>[0],
): void {
  if (status === "completed") return;
  throw status === "failed"
    ? new Failure("grant-needed", "The grant was refused", {
      next: `Ask again with \`arcade auth start${sameProject(flags)}\``,
    })
    : new Failure("grant-needed", "The user has not responded yet", {
      next: `${url === undefined ? "W" : `Open ${url}, and w`}ait with \`arcade auth status ${
        shellWord(id)
      }${sameProject(flags)} --wait\``,
    });
}
