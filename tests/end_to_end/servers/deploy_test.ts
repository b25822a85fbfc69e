import assert from "node:assert/strict";
import { patiently } from "../../support/patience.ts";
import { runs } from "../../support/processes.ts";
import { ProjectFolder } from "../../support/project_folder.ts";
import { TestMachine } from "../../support/test_machine.ts";
import { PYTHON_ENVIRONMENT, serverFiles, withoutPython } from "../../support/test_server.ts";

const ignore = withoutPython;
const { PATH } = PYTHON_ENVIRONMENT;

Deno.test({
  name: "`deploy` validates a server with the permissions of the executable",
  ignore,
  async fn() {
    await using machine = new TestMachine();
    using project = new ProjectFolder({
      ...serverFiles(),
      ".env": "FROM_FILE=1\nTEST_SECRET=\n",
    });
    const { code, stdout, stderr } = await machine.run(["deploy", "--dry-run", "--json"], {
      cwd: project.path,
      env: { PATH, TEST_SECRET: 'in "the" $environment' },
    });
    assert.equal(code, 0, stderr);
    const { name, secrets } = JSON.parse(stdout);
    assert.deepEqual([name, secrets], [
      "TestServer",
      [{ key: "TEST_SECRET", source: "environment" }],
    ]);
    assert(!(stdout + stderr).includes("$environment"));
  },
});

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", "SIGKILL"] as const) {
  Deno.test({
    name: `\`deploy\` ended by ${signal} during validation leaves no process`,
    ignore,
    async fn() {
      await using machine = new TestMachine();
      using project = new ProjectFolder(serverFiles({ misbehave: "never-healthy fork" }));
      const running = machine.start(["deploy", "--dry-run", "--debug"], {
        cwd: project.path,
        env: { PATH },
      });
      const [, server = ""] = await running.printed(/Process (\d+)/);
      const [, forked = ""] = await running.printed(/Forked (\d+)/);
      assert.deepEqual([server, forked].map(runs), [true, true]);
      running.kill(signal);
      const { code, stderr } = await running.end();
      if (signal !== "SIGKILL") {
        assert.equal(code, 130, stderr);
        assert.match(stderr, /Cancelled\n$/);
      } else {
        // The guard ends the processes, and after five seconds the one that ignores SIGTERM.
        for (const pid of [server, forked]) await gone(pid);
      }
      assert.deepEqual([server, forked].map(runs), [false, false]);
    },
  });
}

/** Waits until a process has exited that is not a child of this one. */
async function gone(pid: string): Promise<void> {
  const poll = async () => {
    while (runs(pid)) await new Promise((resolve) => setTimeout(resolve, 20));
  };
  await patiently(`the end of process ${pid}`, poll());
}
