/** The error message of an event: the message that the user saw, without private data. */

import { Finder } from "../secrecy/redaction.ts";
import { MASK } from "../secrecy/sensitive.ts";

/** The maximum length of the message (docs/contracts.md, Telemetry). */
const MAX_CHARACTERS = 300;
/** The maximum length that is searched. */
const MAX_SEARCHED = 4 * MAX_CHARACTERS;

/**
 * Redacts a message: all given texts by the rules of src/secrecy/redaction.ts, their parts of four characters or more, and anything
 * that looks like an address, a host name, a token or an e-mail address. Arcade's own host names are not hidden. A word is hidden as a
 * whole, because the rest of it could reveal what was hidden and would not be understood.
 *
 * @returns at most 300 characters; only the mask when there are too many texts to search for.
 *
 * @example
 * ```ts
 * hidePrivate("No project alpha-7 at /home/jane", ["alpha-7", "/home/jane"]); // "No project [hidden] at [hidden]"
 * ```
 */
export function hidePrivate(message: string, texts: Iterable<string>): string {
  const finder = new Finder({ long: 4, part: 4 });
  for (const text of texts) finder.add(text);
  const looks = PATTERNS.reduce(
    (text, pattern) => text.replace(pattern, MASK),
    message.slice(0, MAX_SEARCHED),
  );
  const hidden = finder.hideIn(looks, MASK) ?? MASK;
  const whole = hidden.replace(RUNS, (run) => run.includes(MASK) ? MASK : run);
  return [...whole].slice(0, MAX_CHARACTERS).join("");
}

/** Words, with their hidden parts. */
const RUNS = /(?:[\p{L}\p{N}]|\[hidden\])+/gu;

const ARCADE_HOST = String.raw`(?:[a-z\d-]+\.)*arcade\.dev(?![\w.-])`;
/** The files of the Arcade folder, whose names look like host names. */
const ARCADE_FILE = String.raw`(?:credentials\.yaml|identity\.toml|usage(?:-\w+)?\.json)`;

const PATTERNS = [
  /[^\s@<>"'`(]+@[^\s@<>"'`)]+/g, // e-mail addresses, user info of a URL
  /(?<![\w.+/=-])(?=[\w.+/=-]*\d)[\w.+/=-]{20,}/g, // tokens and ids
  /(?<=https?:\/\/[^\s/]+\/)[^\s"'`)]+/g, // the path of a URL
  new RegExp(String.raw`(?<=https?://)(?!${ARCADE_HOST})[^\s/"'\x60)]+`, "gi"),
  /\[[\da-f:.]*:[\da-f:.]*\](?::\d+)?/gi, // IPv6 addresses
  /(?<![\w.-])\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?(?![\w.-])/g, // IPv4 addresses
  new RegExp(
    String
      .raw`(?<![\w.-])(?!${ARCADE_HOST}|${ARCADE_FILE})(?:[\p{L}\d_-]+\.)+\p{L}{2,}(?::\d+)?(?![\w-])`,
    "giu",
  ),
];
