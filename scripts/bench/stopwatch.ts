/**
 * The process that starts and times the programs of the benchmark, one after the other. It does nothing else meanwhile, and
 * it adopts what they leave behind, so that it knows when all of that has ended and what it took. It reads a
 * {@link Start} in each line of its input, and answers with a {@link Ended} when the program has ended, and a {@link Gone}
 * when everything that it started has ended too.
 */

import { adoptOrphans, endOfOrphan, type Usage, usageOfChildren } from "../orphans.ts";

/** A program to start. */
export interface Start {
  readonly path: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>;
}

export interface Ended {
  readonly wallMs: number;
  readonly success: boolean;
}

export interface Gone {
  /** Of the program and of everything that it started; undefined where the system does not tell. */
  readonly cpuMs: number | undefined;
  /** Of the largest process that the program left behind. */
  readonly peakBytes: number | undefined;
}

if (import.meta.main) {
  adoptOrphans();
  let input = "";
  for await (const text of Deno.stdin.readable.pipeThrough(new TextDecoderStream())) {
    input += text;
    for (let end = input.indexOf("\n"); end >= 0; end = input.indexOf("\n")) {
      await measure(JSON.parse(input.slice(0, end)));
      input = input.slice(end + 1);
    }
  }
}

async function measure({ path, args, cwd, env }: Start): Promise<void> {
  const before = usageOfChildren();
  const command = new Deno.Command(path, {
    args: [...args],
    cwd,
    env,
    clearEnv: true,
    stdin: "null",
    stdout: "null",
    stderr: "null",
  });
  const start = performance.now();
  const { success } = await command.spawn().status;
  answer<Ended>({ wallMs: performance.now() - start, success });
  const orphans: Usage[] = [];
  for (let usage = await endOfOrphan(-1); usage; usage = await endOfOrphan(-1)) orphans.push(usage);
  const after = usageOfChildren();
  answer<Gone>({
    cpuMs: before && after && after.cpuMs - before.cpuMs,
    peakBytes: after && Math.max(0, ...orphans.map(({ peakBytes }) => peakBytes)),
  });
}

function answer<T>(value: T): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${JSON.stringify(value)}\n`));
}
