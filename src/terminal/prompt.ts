import type { Input, Output } from "./streams.ts";

/** Where a question is asked and answered. */
export interface Terminal {
  readonly input: Input;
  readonly output: Output;
  /** Ends the question when the process is asked to end; Ctrl-C is a key like others here. */
  readonly signal?: AbortSignal;
}

/** What the user did at a prompt. */
export type Answer =
  | { readonly kind: "text"; readonly text: string }
  /** Several lines were pasted on a terminal that does not mark a paste, so the answer may be incomplete. */
  | { readonly kind: "several-lines" }
  | { readonly kind: "interrupted" };

/**
 * Asks for a value on a terminal without showing what is typed, not even its length. What is pasted may have several
 * lines. Backspace, Ctrl-U and Ctrl-W work; Ctrl-C, and Ctrl-D on an empty line, give `interrupted`. The terminal is put
 * back as it was.
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

/** Asks a question that only `y` or `yes` answers with yes. */
export async function confirm(
  terminal: Terminal,
  question: string,
): Promise<"yes" | "no" | "interrupted"> {
  const { input, output } = terminal;
  input.setRaw(true);
  output.write(`${question} [y/N] `);
  let echoed = "";
  try {
    const answer = await readLine(terminal, (text) => {
      output.write("\b \b".repeat(echoed.length) + text);
      echoed = text;
    });
    if (answer.kind === "interrupted") return "interrupted";
    return answer.kind === "text" && /^y(es)?$/i.test(answer.text.trim()) ? "yes" : "no";
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
        if (sequence === undefined) break; // the rest of it has not arrived
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
        // More behind the line end came in one piece: a paste of several lines, which must not be cut short.
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
/** A control sequence (ECMA-48 5.4), a function key, or a key pressed with Alt: none is part of an answer. */
// deno-lint-ignore no-control-regex
const ESCAPE_SEQUENCE = /^\x1b(?:\[[0-9;?]*[ -/]*[@-~]|O[ -~]|(?=[\x00-\x1f])|[^[O])/s;
/** Bracketed paste: the terminal marks what is pasted, so that line ends in it can be told from Enter. */
const BRACKETED_PASTE_ON = "\x1b[?2004h";
const BRACKETED_PASTE_OFF = "\x1b[?2004l";
const PASTE_STARTS = "\x1b[200~";
const PASTE_ENDS = "\x1b[201~";
