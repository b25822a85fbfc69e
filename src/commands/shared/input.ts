/** Input of commands: prompts, files and standard input. */

import { Failure } from "../../failure.ts";
import { whyUnattended } from "../../system/attendance.ts";
import type { Os } from "../../system/os.ts";
import { readBounded } from "../../system/read_bounded.ts";
import { fileFailure } from "../../system/system_failure.ts";
import { printable } from "../../terminal/safe_text.ts";
import type { Item } from "../../terminal/picker.ts";
import { type Answer, ask, askHidden } from "../../terminal/prompt.ts";
import type { Context } from "../context.ts";

export type { Item };

/** Larger than any value; longer input is a mistake. */
const MAX_INPUT_BYTES = 16 * 1024 * 1024;

/**
 * Reads standard input to its end. On a terminal, it says that it waits, and how to end the input.
 *
 * @throws {Failure} of kind `usage` when it is longer than any value, a terminal may have truncated a line, or a program
 * would wait for a terminal.
 */
export async function readStandardInput(
  { env, io: { stdin, info }, machine: { os } }: Context,
): Promise<Uint8Array> {
  if (stdin.isTerminal) {
    const why = whyUnattended(env, stdin);
    if (why !== undefined) {
      throw new Failure("usage", `Standard input is a terminal, and ${why}`, {
        next: "Use a file or a pipe",
      });
    }
    const end = os === "windows" ? "Ctrl-Z and Enter" : "Ctrl-D";
    info(`Waiting for standard input; end it with ${end} on an empty line`);
  }
  const bytes = await readAll(() => stdin.read(), "Standard input");
  if (stdin.isTerminal && hasLineOf(TERMINAL_LINE_BYTES[os] ?? Infinity, bytes)) {
    throw new Failure("usage", "A line is longer than this terminal supports", {
      next: "Nothing was stored; use a file or a pipe",
    });
  }
  return bytes;
}

/** The longest line that a terminal with line editing passes on (termios(3), MAX_CANON). It silently drops the rest. */
const TERMINAL_LINE_BYTES: Readonly<Partial<Record<Os, number>>> = { linux: 4095, darwin: 1023 };

function hasLineOf(length: number, bytes: Uint8Array): boolean {
  let start = 0;
  for (let end = bytes.indexOf(LF); end !== -1; end = bytes.indexOf(LF, start)) {
    if (end - start >= length) return true;
    start = end + 1;
  }
  return bytes.length - start >= length;
}

const LF = 0x0a;

/**
 * Reads a file that the user named. It may be a pipe, such as `<(command)`.
 *
 * @throws {Failure} of kind `file` when it is unreadable, of kind `usage` when it is longer than any value.
 */
export async function readNamedFile(path: string): Promise<Uint8Array> {
  let file: Deno.FsFile | undefined;
  try {
    const opened = file = await Deno.open(path);
    const buffer = new Uint8Array(64 * 1024);
    return await readAll(async () => {
      const count = await opened.read(buffer);
      return count === null ? null : buffer.slice(0, count);
    }, path);
  } catch (error) {
    throw error instanceof Failure ? error : fileFailure("read", path, error);
  } finally {
    file?.close();
  }
}

/**
 * Decodes UTF-8. Replacement characters would corrupt a value, so other bytes are refused, and so is NUL.
 *
 * @param source.what the name of the input, for the error.
 * @param source.keepsMark whether a byte order mark belongs to the text.
 * @throws {Failure} of kind `usage`.
 */
export function decodeText(
  bytes: Uint8Array,
  source: { readonly what: string; readonly next: string; readonly keepsMark?: boolean },
): string {
  let text: string;
  try {
    const options = { fatal: true, ignoreBOM: source.keepsMark === true };
    text = new TextDecoder("utf-8", options).decode(bytes);
  } catch (error) {
    throw new Failure("usage", `${source.what} is not UTF-8 text`, {
      next: source.next,
      cause: error,
    });
  }
  return withoutNul(text, source.what);
}

/**
 * Requires a text without NUL, which no name, token or value has. ASCII in UTF-16 without a byte order mark is valid UTF-8 with
 * a NUL in each character.
 *
 * @param what the name of the text, for the error.
 * @throws {Failure} of kind `usage`.
 */
export function withoutNul(text: string, what: string): string {
  if (!text.includes("\0")) return text;
  throw new Failure("usage", `${what} contains a NUL character`, {
    next: "If it is UTF-16, as Windows programs write it, save it as UTF-8",
  });
}

