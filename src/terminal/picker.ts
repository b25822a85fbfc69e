/** A list on a terminal from which the user chooses, with the arrow keys or by typing. */

import { aborted } from "../system/waiting.ts";
import { measureFor, truncated } from "../text/prose.ts";
import { ESCAPE_SEQUENCE, type Terminal } from "./keyboard.ts";
import { isolated, printable } from "./safe_text.ts";
import { styleFor } from "./style.ts";

/** An item of a list. */
export interface Item {
  readonly name: string;
  /** A detail that distinguishes it from others with its name, such as its id. */
  readonly note?: string;
  /** Whether it is the one in use. */
  readonly isActive?: boolean;
}

export interface List {
  /** Such as `Which project?`. */
  readonly question: string;
  readonly items: readonly Item[];
  /** Whether several items can be chosen, with Tab. */
  readonly isMultiple?: boolean;
}

/**
 * Lets the user choose from a list. The arrow keys move, typing a number or a part of a name filters, Tab marks an item if
 * several can be chosen, and Enter chooses.
 *
 * @returns the places of the chosen items in the list, or undefined when the user cancels with Ctrl-C.
 */
export async function pick(
  { keyboard, output, signal }: Terminal,
  list: List,
): Promise<readonly number[] | undefined> {
  const ended = aborted(signal);
  const choice = new Choice(list);
  const decoder = new TextDecoder();
  let height = 0;
  const draw = async () => {
    const lines = await choice.lines(output.columns() ?? 80, styleFor(output).bold);
    output.write(`${erasing(height)}${lines.join("\r\n")}`);
    height = lines.length;
  };
  await keyboard.hasMore(); // it belongs to the prompt before this one
  keyboard.begin();
  try {
    while (choice.state === "open") {
      await draw();
      const bytes = await keyboard.next(ended);
      if (bytes === undefined || bytes === null) return undefined;
      choice.type(decoder.decode(bytes, { stream: true }));
    }
  } finally {
    keyboard.end();
    const shown = choice.state === "chosen"
      ? choice.chosen.map((at) => list.items[at]?.name ?? "").join(", ")
      : "";
    output.write(`${erasing(height)}${list.question} ${printable(shown)}\n`);
  }
  return choice.state === "chosen" ? choice.chosen : undefined;
}

