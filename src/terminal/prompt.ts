import { printable } from "./safe_text.ts";
import type { Input, Output } from "./streams.ts";

/** The terminal of a prompt. */
export interface Terminal {
  readonly input: Input;
  readonly output: Output;
  /** Aborts the prompt on a termination signal. Ctrl-C is an ordinary key here. */
  readonly signal?: AbortSignal;
}

/** What the user did at a prompt. */
export type Answer =
  | { readonly kind: "text"; readonly text: string }
  /** Several lines were pasted on a terminal that does not mark a paste, so the answer may be incomplete. */
  | { readonly kind: "several-lines" }
  | { readonly kind: "interrupted" };

/**
 * Asks for a value on a terminal without showing it or its length. A paste may have several lines. Backspace, Ctrl-U and
 * Ctrl-W work; Ctrl-C, and Ctrl-D on an empty line, return `interrupted`. Restores the terminal.
 */
export async function askHidden(terminal: Terminal, question: string): Promise<Answer> {
  const { input, output } = terminal;
  input.setRaw(true);
  output.write(BRACKETED_PASTE_ON + question);
  try {
    return await readLine(terminal);
  } finally {
    input.setRaw(false);
    output.write(`${BRACKETED_PASTE_OFF}\n`);
  }
}

/** Asks a yes-or-no question. Only `y` and `yes` mean yes. */
export async function confirm(
  terminal: Terminal,
  question: string,
): Promise<"yes" | "no" | "interrupted"> {
  const answer = await ask(terminal, `${question} [y/N] `);
  if (answer.kind === "interrupted") return "interrupted";
  return answer.kind === "text" && /^y(es)?$/i.test(answer.text.trim()) ? "yes" : "no";
}

/** Asks for one line, and shows what is typed. */
export async function ask(terminal: Terminal, question: string): Promise<Answer> {
  const { input, output } = terminal;
  input.setRaw(true);
  output.write(question);
  let echoed = "";
  try {
    return await readLine(terminal, (text) => {
      const shown = printable(text);
      output.write("\b \b".repeat(echoed.length) + shown);
      echoed = shown;
    });
  } finally {
    input.setRaw(false);
    output.write("\n");
  }
}

async function readLine(
  { input, signal }: Terminal,
  echo?: (text: string) => void,
): Promise<Answer> {
  const aborted = new Promise<"aborted">((resolve) => {
    if (signal?.aborted) resolve("aborted");
    signal?.addEventListener("abort", () => resolve("aborted"), { once: true });
  });
  const decoder = new TextDecoder();
  let text = "";
  let pasting = false;
  let typed = "";
  while (true) {
    const bytes = await Promise.race([input.read(), aborted]);
    if (bytes === "aborted") return { kind: "interrupted" };
    if (bytes === null) return text === "" ? { kind: "interrupted" } : { kind: "text", text };
    typed += decoder.decode(bytes, { stream: true });
    while (typed !== "") {
      if (typed.startsWith(ESCAPE)) {
        const sequence = ESCAPE_SEQUENCE.exec(typed)?.[0];
        if (sequence === undefined) break; // incomplete so far
        typed = typed.slice(sequence.length);
        if (sequence === PASTE_STARTS || sequence === PASTE_ENDS) {
          pasting = sequence === PASTE_STARTS;
        }
        continue;
      }
      const character = String.fromCodePoint(typed.codePointAt(0) ?? 0);
      typed = typed.slice(character.length);
      if (pasting) {
        text += character === "\r" ? "\n" : character;
      } else if (character === "\r" || character === "\n") {
        // More text in the same chunk means a paste of several lines, which must not be truncated.
        return typed.trim() === "" ? { kind: "text", text } : { kind: "several-lines" };
      } else if (character === "\x03" || (character === "\x04" && text === "")) { // Ctrl-C, Ctrl-D
        return { kind: "interrupted" };
      } else if (character === "\x04") {
        return { kind: "text", text };
      } else {
        text = edit(text, character);
      }
      echo?.(text);
    }
  }
}

function edit(text: string, character: string): string {
  switch (character) {
    case "\x7f": // Backspace
    case "\b":
      return [...text].slice(0, -1).join("");
    case "\x15": // Ctrl-U
      return "";
    case "\x17": // Ctrl-W
      return text.replace(/\S*\s*$/, "");
    default:
      return OTHER_CONTROL_KEYS.test(character) ? text : text + character;
  }
}

// deno-lint-ignore no-control-regex
const OTHER_CONTROL_KEYS = /[\x00-\x08\x0b-\x1f]/;
const ESCAPE = "\x1b";
/** A control sequence (ECMA-48 5.4), a function key, or a key pressed with Alt, which are ignored. */
// deno-lint-ignore no-control-regex
const ESCAPE_SEQUENCE = /^\x1b(?:\[[0-9;?]*[ -/]*[@-~]|O[ -~]|(?=[\x00-\x1f])|[^[O])/s;
/** Bracketed paste: the terminal marks a paste, which distinguishes its newlines from Enter. */
const BRACKETED_PASTE_ON = "\x1b[?2004h";
const BRACKETED_PASTE_OFF = "\x1b[?2004l";
const PASTE_STARTS = "\x1b[200~";
const PASTE_ENDS = "\x1b[201~";
