/** Names of new servers. */

import { Failure } from "../../failure.ts";
import { shellWord } from "../../text/shell_word.ts";

/** A name that MCPApp of arcade-mcp-server, Python packages and tool names allow. */
const NAME = /^[a-z][a-z0-9]*(?:_[a-z0-9]+)*$/;
/** For models, tools are called `Server_Tool`, with at most 64 characters. */
const MAX_LENGTH = 40;
/** Folders that Windows does not allow. */
const DEVICES = /^(?:aux|con|nul|prn|com\d|lpt\d)$/;

/**
 * Requires a name that a server can have.
 *
 * @param dir the folder of the command, for the suggestion.
 * @throws {Failure} of kind `usage`.
 */
export function requireName(written: string, dir: string | undefined): string {
  if (isName(written)) return written;
  const isDevice = DEVICES.test(written);
  const parts = written.split(/[/\\]/);
  const last = parts.pop() ?? "";
  const name = isDevice ? `${last}_server` : corrected(last);
  const parent = dir ?? (parts.length > 0 ? parts.join("/") || "/" : undefined);
  throw new Failure(
    "usage",
    isDevice
      ? "Windows does not allow a folder with this name"
      : `A name has at most ${MAX_LENGTH} lowercase letters, digits and single underscores between ` +
        "them, and starts with a letter",
    {
      next: `Use \`arcade new ${name}${
        parent === undefined ? "" : ` --dir ${shellWord(parent)}`
      }\``,
    },
  );
}

function isName(text: string): boolean {
  return text.length <= MAX_LENGTH && NAME.test(text) && !DEVICES.test(text);
}

/** The name that a text suggests: `Weather-API v2` suggests `weather_api_v2`. */
function corrected(text: string): string {
  const name = text.slice(0, 2 * MAX_LENGTH)
    .normalize("NFKD").replace(/\p{M}/gu, "")
    .replace(/(?<=[a-z0-9])(?=[A-Z])/g, "_")
    .toLowerCase().replace(/[^a-z0-9]+/g, "_").replace(/^[^a-z]+/, "")
    .slice(0, MAX_LENGTH).replace(/_$/, "");
  return isName(name) ? name : "weather";
}
