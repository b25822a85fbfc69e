import { aborted } from "../system/waiting.ts";
import { counted, type Measure, measureFor } from "../text/prose.ts";
import { ESCAPE_SEQUENCE, hasText, PASTE_PAUSE_MS, type Terminal } from "./keyboard.ts";
import { printable } from "./safe_text.ts";
import type { Output } from "./streams.ts";

/** What the user did at a prompt. */
export type Answer =
  | { readonly kind: "text"; readonly text: string }
  /** Several lines were pasted on a terminal that does not mark a paste, so the answer may be incomplete. */
  | { readonly kind: "several-lines" }
  | { readonly kind: "not-utf8" }
  | { readonly kind: "too-long" }
  | { readonly kind: "interrupted" };

/**
 * Asks for a value on a terminal without showing it or its length, and says how many lines it took. A paste may have several
 * lines. Backspace, Ctrl-U and Ctrl-W work; Ctrl-C, and Ctrl-D on an empty line, return `interrupted`.
 */
export async function askHidden(terminal: Terminal, question: string): Promise<Answer> {
  const { output } = terminal;
  const answer = await readAnswer(terminal, {
    begin: () => Promise.resolve(output.write(BRACKETED_PASTE_ON + question)),
    end: () => output.write(BRACKETED_PASTE_OFF),
  });
  output.write(answer.kind === "text" ? `${countedLines(answer.text)}\n` : "\n");
  return answer;
}

/** Asks for one line, and shows what is typed: the end of it, if the terminal is too narrow. */
export async function ask(terminal: Terminal, question: string): Promise<Answer> {
  const { output } = terminal;
  const row = new Row(output);
  const answer = await readAnswer(terminal, {
    begin: () => row.begin(question),
    change: (text) => row.show(text),
  });
  output.write("\n");
  return answer;
}

function countedLines(text: string): string {
  if (text === "") return "";
  return counted(text.replace(/\n$/, "").split("\n").length, "line");
}

async function readAnswer(
  { keyboard, signal }: Terminal,
  show: {
    readonly begin: () => Promise<void>;
    readonly change?: (text: string) => Promise<void>;
    readonly end?: () => void;
  },
): Promise<Answer> {
  // Input after the answer to the previous prompt belongs to that answer.
  if (await keyboard.hasMore()) return { kind: "several-lines" };
  const ended = aborted(signal);
  const line = new Line();
  keyboard.begin();
  try {
    await show.begin();
    while (!line.isComplete) {
      const bytes = await keyboard.next(ended);
      if (bytes === undefined) return { kind: "interrupted" };
      line.take(bytes);
      await show.change?.(line.text);
    }
    const dropped = await keyboard.drop(line.pauseMs, signal);
    return signal?.aborted ? { kind: "interrupted" } : line.answer(dropped);
  } finally {
    show.end?.();
    keyboard.end();
  }
}

/** How long to wait for more after a line that was probably typed by hand. */
const TYPED_PAUSE_MS = 300;
/** The same limit as for other input. */
const MAX_CHARACTERS = 16 * 1024 * 1024;

/** A line that is being typed, with the editing that a terminal otherwise does. */
class Line {
  text = "";
  isComplete = false;
  /** Whether the terminal has marked a paste. */
  #marksPastes = false;
  /** Whether several letters came at once, as in a paste without marks. */
  #isBurst = false;
  #isPasting = false;
  #isInterrupted = false;
  #isUtf8 = true;
  /** Unprocessed keys: the start of an escape sequence, or input after a complete line. */
  #typed = "";
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  readonly #strict = new TextDecoder("utf-8", { fatal: true });

  /** Adds typed bytes; null at the end of the input. */
  take(bytes: Uint8Array | null): void {
    this.#decode(bytes);
    if (bytes === null) {
      this.isComplete = true;
      this.#isInterrupted = this.text === "";
      return;
    }
    const before = this.text.length;
    let at = 0;
    while (at < this.#typed.length && !this.isComplete) {
      const length = this.#key(at);
      if (length === 0) break; // an incomplete escape sequence
      at += length;
    }
    if (this.text.length > before + 2) this.#isBurst = true; // one letter may have two code units
    this.#typed = this.#typed.slice(at);
  }

