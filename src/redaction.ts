/**
 * Takes tokens, values and names out of texts that others wrote, such as a server's reason for a refusal.
 *
 * The rules:
 * - A long text is found wherever it stands, in any case of letters, and in the forms in which servers repeat it: in a URL, in
 *   a form, in JSON (twice too), in Python's `repr`, in HTML and in base64.
 * - A short text is found where it is a word. Within words it would be anywhere, and what is left of the word would tell it.
 * - A part of a long text counts as well: on the terminal the whole message is left out then, in telemetry the part is hidden.
 */

import { MASK, Sensitive } from "./sensitive.ts";

/** What is found, and how much of it is enough. */
export interface Thresholds {
  /** A text of so many characters is long. */
  readonly long: number;
  /** So many characters of a long text, one after the other, are a part of it. */
  readonly part: number;
}

/** Finds texts, their forms and their parts in messages. */
export class Finder {
  readonly #thresholds: Thresholds;
  /** The forms of long texts, without case. */
  readonly #wholes = new Set<string>();
  /** All their parts of the shortest length. */
  readonly #parts = new Set<string>();
  readonly #words = new Set<string>();
  /** How many characters were added. */
  #size = 0;

  constructor(thresholds: Thresholds) {
    this.#thresholds = thresholds;
  }

  get size(): number {
    return this.#size;
  }

  add(text: string): void {
    const plain = text.trim().toWellFormed();
    if (plain === "") return;
    this.#size += plain.length;
    if (this.#size > MAX_CHARACTERS) return;
    const { long, part } = this.#thresholds;
    for (const form of formsOf(plain)) {
      if (plain.length < long) this.#words.add(form);
      else {
        this.#wholes.add(form);
        for (let i = 0; i + part <= form.length; i++) this.#parts.add(form.slice(i, i + part));
      }
    }
  }

  /**
   * The message without the texts.
   *
   * @param onPart what stands in the place of a part; undefined to leave out the message.
   */
  hideIn(message: string, onPart: string | undefined): string | undefined {
    if (this.#size > MAX_CHARACTERS) return onPart;
    const hidden = this.#hideLong(message, onPart);
    if (hidden === undefined) return undefined;
    const words = [...this.#words].sort((a, b) => b.length - a.length);
    return words.reduce(hideWord, hidden).replaceAll(masksInARow(), MASK);
  }

  #hideLong(message: string, onPart: string | undefined): string | undefined {
    const { part } = this.#thresholds;
    const lower = withoutCase(message);
    // One letter becomes two in some languages, and then the message is shown without case.
    const source = lower.length === message.length ? message : lower;
    let shown = "";
    for (let i = 0; i < source.length;) {
      let end = i + part;
      if (end > source.length || !this.#parts.has(lower.slice(i, end))) {
        shown += source.charAt(i++);
        continue;
      }
      while (end < source.length && this.#parts.has(lower.slice(end - part + 1, end + 1))) end++;
      const replacement = this.#wholes.has(lower.slice(i, end)) ? MASK : onPart;
      if (replacement === undefined) return undefined;
      shown += replacement;
      i = end;
    }
    return shown;
  }
}

/** More than this could not be looked for without a delay, so nothing of a message is shown then. */
const MAX_CHARACTERS = 100_000;
/** Several masks in a row. No literal, for parsing one with such sets takes time that every command would pay. */
const masksInARow = () =>
  new RegExp(String.raw`\[hidden\](?:[^\p{L}\p{N}\s]{0,2}\[hidden\])+`, "gu");

/** On the terminal. */
const SHOWN: Thresholds = { long: 8, part: 6 };
const secrets = new Finder(SHOWN);
let known = 0;

/**
 * Data from outside, such as a name in a list, without the long tokens and values of this process. Only whole ones are looked
 * for, since the rest of the data has to stay and most of it is harmless.
 */
export function redactData(text: string): string {
  let shown = text;
  for (const secret of Sensitive.all()) {
    if (secret.length >= SHOWN.long && shown.includes(secret)) {
      shown = shown.replaceAll(secret, MASK);
    }
  }
  return shown;
}

/**
 * A text from outside without the tokens and values of this process.
 *
 * @returns undefined where a part of one may be in it.
 *
 * @example
 * ```ts
 * new Sensitive("sk_live_1234");
 * redact("Bad value: SK_LIVE_1234"); // "Bad value: [hidden]"
 * redact("Bad value: sk_live_…"); // undefined
 * ```
 */
export function redact(text: string): string | undefined {
  const all = Sensitive.all();
  if (all.size > known) {
    for (const one of [...all].slice(known)) secrets.add(one);
    known = all.size;
  }
  return secrets.hideIn(text, undefined);
}

/** A text and the forms in which servers repeat it, without case. */
function formsOf(text: string): Set<string> {
  const json = JSON.stringify(text).slice(1, -1);
  const url = encodeURIComponent(text);
  const strictUrl = url.replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16)}`); // RFC 3986
  const forms = [
    text,
    url,
    strictUrl,
    strictUrl.replaceAll("%2F", "/"), // Python's quote()
    strictUrl.replaceAll("%20", "+"),
    new URLSearchParams([["", text]]).toString().slice(1), // in a form
    json,
    JSON.stringify(json).slice(1, -1),
    json.replaceAll('\\"', '"'),
    json.replaceAll('\\"', '"').replaceAll("'", "\\'"),
    text.replace(/[&<>"']/g, (character) => HTML_ENTITIES[character] ?? ""),
    ...inBase64(text),
  ];
  return new Set(forms.map(withoutCase));
}

const HTML_ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** A text in base64, for whatever stands before it there, and in the alphabet for URLs. */
function inBase64(text: string): string[] {
  const bytes = Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte));
  const forms = [0, 1, 2].map((before) => {
    const encoded = btoa("\0".repeat(before) + bytes.join(""));
    return encoded.slice(before === 0 ? 0 : before + 1); // what is only of this text
  });
  const forUrls = forms.map((form) => form.replaceAll("+", "-").replaceAll("/", "_"));
  return [...forms, ...forUrls].flatMap((form) => [form, form.replace(/=+$/, "")]);
}

/** Whatever case a text was written in; some small letters become several capital ones. */
function withoutCase(text: string): string {
  return text.toUpperCase().toLowerCase().replaceAll("ς", "σ");
}

/** Hides a short text where it is a word. */
function hideWord(message: string, word: string): string {
  const literal = word.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
  return message.replace(
    new RegExp(`(?<![\\p{L}\\p{N}])${literal}(?![\\p{L}\\p{N}])`, "giu"),
    MASK,
  );
}
