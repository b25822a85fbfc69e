import type { Output } from "./streams.ts";

/** A bar that shows on a terminal how much is done; elsewhere it shows nothing. */
export class ProgressBar {
  readonly #output: Output;
  readonly #label: string;
  readonly #total: number;
  #done = 0;

  constructor(output: Output, label: string, total: number) {
    this.#output = output;
    this.#label = label;
    this.#total = total;
    this.#draw();
  }

  /** One more is done. */
  advance(): void {
    this.#done++;
    this.#draw();
  }

  /** Takes the bar away, so that the next line starts clean. */
  clear(): void {
    if (this.#output.isTerminal) this.#output.write("\r\x1b[2K");
  }

  #draw(): void {
    if (!this.#output.isTerminal) return;
    const count = ` ${this.#done}/${this.#total}`;
    const room = (this.#output.columns() ?? 80) - this.#label.length - count.length - 4;
    const width = Math.max(5, Math.min(30, room));
    const filled = Math.round(width * this.#done / this.#total);
    const bar = "█".repeat(filled) + "░".repeat(width - filled);
    this.#output.write(`\r\x1b[2K${this.#label} ${bar}${count}`);
  }
}