/** A text without one line end at its end. */
export function withoutLineEnd(text: string): string {
  return text.replace(/(?:\r\n|[\r\n])$/, "");
}

async function readAll(
  read: () => Promise<Uint8Array | null>,
  name: string,
): Promise<Uint8Array> {
  return await readBounded(read, {
    maxBytes: MAX_INPUT_BYTES,
    tooLarge: () =>
      new Failure("usage", `${name} is larger than 16 MiB`, { next: "Send only the values" }),
  });
}

/** A prompt on the terminal. */
export interface Question {
  readonly text: string;
  /** The next step when the prompt gets no answer: another way to provide it. */
  readonly otherwise: string;
}

/**
 * Asks for a value without showing it.
 *
 * @throws {Failure} of kind `interrupted`, or `usage` when a paste is incomplete or the answer is not text. Nothing was stored.
 */
export async function askForValue(context: Context, question: Question): Promise<string> {
  const terminal = terminalOf(context, { what: "A value", next: capitalized(question.otherwise) });
  return textOf(await askHidden(terminal, question.text), {
    consequence: "nothing was stored",
    otherwise: question.otherwise,
  });
}

/**
 * Asks for a text, and shows what is typed.
 *
 * @throws {Failure} of kind `interrupted`, or `usage` when the answer is not text.
 */
export async function askForText(context: Context, question: Question): Promise<string> {
  const terminal = terminalOf(context, {
    what: "An answer",
    next: capitalized(question.otherwise),
  });
  return textOf(await ask(terminal, question.text), {
    consequence: "nothing was changed",
    otherwise: question.otherwise,
  });
}

/**
 * Requires that nothing came on the terminal after the prompt for a value, which would be the rest of a paste. A command calls
 * it before it stores values, and again after that.
 *
 * @throws {Failure} of kind `usage` before values are stored, and `partial` after that.
 */
export async function requireWholeValues(
  { io: { keyboard } }: Context,
  { areStored, otherwise }: { readonly areStored: boolean; readonly otherwise: string },
): Promise<void> {
  if (!await keyboard.hasMore()) return;
  throw areStored
    ? new Failure("partial", "More text was typed or pasted after the prompt, and was ignored", {
      next: `What was stored may be incomplete; to be sure, ${otherwise}`,
    })
    : severalLines("nothing was stored", otherwise);
}

/** The text of an answer, which is as strict as other input. */
function textOf(
  answer: Answer,
  { consequence, otherwise }: { readonly consequence: string; readonly otherwise: string },
): string {
  const next = `${capitalized(consequence)}; ${otherwise}`;
  switch (answer.kind) {
    case "text":
      return withoutNul(answer.text, "The answer");
    case "interrupted":
      throw new Failure("interrupted", `Cancelled; ${consequence}`);
    case "several-lines":
      throw severalLines(consequence, otherwise);
    case "not-utf8":
      throw new Failure("usage", "The answer is not UTF-8 text", {
        next: `${capitalized(consequence)}; set the terminal to UTF-8, or ${otherwise}`,
      });
    case "too-long":
      throw new Failure("usage", "The answer is larger than 16 MiB", { next });
  }
}

