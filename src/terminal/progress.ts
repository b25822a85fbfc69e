import type { Output } from "./streams.ts";

/** A progress bar in the status line. */
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

  /** Counts one more item as done. */
  advance(): void {
    this.#done++;
    this.#draw();
  }

  /** Removes the bar. */
  clear(): void {
    this.#output.setProgress(undefined);
  }

  #draw(): void {
    const count = ` ${this.#done}/${this.#total}`;
    const room = (this.#output.columns() ?? 80) - this.#label.length - count.length - 4;
    const width = Math.max(5, Math.min(30, room));
    const filled = Math.round(width * this.#done / this.#total);
    const bar = "█".repeat(filled) + "░".repeat(width - filled);
    this.#output.setProgress(`${this.#label} ${bar}${count}`);
  }
}
