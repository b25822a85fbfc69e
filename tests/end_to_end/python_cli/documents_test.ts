import { internetOf } from "../../support/internet.ts";
import { UV_FOLDER, withoutUv } from "../../support/python_cli.ts";
import { followPage, Reader } from "../../support/reader.ts";
import { TestMachine } from "../../support/test_machine.ts";
import { PYTHON_ENVIRONMENT } from "../../support/test_server.ts";

/** A machine with uv, which reaches PyPI. */
function machineWithUv(): TestMachine {
  const machine = new TestMachine();
  Object.assign(machine.env, internetOf(), { XDG_CACHE_HOME: `${UV_FOLDER}/cache` });
  return machine;
}

const programs = [`${UV_FOLDER}/bin`, ...PYTHON_ENVIRONMENT.PATH.split(":")];

Deno.test({
  name: "a reader who follows docs/first-server.md creates, calls, connects and deploys a server",
  ignore: withoutUv,
  async fn() {
    await using machine = machineWithUv();
    await machine.serve({ env: { PATH: programs.join(":") } });
    await using reader = new Reader(machine, { programs });
    await followPage(reader, "docs/first-server.md");
  },
});

for (const example of ["github-workflow", "tool-with-a-grant"]) {
  Deno.test({
    name: `a reader who copies the example ${example} and follows its README tests it`,
    ignore: withoutUv,
    async fn() {
      await using machine = machineWithUv();
      await using reader = new Reader(machine, { programs, example });
      await followPage(reader, `examples/${example}/README.md`);
    },
  });
}
