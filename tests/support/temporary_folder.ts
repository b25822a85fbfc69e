import { TestMachine } from "./test_machine.ts";

/** A machine with its own folder for temporary files. */
export function withTemporaryFolder(): { machine: TestMachine; temporary: string } {
  const machine = new TestMachine();
  const temporary = `${machine.path}/tmp`;
  Deno.mkdirSync(temporary);
  machine.env.TMPDIR = temporary;
  return { machine, temporary };
}
