/**
 * Redacts tokens, values and names in messages from outside, such as the error message of a server. In data, `redactData`
 * (sensitive.ts) hides whole tokens and values only.
 *
 * The rules:
 * - A long text is found anywhere, in any case, and in the encodings in which servers repeat it: URL, form, JSON (also nested),
 *   Python's `repr`, HTML, base64 and hexadecimal.
 * - A short text is found only as a whole word. Within words it would match everywhere, and the rest of the word would reveal it.
 *   On the terminal, a word such as `production` counts as short, and a part of a name such as `PRODUCTION_DB_URL` as within a
 *   word, because names must stay.
 * - Names that the process works with stay on the terminal, even those that are equal to a value.
 * - A part of a long text counts too: the terminal then omits the whole message, and telemetry hides the part.
 */

import { hex, inUrlAlphabet } from "../text/encoding.ts";
import { escapeHtml } from "../text/html.ts";
import { keptNames, LONG, MASK, NAME_EDGES, ORDINARY_WORD, Sensitive } from "./sensitive.ts";

/** The settings of the search. */
export interface Thresholds {
  /** The minimum length of a long text. */
  readonly long: number;
  /** The minimum length of a part of a long text. */
  readonly part: number;
  /** The names that are not hidden; undefined if texts are hidden in names too. */
  readonly names?: () => ReadonlySet<string>;
}

/** A place in a message, from `start` up to `end`. */
interface Place {
  readonly start: number;
  readonly end: number;
}

/** Finds texts, their encodings and their parts in messages. */
export class Finder {
  readonly #thresholds: Thresholds;
  /** The encodings of long texts, in lower case. */
  readonly #wholes = new Set<string>();
  /** All their parts of the minimum length. */
  readonly #parts = new Set<string>();
  readonly #words = new Set<string>();
  /** The number of characters added. */
  #size = 0;

  constructor(thresholds: Thresholds) {
    this.#thresholds = thresholds;
  }

  add(text: string): void {
    const plain = text.trim().toWellFormed();
    if (plain === "") return;
    this.#size += plain.length;
    if (this.#size > MAX_CHARACTERS) return;
    const { long, part, names } = this.#thresholds;
    const isOrdinary = names !== undefined && ORDINARY_WORD.test(plain);
    for (const form of formsOf(plain)) {
      const isWord = isOrdinary && form.includes(withoutCase(plain)); // not its base64
      if (plain.length < long || isWord) this.#words.add(form);
      else {
        this.#wholes.add(form);
        for (let i = 0; i + part <= form.length; i++) this.#parts.add(form.slice(i, i + part));
      }
    }
  }

  /**
   * The message without the texts.
   *
   * @param onPart the replacement for a part; undefined to omit the whole message.
   */
  hideIn(message: string, onPart: string | undefined): string | undefined {
    if (this.#size > MAX_CHARACTERS) return onPart;
    const hidden = this.#hideLong(message, onPart);
    if (hidden === undefined) return undefined;
    const words = [...this.#words].sort((a, b) => b.length - a.length);
    return words.reduce((text, word) => this.#hideWord(text, word), hidden)
      .replaceAll(masksInARow(), MASK);
  }

  /** Hides a short text where it is a whole word. */
  #hideWord(message: string, word: string): string {
    const literal = word.replace(LITERAL, "\\$&");
    let isName: ((place: Place) => boolean) | undefined;
    const [before, after] = this.#thresholds.names ? NAME_EDGES : WORD_EDGES;
    return message.replace(
      new RegExp(`${before}${literal}${after}`, "giu"),
      (found: string, start: number) => {
        isName ??= this.#namesIn(message);
        return isName({ start, end: start + found.length }) ? found : MASK;
      },
    );
  }

  /** Whether a place in the message is in a name that is not hidden. */
  #namesIn(message: string): (place: Place) => boolean {
    const [before, after] = NAME_EDGES;
    const places = [...this.#thresholds.names?.() ?? []].filter((name) => message.includes(name))
      .flatMap((name): Place[] => {
        const whole = new RegExp(`${before}${name.replace(LITERAL, "\\$&")}${after}`, "gu");
        return [...message.matchAll(whole)].map(({ index }) => ({
          start: index,
          end: index + name.length,
        }));
      });
    return ({ start, end }) => places.some((name) => name.start <= start && end <= name.end);
  }

  #hideLong(message: string, onPart: string | undefined): string | undefined {
    const { part } = this.#thresholds;
    const lower = withoutCase(message);
    // Some letters change their length with the case; the message is then shown in lower case.
    const source = lower.length === message.length ? message : lower;
    let isName: ((place: Place) => boolean) | undefined;
    let shown = "";
    for (let i = 0; i < source.length;) {
      let end = i + part;
      if (end > source.length || !this.#parts.has(lower.slice(i, end))) {
        shown += source.charAt(i++);
        continue;
      }
      while (end < source.length && this.#parts.has(lower.slice(end - part + 1, end + 1))) end++;
      isName ??= source === message ? this.#namesIn(message) : () => false;
      const replacement = isName({ start: i, end })
        ? source.slice(i, end)
        : this.#wholes.has(lower.slice(i, end))
        ? MASK
        : onPart;
      if (replacement === undefined) return undefined;
      shown += replacement;
      i = end;
    }
    return shown;
  }
}

/** Characters with a meaning in regular expressions. */
const LITERAL = /[\\^$.*+?()[\]{}|/]/g;
/** No letter or digit before and after a word. */
const WORD_EDGES = [String.raw`(?<![\p{L}\p{N}])`, String.raw`(?![\p{L}\p{N}])`] as const;

/** Searching for more takes too long, so messages are omitted instead. */
const MAX_CHARACTERS = 100_000;
/** Several masks in a row. Not a literal, because parsing these character sets would slow down every command. */
const masksInARow = () =>
  new RegExp(String.raw`\[hidden\](?:[^\p{L}\p{N}\s]{0,2}\[hidden\])+`, "gu");

/** The thresholds for the terminal. */
const SHOWN: Thresholds = { long: LONG, part: 6, names: keptNames };
const secrets = new Finder(SHOWN);
let known = 0;

/**
 * Redacts a text from outside: hides the tokens and values of this process.
 *
 * @returns undefined if the text may contain a part of one.
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

/** A text and the encodings in which servers repeat it, in lower case. */
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
    asciiOf(json), // Python's json.dumps()
    escapeHtml(text),
    inHexadecimal(text),
    ...inBase64(text),
  ];
  return new Set(forms.map(withoutCase));
}

/** JSON with everything but ASCII escaped. */
function asciiOf(json: string): string {
  return json.replace(
    /[^\0-\x7f]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function inHexadecimal(text: string): string {
  return hex(new TextEncoder().encode(text));
}

/** A text in base64, at every alignment, and in the alphabet for URLs. */
function inBase64(text: string): string[] {
  const bytes = Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte));
  const forms = [0, 1, 2].map((before) => {
    const encoded = btoa("\0".repeat(before) + bytes.join(""));
    return encoded.slice(before === 0 ? 0 : before + 1); // without the bits of the preceding bytes
  });
  const forUrls = forms.map(inUrlAlphabet);
  return [...forms, ...forUrls].flatMap((form) => [form, form.replace(/=+$/, "")]);
}

/** A text with its case folded. Upper case first, because some lower-case letters map to several upper-case ones. */
function withoutCase(text: string): string {
  return text.toUpperCase().toLowerCase().replaceAll("ς", "σ");
}
