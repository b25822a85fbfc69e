import assert from "node:assert/strict";
import { pathToFileURL } from "node:url";
import { load } from "js-yaml";
import { writeProgram } from "../../support/executable_files.ts";
import { areInstalled } from "../../support/programs.ts";
import { ProjectFolder } from "../../support/project_folder.ts";
import { onTerminal, withoutTerminal } from "../../support/terminal.ts";
import { TestMachine } from "../../support/test_machine.ts";
import { shellWord } from "../../../src/text/shell_word.ts";

function namesIn(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
}

Deno.test({
  name: "a new project is as readable for others as the user's mask says",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using machine = new TestMachine();
    using folder = new ProjectFolder({});
    const through = ["sh", "-c", 'umask 027 && exec "$@"', "sh"];
    const { code, stderr } = await machine.run(["new", "weather"], { cwd: folder.path, through });
    assert.equal(code, 0, stderr);
    const modeOf = (path: string) => (Deno.statSync(`${folder.path}/${path}`).mode ?? 0) & 0o777;
    assert.deepEqual(
      ["weather", "weather/tests", "weather/server.py", "weather/.env.example"].map(modeOf),
      [0o750, 0o750, 0o640, 0o640],
    );
    assert.deepEqual(namesIn(folder.path), ["weather"]);
  },
});

Deno.test("if several processes create a project with one name, one succeeds, and it is complete", async () => {
  await using machine = new TestMachine();
  using folder = new ProjectFolder({});
  const started = ["1", "2", "3", "4"].map(() =>
    machine.run(["new", "weather", "--json"], { cwd: folder.path })
  );
  const ended = await Promise.all(started);
  const [created, ...others] = ended.filter(({ code }) => code === 0);
  assert.deepEqual(others, []);
  for (const { code, stderr } of ended) {
    if (code !== 0) assert.match(stderr, /"code":"file","message":"weather already exists"/);
  }
  const { files }: { files: string[] } = JSON.parse(created?.stdout ?? "");
  for (const file of files) assert(Deno.statSync(`${folder.path}/weather/${file}`).size > 0);
  assert.deepEqual(namesIn(folder.path), ["weather"]);
});

Deno.test({
  name: "`new` asks for the name on a terminal, and Ctrl-C there leaves nothing",
  ignore: withoutTerminal,
  async fn() {
    await using machine = new TestMachine();
    using folder = new ProjectFolder({});
    const run = async (keys: string) => {
      const line = `cd ${shellWord(folder.path)} && arcade new; echo code=$?`;
      const running = onTerminal(machine, line);
      await running.printed(/Name of the server \(my_server\): /);
      await running.type(keys);
      return (await running.end()).stdout;
    };
    assert.match(await run("weath\x03"), /code=130/);
    assert.deepEqual(namesIn(folder.path), []);
    const created = await run("weather\r");
    assert.match(created, /Created\S* weather: an MCP server with three tools\r\n/);
    assert.match(created, /code=0/);
    assert.deepEqual(namesIn(folder.path), ["weather"]);
  },
});

interface Workflow {
  readonly jobs: {
    readonly server: {
      readonly steps: readonly { readonly name?: string; readonly run?: string }[];
    };
  };
}

Deno.test({
  name: "the workflow of a new project installs arcade with an install.sh, and fails without one",
  ignore: Deno.build.os === "windows" || !areInstalled("bash", "curl"),
  async fn() {
    await using machine = new TestMachine();
    using folder = new ProjectFolder({
      "install.sh": `printf '#!/bin/sh\\necho installed\\n' > "$ARCADE_UNMANAGED_INSTALL/arcade"\n`,
    });
    writeProgram(`${folder.path}/bin/pipx`, "#!/bin/sh\n");
    Deno.mkdirSync(`${machine.home}/.local/bin`, { recursive: true });
    assert.equal((await machine.run(["new", "weather"], { cwd: folder.path })).code, 0);
    const text = Deno.readTextFileSync(`${folder.path}/weather/.github/workflows/deploy.yml`);
    const { jobs: { server: { steps } } } = load(text) as Workflow;
    const { run = "" } = steps.find(({ name }) => name === "Install uv and arcade") ?? {};
    const install = async (INSTALLER: string) =>
      // As GitHub runs a step with `shell: bash`.
      await machine.startProgram(["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", run], {
        env: {
          INSTALLER,
          GITHUB_PATH: `${machine.path}/path`,
          PATH: `${folder.path}/bin:${Deno.env.get("PATH")}`,
        },
      }).end();
    const installed = await install(pathToFileURL(`${folder.path}/install.sh`).href);
    assert.equal(installed.code, 0, installed.stderr);
    assert.equal(Deno.readTextFileSync(`${machine.path}/path`), `${machine.home}/.local/bin\n`);
    assert(Deno.statSync(`${machine.home}/.local/bin/arcade`).isFile);
    assert.notEqual((await install(pathToFileURL(`${folder.path}/none.sh`).href)).code, 0);
    const without = await install("");
    assert.notEqual(without.code, 0);
    assert.match(without.stderr, /The address of the install\.sh of arcade is missing/);
  },
});
