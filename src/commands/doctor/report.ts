/** The results of `doctor` for a bug report, without the names of users, projects and folders. */

import { COMMIT } from "../../build.ts";
import { homeFolder } from "../../files/arcade_folder.ts";
import { identityFile } from "../../store/identity_file.ts";
import { printable } from "../../terminal/safe_text.ts";
import { VERSION } from "../../version.ts";
import type { Context } from "../context.ts";
import type { Finding } from "./findings.ts";

/** The text, in Markdown. */
export function reportOf(
  { env, files }: Pick<Context, "env" | "files">,
  found: readonly (Finding & { readonly check: string })[],
): string {
  const { deno, v8 } = Deno.version;
  const home = homeFolder(env);
  const places = [
    [env.ARCADE_IDENTITY_FILE && identityFile({ env, files }).path, "$ARCADE_IDENTITY_FILE"],
    [env.ARCADE_WORK_DIR && files.folder(), "$ARCADE_WORK_DIR"],
    [home, "~"],
  ] as const;
  const lines = found.map(({ check, status, message, names = [] }) => {
    const hidden = names.reduce((text, name) => name ? text.replaceAll(name, "…") : text, message);
    const short = places.reduce(
      (text, [path, name]) => path ? text.replaceAll(path, () => name) : text,
      hidden,
    );
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
