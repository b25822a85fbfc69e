/**
 * Follows a page of the documents as a reader does: runs its blocks in order, and compares what they print. A block of `sh`
 * must succeed. In a block of `console`, commands follow a `$`, `…` stands for any text, and a command may fail only if the
 * page shows its error. Comments in the page, before a block, say what differs:
 *
 * - `<!-- not run: REASON -->`
 * - `<!-- keeps running -->`: a local Arcade in another terminal
 *
 * A block after the words "Save this as" and a path is written to that file.
 */

import assert from "node:assert/strict";
import { shellWord } from "../../src/text/shell_word.ts";
import { writeProgram } from "./executable_files.ts";
import { ROOT } from "./root.ts";
import { BINARY, browserOf, type Running, succeeds, type TestMachine } from "./test_machine.ts";

/** A fenced block, and what the text before it says about it. */
export interface Block {
  readonly language: string;
  readonly text: string;
  /** The path of the file that the reader is told to save it as. */
  readonly file: string | undefined;
  /** The reason why it is not run. */
  readonly exception: string | undefined;
  /** Whether it runs in another terminal until the end of the page. */
  readonly keepsRunning: boolean;
}

const FENCED =
  /(?:[Ss]ave this as\s+`([^`]+)`:\n+|<!-- not run: (.+?) -->\n+|<!-- (keeps running) -->\n+)?^```(\w+)\n([^]*?)^```$/gm;

/** The blocks of a page that a reader types or saves. */
export function blocksOf(page: string): Block[] {
  const blocks = [...page.matchAll(FENCED)].map((
    [, file, exception, running, language = "", text = ""],
  ) => ({ language, text, file, exception, keepsRunning: running !== undefined }));
  return blocks.filter(({ language, file }) =>
    file !== undefined || ["sh", "console"].includes(language)
  );
}

/** The commands of a block, each with the output that the page shows; undefined if it shows none. */
function commandsOf({ language, text }: Block): { line: string; shown: string | undefined }[] {
  if (language === "sh") return [{ line: text, shown: undefined }];
  return text.split(/^\$ /m).slice(1).map((one) => {
    const [line = "", ...shown] = one.split("\n");
    return { line, shown: shown.join("\n") };
  });
}

/** How long a command may take that downloads packages. */
const LIMIT_MS = 5 * 60_000;

/** A reader with an empty folder, who types in one terminal, and leaves programs running in others. */
export class Reader implements AsyncDisposable {
  readonly #machine: TestMachine;
  readonly #folder: string;
  readonly #state: string;
  /** The address of the local Arcade that the reader started, where the page has the one of port 8000. */
  #ownAddress = "127.0.0.1:8000";
  readonly #inOtherTerminals: Running[] = [];

  /**
   * @param programs folders for `PATH`, before those of the machine.
   * @param example a folder of `examples/` that the reader has copied; otherwise the folder is empty.
   */
  constructor(machine: TestMachine, { programs = [], example }: {
    readonly programs?: readonly string[];
    readonly example?: string;
  } = {}) {
    this.#machine = machine;
    this.#folder = `${machine.home}/weather`;
    this.#state = `${machine.path}/terminal`;
    if (example === undefined) Deno.mkdirSync(this.#folder);
    else assert(succeeds("cp", "-R", `${ROOT}/examples/${example}`, this.#folder));
    Deno.mkdirSync(`${machine.path}/bin`);
    Deno.writeTextFileSync(this.#state, `cd ${shellWord(this.#folder)}\n`);
    const cloud = machine.env.ARCADE_ENGINE_URL;
    // Ports are free ones, every login is approved, and one without an address goes to the stand-in of Arcade Cloud.
    this.install(
      "arcade",
      `#!/bin/sh
case "$1 $2" in
  "local serve") set -- "$@" --port 0 --auto-approve ;;
  "login --local" | "login --url") set -- "$@" --callback-port 0 --browser ;;
  "login "*) set -- "$@" --callback-port 0 --browser ${
        cloud === undefined ? "" : `--url ${cloud} --context default`
      } ;;
esac
exec ${shellWord(BINARY)} "$@"
`,
    );
    machine.env.BROWSER = browserOf(machine);
    machine.env.PATH = [`${machine.path}/bin`, ...programs, machine.env.PATH].join(":");
    // A process that reports would still write files when the page has been followed.
    machine.env.ARCADE_USAGE_TRACKING = "0";
    delete machine.env.ARCADE_WORK_DIR;
    delete machine.env.ARCADE_COORDINATOR_URL;
    delete machine.env.ARCADE_ENGINE_URL;
  }

  /** Puts a program into `PATH`, and returns its path. */
  install(name: string, source: string): string {
    const path = `${this.#machine.path}/bin/${name}`;
    writeProgram(path, source);
    return path;
  }

  /** Does what a block says. Fails unless it prints what the page shows. */
  async follow(block: Block): Promise<void> {
    if (block.file !== undefined) {
      const inFolder = `mkdir -p "$(dirname ${shellWord(block.file)})" && cat > ${
        shellWord(block.file)
      }`;
      await this.#type(inFolder, block.text);
      return;
    }
    for (const { line, shown } of commandsOf(block)) {
      if (block.keepsRunning) await this.#leaveRunning(line, shown ?? "");
      else await this.#compare(line, shown);
    }
  }

  async #compare(line: string, shown: string | undefined): Promise<void> {
    const { code, stdout } = await this.#type(line);
    const printed = this.#general(stdout);
    if (shown !== undefined) this.#expect(line, printed, shown);
    const mayFail = shown !== undefined && /^Error: /m.test(shown);
    assert.equal(code !== 0, mayFail, `${line} ended with ${code}:\n${printed}`);
  }

  /** Types lines in the terminal, whose folder and variables stay for the next ones. */
  async #type(lines: string, stdin?: string): Promise<{ code: number; stdout: string }> {
    const state = shellWord(this.#state);
    const script = `. ${state}
trap '{ export -p; printf "cd \\"%s\\"\\n" "$PWD"; } > ${state}' EXIT
set -e
${lines.replaceAll("127.0.0.1:8000", this.#ownAddress)}`;
    const running = this.#machine.startProgram(["sh", "-c", `exec 2>&1\n${script}`], {
      ...(stdin === undefined ? {} : { stdin }),
    });
    const timer = setTimeout(() => running.kill("SIGKILL"), LIMIT_MS);
    const { code, stdout } = await running.ended;
    clearTimeout(timer);
    return { code, stdout };
  }

  async #leaveRunning(typed: string, shown: string): Promise<void> {
    const script = `. ${shellWord(this.#state)}\nexec 2>&1\nexec ${typed}`;
    const running = this.#machine.startProgram(["sh", "-c", script]);
    this.#inOtherTerminals.push(running);
    const [, address = ""] = await running.printed(/^ {2}arcade login --url http:\/\/(\S+)$/m);
    this.#ownAddress = address;
    await running.printed(/^Stop with Ctrl-C$/m);
    this.#expect(typed, this.#general(running.stdout), shown);
  }

  /** Ends what runs in other terminals with Ctrl-C, so that servers are stopped before their files are removed. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const running of this.#inOtherTerminals) running.kill("SIGINT");
    await Promise.all(this.#inOtherTerminals.map((running) => running.end()));
  }

  #expect(line: string, printed: string, shown: string): void {
    const parts = this.#general(shown).trimEnd().split("…");
    const pattern = new RegExp(`^${parts.map(RegExp.escape).join("[^]*?")}$`);
    assert(
      pattern.test(printed.trimEnd()),
      `\`${line}\` prints\n\n${printed}\nand the page shows\n\n${shown}`,
    );
  }

  /** Replaces the parts that differ between machines and runs. */
  #general(text: string): string {
    return text.replaceAll(this.#folder, "/home/you").replaceAll(this.#machine.home, "/home/you")
      .replaceAll(/(?<=127\.0\.0\.1:)\d+/g, "8000")
      .replaceAll(/ *\b\d+(?:\.\d)? (?:ms|s)\b/g, " 1 s")
      // The columns of a table are as wide as the ids and addresses in them.
      .replaceAll(/ {2,}/g, "  ")
      // Secrets are stored at the same time.
      .replaceAll(
        /(?:^(?:Created|Updated) .*\n)+/gm,
        (lines) => `${lines.split("\n").sort().slice(1).join("\n")}\n`,
      );
  }
}

/** Follows a whole page, whose path starts at the root. */
export async function followPage(reader: Reader, path: string): Promise<void> {
  const blocks = blocksOf(Deno.readTextFileSync(`${ROOT}/${path}`));
  assert(blocks.some(({ exception }) => exception === undefined), `${path} has nothing to run`);
  for (const block of blocks) if (block.exception === undefined) await reader.follow(block);
}
