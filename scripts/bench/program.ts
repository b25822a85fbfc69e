/** Programs as contestants: a whole process, from spawn to exit. */

import type { Contestant } from "./race.ts";

export interface Program {
  readonly name: string;
  readonly path: string;
  readonly args?: readonly string[];
  readonly cwd: string;
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>;
  /** What it writes to stdout and stderr when it works. */
  readonly writes: RegExp;
}

/** Runs the program once to see that it works, for else its time means nothing. */
export async function contestant(program: Program): Promise<Contestant> {
  const { name, path, args = [], cwd, env, writes } = program;
  const options: Deno.CommandOptions = { args: [...args], cwd, env, clearEnv: true, stdin: "null" };
  const { code, stdout, stderr } = await new Deno.Command(path, options).output();
  const decoder = new TextDecoder();
  const text = decoder.decode(stdout) + decoder.decode(stderr);
  if (code !== 0 || !writes.test(text)) {
    throw new Error(`${name} does not do what is to be measured (exit code ${code}):\n${text}`);
  }
  // Nobody reads the output then, so no reader takes part in the time.
  const command = new Deno.Command(path, { ...options, stdout: "null", stderr: "null" });
  return {
    name,
    async time() {
      const start = performance.now();
      const { success } = await command.spawn().status;
      const time = performance.now() - start;
      if (!success) throw new Error(`${name} failed while it was measured`);
      return time;
    },
  };
}