  /** How long another line may take to come after this one. None follows a marked paste: Enter was pressed after all of it. */
  get pauseMs(): number {
    if (this.#marksPastes) return 0;
    return this.#isBurst ? PASTE_PAUSE_MS : TYPED_PAUSE_MS;
  }

  /** @param dropped the input after the line. */
  answer(dropped: string): Answer {
    const rest = this.#typed + dropped;
    if (this.#isInterrupted || rest.includes(CTRL_C)) return { kind: "interrupted" };
    if (hasText(rest)) return { kind: "several-lines" };
    if (!this.#isUtf8) return { kind: "not-utf8" };
    if (this.text.length > MAX_CHARACTERS) return { kind: "too-long" };
    return { kind: "text", text: this.text.replace(/\r\n?/g, "\n") };
  }

  #decode(bytes: Uint8Array | null): void {
    if (bytes !== null) this.#typed += this.#decoder.decode(bytes, { stream: true });
    if (!this.#isUtf8) return;
    try {
      if (bytes === null) this.#strict.decode();
      else this.#strict.decode(bytes, { stream: true });
    } catch {
      this.#isUtf8 = false;
    }
  }

  /** Processes the key at a place, and returns its length; 0 if it is incomplete. */
  #key(at: number): number {
    if (this.#typed[at] === ESCAPE) return this.#escape(at);
    const character = String.fromCodePoint(this.#typed.codePointAt(at) ?? 0);
    // Ctrl-C works even if a terminal never marks the end of a paste.
    if (this.#isPasting && character !== CTRL_C) this.#add(character);
    else this.#press(character);
    return character.length;
  }

  #escape(at: number): number {
    if (this.#isPasting) {
      const next = this.#typed.slice(at, at + PASTE_ENDS.length);
      if (next === PASTE_ENDS) this.#isPasting = false;
      else if (PASTE_ENDS.startsWith(next)) return 0;
      else {
        this.#add(ESCAPE);
        return 1;
      }
      return next.length;
    }
    ESCAPE_SEQUENCE.lastIndex = at;
    const sequence = ESCAPE_SEQUENCE.exec(this.#typed)?.[0] ?? "";
    if (sequence === PASTE_STARTS) this.#isPasting = this.#marksPastes = true;
    return sequence.length;
  }

  #press(character: string): void {
    switch (character) {
      case "\r":
      case "\n":
        this.isComplete = true;
        break;
      case CTRL_C:
        this.isComplete = this.#isInterrupted = true;
        break;
      case "\x04": // Ctrl-D
        this.isComplete = true;
        this.#isInterrupted = this.text === "";
        break;
      case "\x7f": // Backspace
      case "\b":
        this.text = withoutLastLetter(this.text);
        break;
      case "\x15": // Ctrl-U
        this.text = "";
        break;
      case "\x17": // Ctrl-W
        this.text = withoutLastWord(this.text);
        break;
      default:
        if (!OTHER_CONTROL_KEYS.test(character)) this.#add(character);
    }
  }

  #add(character: string): void {
    if (this.text.length <= MAX_CHARACTERS) this.text += character;
  }
}

/** How far to look back for the start of a letter with its combining characters. */
const LONGEST_LETTER = 64;

function withoutLastLetter(text: string): string {
  const end = text.slice(-LONGEST_LETTER);
  const last = [...new Intl.Segmenter().segment(end)].at(-1)?.segment ?? "";
  return text.slice(0, text.length - last.length);
}

function withoutLastWord(text: string): string {
  const trimmed = text.trimEnd();
  let end = trimmed.length;
  while (end > 0 && !/\s/.test(trimmed.charAt(end - 1))) end--;
  return trimmed.slice(0, end);
}

/** The minimum number of columns to see what you type. */
const NARROWEST = 10;

/** The row of a terminal on which a prompt shows what is typed. It never wraps, because a terminal cannot go back over a wrap. */
class Row {
  readonly #output: Output;
  #start = "";
  #shown = "";

  constructor(output: Output) {
    this.#output = output;
  }

  get #columns(): number {
    return this.#output.columns() ?? Infinity;
  }

  async begin(question: string): Promise<void> {
    const measure = await measureFor([question]);
    const fits = measure(question) + NARROWEST < this.#columns;
    this.#start = fits ? question : "> ";
    this.#shown = this.#start;
    this.#output.write(fits ? question : `${question.trimEnd()}\n> `);
  }

  async show(text: string): Promise<void> {
    const typed = printable(text);
    const measure = await measureFor([this.#start, this.#shown, typed]);
    const room = this.#columns - 1 - measure(this.#start);
    const next = this.#start + endOf(typed, room, measure);
    if (next.startsWith(this.#shown)) this.#output.write(next.slice(this.#shown.length));
    else {
      const excess = Math.max(0, measure(this.#shown) - measure(next));
      this.#output.write(`\r${next}${" ".repeat(excess)}${"\b".repeat(excess)}`);
    }
    this.#shown = next;
  }
}

/** A text, or as much of its end as fits. */
function endOf(text: string, room: number, measure: Measure): string {
  if (measure(text) <= room) return text;
  let end = "";
  const letters = new Intl.Segmenter().segment(text.slice(-LONGEST_LETTER * Math.max(1, room)));
  for (const { segment } of [...letters].reverse()) {
    if (measure(segment + end) > room - 1) break;
    end = segment + end;
  }
  return `…${end}`;
}

// deno-lint-ignore no-control-regex
const OTHER_CONTROL_KEYS = /[\x01-\x08\x0b-\x1f]/;
const ESCAPE = "\x1b";
const CTRL_C = "\x03";
/** Bracketed paste: the terminal marks a paste, which distinguishes its newlines from Enter. */
const BRACKETED_PASTE_ON = "\x1b[?2004h";
const BRACKETED_PASTE_OFF = "\x1b[?2004l";
const PASTE_STARTS = "\x1b[200~";
const PASTE_ENDS = "\x1b[201~";