function severalLines(consequence: string, otherwise: string): Failure {
  return new Failure("usage", "Multi-line paste is not supported by this terminal", {
    next: `${capitalized(consequence)}, and all lines were ignored; ${otherwise}`,
  });
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/**
 * Requires that a command can ask for confirmation, unless it need not.
 *
 * @param what the command, or its flag that needs confirmation.
 * @throws {Failure} of kind `usage`.
 */
export function requireConfirmable(
  context: Context,
  { yes }: { readonly yes?: boolean | undefined },
  what: string,
): void {
  const why = whyNoPrompt(context);
  if (yes || why === undefined) return;
  throw new Failure("usage", `\`${what}\` needs confirmation, and ${why}`, {
    next: "Add `--yes`",
  });
}

/** Why the user cannot be asked, as the end of a sentence; undefined if they can. */
export function whyNoPrompt({ env, io: { stdin, stderr } }: Context): string | undefined {
  return whyUnattended(env, stdin, stderr);
}

/**
 * Asks for confirmation of a removal. A "no" is reported, and is not a failure.
 *
 * @param removal the number of items.
 * @throws {Failure} of kind `interrupted`.
 */
export function confirmRemoval(
  context: Context,
  removal: { readonly count: number },
): Promise<boolean> {
  return confirmChange(
    context,
    removal.count === 1 ? "Remove it?" : `Remove all ${removal.count}?`,
  );
}

/**
 * Asks for confirmation of a change that cannot be undone: only `y` and `yes` confirm. A "no" is reported, and is not a failure.
 *
 * @throws {Failure} of kind `interrupted`, or `usage` when the answer is not text.
 */
export async function confirmChange(context: Context, question: string): Promise<boolean> {
  const terminal = terminalOf(context, { what: "A confirmation", next: "Add `--yes`" });
  const answer = await ask(terminal, `${question} [y/N] `);
  const text = textOf(answer, { consequence: "nothing was changed", otherwise: "answer y or n" });
  if (/^y(es)?$/i.test(text.trim())) return true;
  context.io.info("Cancelled; nothing was changed");
  return false;
}

/**
 * Requires a user who can choose from a list.
 *
 * @throws {Failure} of kind `usage`.
 */
export function requireChooser(
  context: Context,
  choice: { readonly what: string; readonly next: string },
): void {
  if (whyNoPrompt(context) !== undefined) throw which(choice);
}

function which({ what, next }: { readonly what: string; readonly next: string }): Failure {
  return new Failure("usage", `Which ${what}?`, { next });
}

/** What the user chose: items by their places in the list, or what they typed at a terminal that cannot erase lines. */
export type Chosen = { readonly places: readonly number[] } | { readonly typed: string };

/**
 * Lets the user choose from a list: with the arrow keys and by typing, or on a terminal that cannot erase lines by number or name.
 *
 * @param list.what the kind of item, such as `organization`.
 * @throws {Failure} of kind `usage` without a terminal, or without an answer; of kind `interrupted`.
 */
export async function chooseFrom(
  context: Context,
  { what, next, isMultiple = false, ...list }: {
    readonly what: string;
    /** Called only on a terminal. */
    readonly items: () => Promise<readonly Item[]>;
    /** Whether several items can be chosen. */
    readonly isMultiple?: boolean;
    /** The next step when the prompt gets no answer. */
    readonly next: string;
  },
): Promise<Chosen> {
  requireChooser(context, { what, next });
  const items = await list.items();
  const terminal = terminalOf(context, { what: "A choice", next });
  if (terminal.output.canErase) {
    const { pick } = await import("../../terminal/picker.ts");
    const places = await pick(terminal, { question: `Which ${what}?`, items, isMultiple });
    if (places) return { places };
    throw new Failure("interrupted", "Cancelled; nothing was changed");
  }
  const width = String(items.length).length;
  const lines = items.map(({ name, note }, i) => {
    const shown = printable(note === undefined ? name : `${name}  ${note}`);
    return `${String(i + 1).padStart(width + 1)}  ${shown}\n`;
  });
  terminal.output.write(lines.join(""));
  const answer = await ask(terminal, `Which ${what}? (1-${items.length}) `);
  const typed = textOf(answer, {
    consequence: "nothing was changed",
    otherwise: "type its number or its name",
  }).trim();
  if (typed === "") throw which({ what, next });
  if (!/^\d+$/.test(typed)) return { typed };
  const number = Number(typed);
  if (number >= 1 && number <= items.length) return { places: [number - 1] };
  throw new Failure("usage", `The number must be from 1 to ${items.length}`, { next });
}

/** The name of the one item that the user chooses, or what they typed for it. Throws as {@link chooseFrom} does. */
export async function chooseName(
  context: Context,
  choice: {
    readonly what: string;
    readonly next: string;
    readonly items: () => Promise<readonly Item[]>;
  },
): Promise<string> {
  let items: readonly Item[] = [];
  const answer = await chooseFrom(context, {
    ...choice,
    items: async () => items = await choice.items(),
  });
  return "typed" in answer ? answer.typed : items[answer.places[0] ?? 0]?.name ?? "";
}

/** @throws {Failure} of kind `usage` if no user is at the terminal. */
function terminalOf(
  context: Context,
  { what, next }: { readonly what: string; readonly next: string },
) {
  const why = whyNoPrompt(context);
  if (why !== undefined) throw new Failure("usage", `${what} is needed, and ${why}`, { next });
  return {
    keyboard: context.io.keyboard,
    output: context.io.stderr,
    signal: context.signals.interruption(),
  };
}
