/** Runs programs on pseudo-terminals, with `script`. */

import { shellWord } from "../../src/text/shell_word.ts";
import { PATIENCE_MS } from "./patience.ts";
import { BINARY, isAvailable, type Running, succeeds, type TestMachine } from "./test_machine.ts";
import { sleep } from "../../src/system/waiting.ts";

/** Whether no pseudo-terminal is available for tests. */
export const withoutTerminal = !isAvailable(
  "a pseudo-terminal: Linux with script and stty",
  () =>
    Deno.build.os === "linux" && succeeds("script", "--version") && succeeds("stty", "--version"),
);

export interface Terminal {
  readonly columns?: number;
  readonly env?: Record<string, string>;
}

/** Runs a shell command on its own terminal; `arcade` in it is the binary. */
export function onTerminal(machine: TestMachine, line: string, terminal: Terminal = {}): Running {
  const { columns = 100, env } = terminal;
  const script = `arcade() { ${shellWord(BINARY)} "$@"; }; stty rows 24 cols ${columns}; ${line}`;
  return machine.startProgram(["script", "-qefc", script, "/dev/null"], {
    isTyped: true,
    env: { SHELL: "/bin/sh", TERM: "xterm-256color", ...env },
  });
}

/** Whether {@link Bash} is not available for tests. */
export const withoutBash = withoutTerminal || !isAvailable(
  "bash, and a script that logs what is typed",
  () =>
    succeeds("bash", "--version") &&
    succeeds("script", "-qc", "true", "-O", "/dev/null", "-I", "/dev/null"),
);

/** An interactive bash on its own terminal, whose `arcade`, or `"$ARCADE"`, is the binary. Its prompt is `ready> `. */
export class Bash {
  readonly #running: Running;
  readonly #log: string;
  #answers = 0;

  private constructor(running: Running, log: string) {
    this.#running = running;
    this.#log = log;
  }

  static async start(machine: TestMachine): Promise<Bash> {
    const rc = `${machine.path}/bashrc`;
    const log = `${machine.path}/typed`;
    const arcade = `export ARCADE=${shellWord(BINARY)}; arcade() { "$ARCADE" "$@"; }`;
    Deno.writeTextFileSync(rc, `${arcade}; PS1='ready> '\n`);
    const running = machine.startProgram(
      [
        "script",
        "-qfc",
        `bash --noprofile --rcfile ${shellWord(rc)} -i`,
        "-O",
        "/dev/null",
        "-I",
        log,
      ],
      { isTyped: true, env: { SHELL: "/bin/sh", TERM: "xterm-256color" } },
    );
    const bash = new Bash(running, log);
    await running.printed(/ready> $/);
    return bash;
  }

  /** Its output so far. */
  get printed(): string {
    return this.#running.stdout;
  }

  /** Waits until what was printed so far matches. */
  until(pattern: RegExp): Promise<RegExpExecArray> {
    return this.#running.printed(pattern);
  }

  /** Types, and waits until all of it is at the terminal. */
  async type(keys: string): Promise<void> {
    const size = () => Deno.statSync(this.#log).size;
    const expected = size() + new TextEncoder().encode(keys).length;
    await this.#running.type(keys);
    for (const deadline = performance.now() + PATIENCE_MS; size() < expected;) {
      if (performance.now() > deadline) throw new Error(`Not typed yet: ${JSON.stringify(keys)}`);
      await sleep(0);
    }
  }

  /** Runs a command, and returns what it printed. */
  async answer(command: string): Promise<string> {
    const from = this.printed.length;
    // The typed line is shown too, but without the sum.
    const id = this.#answers++;
    await this.type(`${command}; echo end=$((${id}+100))\r`);
    await this.until(new RegExp(`end=${id + 100}\r\n.*ready> $`));
    return this.printed.slice(from);
  }

  /** Ends it. */
  async end(): Promise<void> {
    await this.#running.type("exit\r");
    await this.#running.end();
  }
}
