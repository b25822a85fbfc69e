import type { Input, Output } from "./streams.ts";

/** The longest pause between two pieces of a paste. */
export const PASTE_PAUSE_MS = 1000;

/**
 * The keys that the user presses at prompts. From the first prompt until {@link release}, nothing that is typed or pasted is
 * shown, and text that no prompt asked for is dropped, because the shell would run it.
 */
export class Keyboard {
  readonly #input: Input;
  readonly #sleep: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
  /** An unfinished read. The next read continues it. */
  #reading: Promise<Uint8Array | null> | undefined;
  #isHeld = false;

  constructor(
    input: Input,
    sleep: (milliseconds: number, signal?: AbortSignal) => Promise<void>,
  ) {
    this.#input = input;
    this.#sleep = sleep;
  }

  /** Starts a prompt: keys arrive one by one. */
  begin(): void {
    this.#isHeld = true;
    this.#input.setRaw(true);
  }

  /** The next bytes, null at the end of the input, or undefined if `limit` settles before. */
  async next(limit: Promise<unknown>): Promise<Uint8Array | null | undefined> {
    this.#reading ??= this.#input.read().catch(() => null); // the terminal was closed
    const bytes = await Promise.race([this.#reading, limit.then(() => undefined)]);
    if (bytes !== undefined) this.#reading = undefined;
    return bytes;
  }

  /** Ends a prompt. Ctrl-C is a signal again. */
  end(): void {
    this.#input.setRaw(true, { keepsSignals: true });
  }

  /**
   * Drops the next input, and everything after it until a paste would be over.
   *
   * @param milliseconds how long to wait for the first input.
   * @param signal ends the wait.
   * @returns the dropped input, truncated if it is long.
   */
  async drop(milliseconds: number, signal?: AbortSignal): Promise<string> {
    const decoder = new TextDecoder("latin1"); // only whether it is text, or Ctrl-C, matters
    let dropped = "";
    for (let wait = milliseconds;; wait = PASTE_PAUSE_MS) {
      const done = new AbortController();
      const end = () => done.abort();
      signal?.addEventListener("abort", end);
      const bytes = await this.next(this.#sleep(wait, done.signal).catch(() => {}));
      signal?.removeEventListener("abort", end);
      done.abort();
      if (!bytes || signal?.aborted) return dropped;
      if (dropped.length < MANY_CHARACTERS) dropped += decoder.decode(bytes);
    }
  }

  /** Whether text that no prompt asked for arrived, such as the rest of a paste. It is dropped. */
  async hasMore(): Promise<boolean> {
    return this.#isHeld && hasText(await this.drop(0));
  }

  /** Restores the terminal after the last prompt. Returns whether text was dropped. */
  async release(): Promise<boolean> {
    const more = await this.hasMore();
    if (this.#isHeld) this.#input.setRaw(false);
    this.#isHeld = false;
    return more;
  }
}

/** The terminal of a prompt. */
export interface Terminal {
  readonly keyboard: Keyboard;
  readonly output: Output;
  /** Aborts the prompt on a termination signal. Ctrl-C is an ordinary key here. */
  readonly signal?: AbortSignal;
}

const MANY_CHARACTERS = 4096;

/**
 * A control sequence (ECMA-48 5.4), a function key, or a key pressed with Alt. A control character cuts it off, so that Ctrl-C
 * and Enter always work, and so do more parameters than any key has.
 */
export const ESCAPE_SEQUENCE =
  // deno-lint-ignore no-control-regex
  /\x1b(?:\[(?:[ -?]{0,64}(?:[@-~]|(?=[^ -~]))|[ -?]{65})|O(?:[ -~]|(?=[^ -~]))|(?=[\x00-\x1f])|[^[O])/sy;

/** Whether typed keys are more than blanks, control keys and escape sequences. */
export function hasText(typed: string): boolean {
  const keys = typed.replaceAll(new RegExp(ESCAPE_SEQUENCE.source, "gs"), "");
  return /[^\s\p{Cc}]/u.test(keys);
}