/** Erases the drawn lines. The cursor is on the last one. */
function erasing(height: number): string {
  return `\r${height > 1 ? `\x1b[${height - 1}A` : ""}\x1b[J`;
}

/** How many items are shown at once. */
const HEIGHT = 10;

/** What the user has typed and chosen so far. */
class Choice {
  state: "open" | "chosen" | "cancelled" = "open";
  readonly #list: List;
  readonly #marked = new Set<number>();
  #query = "";
  /** Unprocessed keys: the start of an escape sequence. */
  #keys = "";
  /** The place of the cursor among the items that match. */
  #at: number;

  constructor(list: List) {
    this.#list = list;
    this.#at = Math.max(0, list.items.findIndex(({ isActive }) => isActive));
  }

  /** The places of the chosen items: the marked ones, or else the one at the cursor. */
  get chosen(): readonly number[] {
    if (this.#marked.size > 0) return [...this.#marked].sort((a, b) => a - b);
    const at = this.#matches()[this.#at];
    return at === undefined ? [] : [at];
  }

  type(keys: string): void {
    this.#keys += keys;
    while (this.#keys !== "" && this.state === "open") {
      ESCAPE_SEQUENCE.lastIndex = 0;
      const key = this.#keys.startsWith("\x1b")
        ? ESCAPE_SEQUENCE.exec(this.#keys)?.[0]
        : String.fromCodePoint(this.#keys.codePointAt(0) ?? 0);
      if (key === undefined) return; // an incomplete escape sequence
      this.#keys = this.#keys.slice(key.length);
      this.#press(key);
    }
  }

  #press(key: string): void {
    switch (key) {
      case "\x1b[A":
      case "\x1bOA":
      case "\x10": // Ctrl-P
        return this.#move(-1);
      case "\x1b[B":
      case "\x1bOB":
      case "\x0e": // Ctrl-N
        return this.#move(1);
      case "\x1b[5~": // Page Up
        return this.#move(-HEIGHT);
      case "\x1b[6~": // Page Down
        return this.#move(HEIGHT);
      case "\r":
      case "\n":
        if (this.chosen.length > 0) this.state = "chosen";
        return;
      case "\x03": // Ctrl-C
        this.state = "cancelled";
        return;
      case "\x04": // Ctrl-D
        if (this.#query === "") this.state = "cancelled";
        return;
      case "\t":
        return this.#mark();
      case "\x7f": // Backspace
      case "\b":
        return this.#filter(
          [...new Intl.Segmenter().segment(this.#query)].slice(0, -1)
            .map(({ segment }) => segment).join(""),
        );
      case "\x15": // Ctrl-U
        return this.#filter("");
      default:
        if (!/^\p{Cc}/u.test(key)) this.#filter(this.#query + key);
    }
  }

  #move(by: number): void {
    const last = Math.max(0, this.#matches().length - 1);
    this.#at = Math.min(last, Math.max(0, this.#at + by));
  }

  #mark(): void {
    const at = this.#matches()[this.#at];
    if (!this.#list.isMultiple || at === undefined) return;
    if (!this.#marked.delete(at)) this.#marked.add(at);
  }

  #filter(query: string): void {
    this.#query = query.slice(0, LONGEST_QUERY);
    this.#at = 0;
  }

  /** The places of the items that match what was typed, the best match first. */
  #matches(): readonly number[] {
    const query = this.#query.trim().toLowerCase();
    const all = this.#list.items.map((item, at) => ({ at, rank: rankOf(item, at, query) }));
    return all.filter(({ rank }) => rank !== undefined)
      .sort((a, b) => (a.rank ?? 0) - (b.rank ?? 0) || a.at - b.at).map(({ at }) => at);
  }

  /** The lines to show, of which the last one is the question. */
  async lines(columns: number, bold: (text: string) => string): Promise<string[]> {
    const { items, question, isMultiple } = this.#list;
    const matches = this.#matches();
    const first = Math.max(0, Math.min(this.#at - HEIGHT + 1, matches.length - HEIGHT));
    const width = String(items.length).length;
    const rows = matches.slice(first, first + HEIGHT).map((at, i) => {
      const { name = "", note, isActive } = items[at] ?? {};
      const mark = isMultiple ? (this.#marked.has(at) ? "[x] " : "[ ] ") : "";
      const notes = [...isActive ? ["active"] : [], ...note === undefined ? [] : [note]];
      const more = notes.length > 0 ? ` (${printable(notes.join(", "))})` : "";
      const isHere = first + i === this.#at;
      const text = `${mark}${String(at + 1).padStart(width)}  ${printable(name)}${more}`;
      return { isHere, text: `${isHere ? ">" : " "} ${text}` };
    });
    const keys = isMultiple ? " (Tab marks, Enter chooses)" : "";
    const others = matches.length - rows.length;
    const below = matches.length === 0
      ? ["  nothing matches"]
      : others > 0
      ? [`  and ${others} more; type to search`]
      : [];
    const asked = `${question}${keys} ${printable(this.#query)}`;
    const measure = await measureFor([...rows.map(({ text }) => text), ...below, asked]);
    const fitting = (text: string) => truncated(text, columns - 1, measure);
    return [
      ...rows.map(({ isHere, text }) => {
        const shown = isolated(fitting(text));
        return isHere ? bold(shown) : shown;
      }),
      ...below.map(fitting),
      fitting(asked),
    ];
  }
}

const LONGEST_QUERY = 200;

/** How well an item matches, the lowest number best; undefined if it does not. */
function rankOf({ name }: Item, at: number, query: string): number | undefined {
  const lower = name.toLowerCase();
  if (query === "" || query === String(at + 1)) return 0;
  if (lower === query) return 1;
  if (lower.startsWith(query)) return 2;
  return lower.includes(query) ? 3 : undefined;
}
