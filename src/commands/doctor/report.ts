/** The results of `doctor` for a bug report, without the names of users, projects, servers and folders. */

import { COMMIT } from "../../build.ts";
import { homeFolder } from "../../files/arcade_folder.ts";
import { isLoopback } from "../../hosts/address.ts";
import { identityFile } from "../../store/identity_file.ts";
import { privateTexts } from "../../telemetry/private_texts.ts";
import { printable } from "../../terminal/safe_text.ts";
import { VERSION } from "../../version.ts";
import type { Context } from "../context.ts";
import type { Finding } from "./findings.ts";

/** What stands for a name. */
const HIDDEN = "…";

/** The text, in Markdown. */
export async function reportOf(
  context: Context,
  found: readonly (Finding & { readonly check: string })[],
): Promise<string> {
  const { deno, v8 } = Deno.version;
  const hide = await hiding(context);
  return [
    `arcade ${VERSION} (${
      COMMIT ?? "unknown commit"
    }), Deno ${deno}, V8 ${v8}, ${Deno.build.target}`,
    "",
    ...found.map(({ check, status, message, names = [] }) =>
      `- ${status}: ${check}: ${printable(hide(message, names))}`
    ),
    "",
  ].join("\n");
}

/** Hides what is private in a message: names that the finding names, folders, hosts, and all that is stored or set. */
async function hiding(
  context: Context,
): Promise<(message: string, names: readonly string[]) => string> {
  const { env, files } = context;
  const places = [
    [env.ARCADE_IDENTITY_FILE && identityFile({ env, files }).path, "$ARCADE_IDENTITY_FILE"],
    [env.ARCADE_WORK_DIR && files.folder(), "$ARCADE_WORK_DIR"],
    [homeFolder(env), "~"],
  ] as const;
  const shortened = (text: string) =>
    places.reduce((rest, [path, name]) => path ? rest.replaceAll(path, () => name) : rest, text);
  const texts = [...await privateTexts(context, []), ...hostsIn(Object.values(env))]
    .filter((text) => text !== "").sort((a, b) => b.length - a.length);
  return (message, names) => {
    const named = names.filter((name) => name !== "").reduce(
      (text, name) => hideWord(text, name, shownPath(shortened(name))),
      message,
    );
    const shown = shortened(named).replace(PATH, shownPath).replace(ADDRESS, shownAddress);
    return texts.reduce((text, one) => hideWord(text, one, HIDDEN), shown);
  };
}

/** A path up to a blank. Those of the system tell nothing. */
const PATH = /(?<![\w.:/~$…])(?:~[/\\]|\/|[A-Za-z]:\\)[^\s,;:"'`()]+/g;
const OF_SYSTEM =
  /^(?:\/(?:usr|bin|sbin|snap|nix\/store|etc\/arcade|opt\/homebrew|home\/linuxbrew|Library\/Application Support\/Arcade)\/|C:\\(?:Program Files|ProgramData\\Arcade|Windows)\b)/;
/** Files of programs in the home folder, whose names are the same for all. */
const OF_PROGRAM = /^(?:~[/\\](?:\.|Library[/\\]|AppData[/\\])|\$ARCADE_)/;

function shownPath(path: string): string {
  return OF_SYSTEM.test(path) || OF_PROGRAM.test(path) ? path : HIDDEN;
}

const ADDRESS = /\b([a-z][a-z\d+.-]*:\/\/)[^\s,;"'`()<>]*[^\s,;:."'`()<>]/gi;

function shownAddress(address: string, scheme: string): string {
  const { hostname = "", origin = "" } = URL.parse(address) ?? {};
  const isPublic = isLoopback(hostname) || /(?:^|\.)(?:arcade\.dev|github\.com)$/.test(hostname);
  return isPublic ? origin : `${scheme}${HIDDEN}`;
}

/** The hosts of all addresses. */
function hostsIn(values: readonly unknown[]): string[] {
  return values.flatMap((value) => {
    const { host, hostname = "" } = typeof value === "string" ? URL.parse(value) ?? {} : {};
    return host === undefined || isLoopback(hostname) ? [] : [host, hostname];
  });
}

function hideWord(text: string, word: string, shown: string): string {
  if (!text.includes(word)) return text;
  const literal = word.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
  const edges = [String.raw`(?<![\p{L}\p{N}])`, String.raw`(?![\p{L}\p{N}])`];
  return text.replace(new RegExp(edges.join(literal), "gu"), () => shown);
}
