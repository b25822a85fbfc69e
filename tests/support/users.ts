/** Other users of this machine, for tests that run as root. */

import { copyProgram } from "./executable_files.ts";
import { BINARY, isAvailable, succeeds, type TestMachine } from "./test_machine.ts";

/** A user with no special rights, who needs no entry in the list of users. */
export const ORDINARY = 1234;
/** The words before a program that a user runs. */
export function as(uid: number): string[] {
  return ["setpriv", `--reuid=${uid}`, `--regid=${uid}`, "--clear-groups"];
}

/** Whether files cannot be given to other users here. */
export const withoutOtherOwners = !isAvailable("root on Unix, to give files to others", () => {
  const file = Deno.makeTempFileSync();
  try {
    Deno.chownSync(file, ORDINARY, ORDINARY);
    return true;
  } finally {
    Deno.removeSync(file);
  }
});

/** Whether no program can be run as the ordinary user. */
export const withoutOrdinaryUser = withoutOtherOwners ||
  !isAvailable("setpriv, and a temporary folder that every user can enter", () => {
    const folder = Deno.makeTempDirSync();
    try {
      Deno.chmodSync(folder, 0o755);
      const [program = "", ...words] = as(ORDINARY);
      return succeeds(program, ...words, "ls", folder);
    } finally {
      Deno.removeSync(folder);
    }
  });

/**
 * Lets every user enter the folder of a machine, and puts a copy of arcade there, because the clone may be below a folder
 * such as /root. Returns the path of the copy.
 */
export async function openToOthers(machine: TestMachine): Promise<string> {
  const copy = `${machine.path}/arcade`;
  copyProgram(BINARY, copy);
  for (const path of [machine.path, copy]) await Deno.chmod(path, 0o755);
  return copy;
}
