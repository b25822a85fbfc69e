/** What an event tells of a failure: the sentence that the user saw, without anything that is theirs. */

import { MASK } from "../sensitive.ts";

/** At most so many characters are told (design, telemetry). */
const MAX_CHARACTERS = 300;
/** A part of what is private that is at least so long is hidden too. */
const PART = 4;
/** So much can be looked through without a delay that anybody notices. */
const MAX_PRIVATE_CHARACTERS = 200_000;

/**
 * Hides what is private in a message: every text that was typed or stored, every part of it with four characters or more,
 * and the forms in which servers repeat it (in a URL, in JSON, in base64, in other cases of letters). Beyond that, whatever
 * looks like an address, a token or an e-mail address.
 *
 * @returns at most 300 characters; nothing of the message when there is so much to hide that looking for it would take long.
 *
 * @example
 * ```ts
 * hidePrivate("No project alpha-7 at /home/jane", ["alpha-7", "/home/jane"]); // "No project [hidden] at [hidden]"
 * ```
 */
export function hidePrivate(message: string, texts: Iterable<string>): string {
  const all = [...new Set(texts)];
  if (all.reduce((sum, { length }) => sum + length, 0) > MAX_PRIVATE_CHARACTERS) return MASK;
  const forms = new Set(all.flatMap(formsOf));
  const long = [...forms].filter((form) => form.length >= PART).join("\n");
  const looks = PATTERNS.reduce((text, pattern) => text.replace(pattern, MASK), message);
  const parts = hideParts(looks, long);
  const short = [...forms].filter((form) => form !== "" && form.length < PART);
  const hidden = short.reduce(hideWord, parts).replaceAll(RUN, MASK);
  return [...hidden].slice(0, MAX_CHARACTERS).join("");
}

const PATTERNS = [
  /[^\s@<>"'`(]+@[^\s@<>"'`)]+/g, // e-mail addresses, user info of an address
  /(?<![\w.+/=-])(?=[\w.+/=-]*\d)[\w.+/=-]{20,}/g, // tokens and ids
  /(?<=https?:\/\/[^\s/]+)\/[^\s"'`)]*/g, // what follows the host of an address
];
const RUN = /\[hidden\](?:[^\p{L}\p{N}\s]{0,2}\[hidden\])+/gu;

/** A text and the forms in which servers repeat it, without case. */
function formsOf(text: string): string[] {
  const plain = text.trim().toWellFormed();
  if (plain === "") return [];
  const forms = [
    plain,
    encodeURIComponent(plain),
    JSON.stringify(plain).slice(1, -1),
    ...inBase64(plain),
  ];
  return forms.map(withoutCase);
}

/** A text in base64, for whatever stands before it there, and in the alphabet for URLs. */
function inBase64(text: string): string[] {
  const bytes = Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte));
  const forms = [0, 1, 2].map((before) => {
    const encoded = btoa("\0".repeat(before) + bytes.join(""));
    return encoded.slice(before === 0 ? 0 : before + 1); // what is only of this text
  });
  const forUrls = forms.map((form) => form.replaceAll("+", "-").replaceAll("/", "_"));
  return [...forms, ...forUrls];
}

/** Hides every run of characters that also stands in `haystack`, which is without case. */
function hideParts(message: string, haystack: string): string {
  const lower = withoutCase(message);
  if (lower.length !== message.length) return hideParts(lower, haystack); // ß becomes two
  let shown = "";
  for (let i = 0; i < message.length;) {
    let end = i + PART;
    if (end > message.length || !haystack.includes(lower.slice(i, end))) {
      shown += message.charAt(i++);
      continue;
    }
    while (end < message.length && haystack.includes(lower.slice(end - PART + 1, end + 1))) end++;
    shown += MASK;
    i = end;
  }
  return shown;
}

/** Whatever case a text was written in; some small letters become several capital ones. */
function withoutCase(text: string): string {
  return text.toUpperCase().toLowerCase().replaceAll("ς", "σ");
}

/** Hides a short text where it is a word of its own, for within words it would be anywhere. */
function hideWord(message: string, word: string): string {
  const literal = word.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
  return message.replace(
    new RegExp(`(?<![\\p{L}\\p{N}])${literal}(?![\\p{L}\\p{N}])`, "giu"),
    MASK,
  );
}
