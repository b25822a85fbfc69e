/** A server that counts the signals that it gets, below different launchers. */

import { ProjectFolder } from "./project_folder.ts";

const FOLDER = `${import.meta.dirname}/../data/signals`;

/** A server that runs until {@linkcode finish} is called. Then it prints `got` and the names of its signals. */
export class CountingServer implements Disposable {
  readonly #folder = new ProjectFolder({});
  readonly #file = `${this.#folder.path}/end`;
  readonly words: readonly string[] = ["python3", `${FOLDER}/server.py`, this.#file];

  /** The words that start it as a grandchild: of a launcher that forwards signals. */
  get launched(): readonly string[] {
    return ["python3", `${FOLDER}/launcher.py`, ...this.words];
  }

  /** A line for a shell that waits for it. */
  get line(): string {
    return `${this.words.map((word) => `'${word}'`).join(" ")}; true`;
  }

  finish(): void {
    Deno.writeTextFileSync(this.#file, "");
  }

  [Symbol.dispose](): void {
    this.#folder[Symbol.dispose]();
  }
}
