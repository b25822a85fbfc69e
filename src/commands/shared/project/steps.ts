import { printable } from "../../../terminal/safe_text.ts";
import { styleFor } from "../../../terminal/style.ts";
import type { Context } from "../../context.ts";

/** Shows the steps of a command: the current step on a terminal, and completed steps with their duration. */
export class Steps {
  readonly #context: Pick<Context, "io" | "clock">;

  constructor(context: Pick<Context, "io" | "clock">) {
    this.#context = context;
  }

  /**
   * Runs a step.
   *
   * @param label the description of the running step.
   * @param done the description of the completed step, by its result.
   * @param isGood whether it succeeded, by the result; without it, whatever does not throw has.
   */
  async run<T>(
    label: string,
    work: () => Promise<T> | T,
    done: (result: T) => string,
    isGood: (result: T) => boolean = () => true,
  ): Promise<T> {
    const { io: { stderr }, clock: { elapsedMs } } = this.#context;
    const start = elapsedMs();
    stderr.setProgress(`${label}…`);
    let result: T;
    try {
      result = await work();
    } finally {
      stderr.setProgress(undefined);
    }
    const { green, red, dim } = styleFor(stderr);
    const mark = isGood(result) ? green("✓") : red("✗");
    const time = `${((elapsedMs() - start) / 1000).toFixed(1)} s`;
    stderr.write(`${mark} ${printable(done(result))} ${dim(`(${time})`)}\n`);
    return result;
  }
}

/** A number of bytes for humans. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1_000_000
    ? `${(bytes / 1000).toFixed(1)} kB`
    : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
