/** Programs as contestants: a whole process, from spawn to exit, and its orphans. */

import { median } from "./race.ts";
import type { Contestant, Sample } from "./race.ts";
import type { Ended, Gone, Start } from "./stopwatch.ts";

export interface Program extends Omit<Start, "args"> {
  readonly name: string;
  readonly args?: readonly string[];
  /** Matches the output on stdout and stderr if the program works. */
  readonly writes: RegExp;
}

/** A measured program. */
export interface Measured {
  readonly wallMs: number;
  /** Settles when everything that the program started has exited. */
  readonly gone: Promise<Gone>;
}

/** Measures one program at a time, in a separate process (stopwatch.ts). */
export class Stopwatch implements AsyncDisposable {
  readonly #process = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--quiet", "--no-check", "--allow-run", "--allow-ffi"],
      `${import.meta.dirname}/stopwatch.ts`,
    ],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  readonly #input = this.#process.stdin.getWriter();
  readonly #lines = lines(this.#process.stdout);

  async start(program: Start): Promise<Measured> {
    await this.#input.write(new TextEncoder().encode(`${JSON.stringify(program)}\n`));
    const { wallMs, success }: Ended = await this.#next();
    if (!success) throw new Error(`${program.path} failed while it was measured`);
    return { wallMs, gone: this.#next() };
  }

  async #next<T>(): Promise<T> {
    const { value, done } = await this.#lines.next();
    if (done) throw new Error("The stopwatch has stopped");
    return JSON.parse(value);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#input.close();
    await this.#process.status;
  }
}

/** The first line of an output. The rest is not read. */
export async function firstLine(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<string> {
  for await (const line of lines(stream)) return line;
  throw new Error("The program ended before its first line");
}

async function* lines(stream: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const complete = (rest + text).split("\n");
    rest = complete.pop() ?? "";
    yield* complete;
  }
}

/** The number of memory measurements, which vary little. */
const MEMORY_ROUNDS = 3;

/** Makes a contestant of a program, after a first run that checks that it works. */
export async function contestant(
  program: Program,
  stopwatch: Stopwatch,
  { gone = ({ gone }: Measured): Promise<Gone> => gone } = {},
): Promise<Contestant> {
  const { name, writes, args = [], path, cwd, env } = program;
  const start: Start = { path, args, cwd, env };
  await check(name, start, writes);
  const run = async (start: Start): Promise<Sample & Gone> => {
    const measured = await stopwatch.start(start);
    return { wallMs: measured.wallMs, ...await gone(measured) };
  };
  const peaks: number[] = [];
  for (let round = 0; round < MEMORY_ROUNDS; round++) {
    const { peakBytes } = await run(leftBehind(start));
    if (peakBytes !== undefined) peaks.push(peakBytes);
  }
  return {
    name,
    peakBytes: peaks.length > 0 ? median(peaks) : undefined,
    run: () => run(start),
  };
}

async function check(name: string, { path, args, cwd, env }: Start, writes: RegExp): Promise<void> {
  const { code, stdout, stderr } = await new Deno.Command(path, {
    args: [...args],
    cwd,
    env,
    clearEnv: true,
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  const text = decoder.decode(stdout) + decoder.decode(stderr);
  if (code !== 0 || !writes.test(text)) {
    throw new Error(`${name} does not do what is to be measured (exit code ${code}):\n${text}`);
  }
}

/**
 * Starts the program as an orphan of a shell. Linux counts the memory that a process has before `execve` as memory of the
 * program, and a shell is small.
 */
function leftBehind({ path, args, cwd, env }: Start): Start {
  return { path: "/bin/sh", args: ["-c", '"$0" "$@" &', path, ...args], cwd, env };
}
