/** A text for a bug report: what `doctor` found, without the names of people, projects and folders. */

import { COMMIT } from "../../build.ts";
import { homeFolder } from "../../files/arcade_folder.ts";
import { printable } from "../../terminal/safe_text.ts";
import { VERSION } from "../../version.ts";
import type { Context } from "../context.ts";
import type { Finding } from "./findings.ts";

/** The text, in Markdown. */
export function reportOf(
  { env }: Pick<Context, "env">,
  found: readonly (Finding & { readonly check: string })[],
): string {
  const { deno, v8 } = Deno.version;
  const home = homeFolder(env);
  const lines = found.map(({ check, status, message, names = [] }) => {
    const hidden = names.reduce((text, name) => name ? text.replaceAll(name, "…") : text, message);
    const short = home ? hidden.replaceAll(home, "~") : hidden;
    return `- ${status}: ${check}: ${printable(short)}`;
  });
  return [
    `arcade ${VERSION} (${
      COMMIT ?? "unknown commit"
    }), Deno ${deno}, V8 ${v8}, ${Deno.build.target}`,
    "",
    ...lines,
    "",
  ].join("\n");
}
