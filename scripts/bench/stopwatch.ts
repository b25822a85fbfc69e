/**
 * The process that starts and times the programs of the benchmark, one after the other. It does nothing else, and adopts
 * their orphans, to know when these exit and what they used. It reads a {@link Start} from each line of its input, and
 * answers with an {@link Ended} when the program has exited, and a {@link Gone} when everything that it started has exited.
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
  /** The CPU time of the program and of everything that it started; undefined if the system does not report it. */
  readonly cpuMs: number | undefined;
  /** The peak memory of the largest orphan. */
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
