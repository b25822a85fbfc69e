/** Errors of the operating system that no test can cause otherwise, such as those of network drives. */

import assert from "node:assert/strict";
import { withoutStrace } from "../../support/telemetry_machine.ts";
import { assertRefused, TestMachine } from "../../support/test_machine.ts";

const ADD = ["identity", "add", "--hub", "musehub.ai", "--token-stdin"];

/** The words before a program whose system call fails, at a path if there is one. */
function failing(call: string, error: string, path?: string): string[] {
  // Without --seccomp-bpf, with which some versions of strace inject nothing.
  const at = path === undefined ? [] : ["-P", path];
  const traced = ["-e", `trace=${call}`, "-e", `inject=${call}:error=${error}`, ...at];
  return ["strace", "-f", "-qq", ...traced, "-o", "/dev/null"];
}

for (const error of ["ENOLCK", "EOPNOTSUPP", "ENOSYS"]) {
  Deno.test(
    { name: `a file system without locks (${error}) is reported`, ignore: withoutStrace },
    async () => {
      await using machine = new TestMachine();
      const through = failing("flock", error);
      const noLocks =
        /^Error: Cannot lock .*: its file system does not support locks\n {2}Set ARCADE_WORK_DIR /;
      assertRefused(await machine.run(ADD, { through, stdin: "token" }), 1, noLocks);
      assertRefused(await machine.run(["telemetry", "disable"], { through }), 1, noLocks);
      const serve = ["local", "serve", "--port", "0", "--data", `${machine.path}/data`];
      assertRefused(
        await machine.run(serve, { through }),
        1,
        /its file system does not support locks/,
      );
    },
  );
}

const REASONS: Readonly<Record<string, RegExp>> = {
  EDQUOT: /the disk is full/,
  EIO: /the disk reports an error/,
  ELOOP: /its links form a loop/,
  EMFILE: /too many files are open/,
  ENAMETOOLONG: /the path is too long/,
  EROFS: /the file system is read-only/,
  ESTALE: /its network drive changed in the meantime/,
  ETXTBSY: /another program uses it/,
};
for (const [error, reason] of Object.entries(REASONS)) {
  Deno.test(
    { name: `${error} is reported wherever it comes from`, ignore: withoutStrace },
    async () => {
      await using machine = new TestMachine();
      const file = `${machine.folder}/identity.toml`;
      assert.equal((await machine.run(ADD, { stdin: "old" })).code, 0);
      const before = await Deno.readTextFile(file);
      for (
        const [call, path] of [
          ["flock"],
          ["openat", `${machine.folder}/.identity.lock`],
          ["openat", file],
          ["statx", file],
          ["fsync"],
          ["rename"],
        ] as const
      ) {
        const through = failing(call, error, path);
        assertRefused(await machine.run(ADD, { through, stdin: "new" }), 1, reason);
        assert.equal(await Deno.readTextFile(file), before);
      }
      const names = [...Deno.readDirSync(machine.folder)].map(({ name }) => name);
      assert.deepEqual(names.sort(), [".identity.lock", "identity.toml"]);
    },
  );
}
