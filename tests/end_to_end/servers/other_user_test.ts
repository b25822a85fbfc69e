import assert from "node:assert/strict";
import { Project } from "../../support/project.ts";
import { ProjectFolder } from "../../support/project_folder.ts";
import { isAvailable, type Running, TestMachine } from "../../support/test_machine.ts";
import { PYTHON_ENVIRONMENT, serverFiles, withoutPython } from "../../support/test_server.ts";

const ignore = withoutPython ||
  !isAvailable("root on Linux", () => Deno.build.os === "linux" && Deno.uid() === 0);
const { PATH } = PYTHON_ENVIRONMENT;
const IMPOSTOR = `${import.meta.dirname}/../../data/impostor.py`;
/** Another user's program listens where the server does not, or before the server. */
const hosts = ["::1", "127.0.0.1"] as const;

/** A server that prints its port and waits for {@linkcode go} before it listens there. */
class WaitingServer implements Disposable {
  readonly #gate = new ProjectFolder({});
  readonly files: Readonly<Record<string, string>>;

  constructor() {
    const { "server.py": server = "", ...others } = serverFiles();
    const start = `
import os, runpy, time
print("Waits at port", os.environ["ARCADE_SERVER_PORT"], flush=True)
while not os.path.exists(${JSON.stringify(`${this.#gate.path}/go`)}):
    time.sleep(0.01)
runpy.run_path("real.py", run_name="__main__")
`;
    this.files = { ...others, "server.py": start, "real.py": server };
  }

  go(): void {
    this.#gate.write("go", "");
  }

  [Symbol.dispose](): void {
    this.#gate[Symbol.dispose]();
  }
}

async function startImpostor(machine: TestMachine, host: string, port = ""): Promise<Running> {
  const impostor = machine.startProgram(["python3", IMPOSTOR, host, port, "1234"], {
    env: { PATH },
    isTyped: true,
  });
  await impostor.printed(/Listening/);
  return impostor;
}

async function assertGotNothing(impostor: Running): Promise<void> {
  impostor.kill("SIGKILL");
  assert.equal((await impostor.end()).stdout, "Listening\n");
}

for (const host of hosts) {
  Deno.test({
    name: `a program of another user at ${host} gets nothing from \`deploy\``,
    ignore,
    async fn() {
      await using machine = new TestMachine();
      using server = new WaitingServer();
      using project = new ProjectFolder(server.files);
      const running = machine.start(["deploy", "--dry-run", "--json", "--debug"], {
        cwd: project.path,
        env: { PATH },
      });
      const [, port] = await running.printed(/Waits at port (\d+)/);
      const impostor = await startImpostor(machine, host, port);
      if (host === "::1") server.go();
      const { code, stdout, stderr } = await running.end();
      if (host === "::1") {
        assert.equal(code, 0, stderr);
        const { name, secrets } = JSON.parse(stdout);
        assert.deepEqual([name, secrets], ["TestServer", [{ key: "TEST_SECRET", source: null }]]);
      } else {
        assert.equal(code, 1);
        assert.match(stderr, /Another user's program listens at http:\/\/127\.0\.0\.1:\d+, not/);
      }
      await assertGotNothing(impostor);
    },
  });

  Deno.test({
    name: `a program of another user at ${host} gets nothing from the local Arcade`,
    ignore,
    async fn() {
      await using machine = new TestMachine();
      machine.env.PATH = PATH;
      await machine.serve();
      await machine.logIn();
      const project = Project.of(machine);
      assert.equal((await machine.run(["secret", "set", "TEST_SECRET=first words"])).code, 0);
      using server = new WaitingServer();
      assert.equal((await project.deploy({ files: server.files })).status, 201);
      const [, port] = await project.logged(/^Waits at port (\d+)$/);
      const impostor = await startImpostor(machine, host, port);
      server.go();
      if (host === "::1") {
        await project.logged(/arcade: Healthy/);
        const word = await project.call("WordOfSecret");
        assert.equal(word.at("output", "value"), "first");
      } else {
        await project.logged(/^arcade: Exited with code 1$/); // the address is in use
        assert.equal(await project.status(), "failed");
      }
      await assertGotNothing(impostor);
    },
  });
}
