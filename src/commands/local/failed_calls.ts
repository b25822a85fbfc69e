import type { RequestLine } from "../../local/mod.ts";
import { printable } from "../../terminal/safe_text.ts";
import type { Context } from "../context.ts";

const MAX_LINES = 20;
/** How much of a path is shown. */
const SHOWN_PATH = 200;

/** The failed calls of a local Arcade, for the user to read at its end. */
export class FailedCalls {
  readonly #lines: string[] = [];
  #count = 0;

  /** Notes a request if it has failed. */
  request({ method, path, status }: RequestLine): void {
    if (status < 400) return;
    const shown = path.length > SHOWN_PATH ? `${path.slice(0, SHOWN_PATH)}…` : path;
    this.#add(`${method} ${shown} ${status}`);
  }

  /** Writes a line for each of them; the last of too many lines says how many more there are. */
  writeTo({ stderr }: Context["io"]): void {
    const shown = this.#count > MAX_LINES ? MAX_LINES - 1 : MAX_LINES;
    for (const line of this.#lines.slice(0, shown)) stderr.write(`Failed call: ${line}\n`);
    if (this.#count > shown) stderr.write(`And ${this.#count - shown} more failed calls\n`);
  }

  #add(line: string): void {
    this.#count++;
    if (this.#lines.length < MAX_LINES) this.#lines.push(printable(line));
  }
}
