/** Policies of the machine, for executables, which look at one path only. Each has its own view of the file system. */

import { isAvailable, succeeds, type TestMachine } from "./test_machine.ts";

/** Replaces /etc with another folder, for one program and its descendants. */
const INSTEAD_OF_ETC = ["unshare", "--mount", "sh", "-c", 'mount --bind "$0" /etc && exec "$@"'];

/** Whether executables cannot be run under a policy here. */
export const withoutPolicies = !isAvailable(
  "root on Linux, to put another folder over /etc",
  () => {
    const folder = Deno.makeTempDirSync({ prefix: "arcade-etc-" });
    try {
      const [program = "", ...words] = [
        ...INSTEAD_OF_ETC,
        folder,
        "test",
        "!",
        "-e",
        "/etc/passwd",
      ];
      return succeeds(program, ...words);
    } finally {
      Deno.removeSync(folder);
    }
  },
);

/**
 * The words before a program that runs on a machine with this policy.
 *
 * @param options.owner who owns the policy; root by default.
 */
export function under(
  policy: string,
  machine: TestMachine,
  { owner = 0 }: { readonly owner?: number } = {},
): string[] {
  const etc = Deno.makeTempDirSync({ dir: machine.path });
  const file = `${etc}/arcade/policy.toml`;
  Deno.chmodSync(etc, 0o755);
  Deno.mkdirSync(`${etc}/arcade`);
  Deno.writeTextFileSync(file, policy);
  Deno.chownSync(file, owner, owner);
  return [...INSTEAD_OF_ETC, etc];
}
