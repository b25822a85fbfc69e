/** What an event tells of a failure: the sentence that the user saw, without anything that is theirs. */

import { Finder } from "../redaction.ts";
import { MASK } from "../sensitive.ts";

/** At most so many characters are told (design, telemetry). */
const MAX_CHARACTERS = 300;
/** So much of a message is looked through. */
const MAX_SEARCHED = 4 * MAX_CHARACTERS;

/**
 * Hides what is private in a message: every text that was typed or stored, by the rules of src/redaction.ts and every part of
 * it with four characters or more; and whatever looks like an address, a host name, a token or an e-mail address. Arcade's own
 * host names stay.
 *
 * @returns at most 300 characters; nothing of the message when there is so much to hide that looking for it would take long.
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
  return [...hidden].slice(0, MAX_CHARACTERS).join("");
}

const ARCADE_HOST = String.raw`(?:[a-z\d-]+\.)*arcade\.dev(?![\w.-])`;
/** The files of the Arcade folder, whose names look like those of hosts. */
const ARCADE_FILE = String.raw`(?:credentials\.yaml|identity\.toml|usage(?:-\w+)?\.json)`;

const PATTERNS = [
  /[^\s@<>"'`(]+@[^\s@<>"'`)]+/g, // e-mail addresses, user info of an address
  /(?<![\w.+/=-])(?=[\w.+/=-]*\d)[\w.+/=-]{20,}/g, // tokens and ids
  /(?<=https?:\/\/[^\s/]+)\/[^\s"'`)]*/g, // what follows the host of an address
  new RegExp(String.raw`(?<=https?://)(?!${ARCADE_HOST})[^\s/"'\x60)]+`, "gi"),
  /\[[\da-f:.]*:[\da-f:.]*\](?::\d+)?/gi, // IPv6 addresses
  /(?<![\w.-])\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?(?![\w.-])/g, // IPv4 addresses
  new RegExp(
    String
      .raw`(?<![\w.-])(?!${ARCADE_HOST}|${ARCADE_FILE})(?:[\p{L}\d_-]+\.)+\p{L}{2,}(?::\d+)?(?![\w-])`,
    "giu",
  ),
];
