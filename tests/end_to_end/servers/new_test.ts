import assert from "node:assert/strict";
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

Deno.test("of several processes that create a project of one name, one does, and it is complete", async () => {
  await using machine = new TestMachine();
  using folder = new ProjectFolder({});
  const started = ["1", "2", "3", "4"].map(() =>
    machine.run(["new", "weather", "--json"], { cwd: folder.path })
  );
  const ended = await Promise.all(started);
  const [created, ...others] = ended.filter(({ code }) => code === 0);
  assert.deepEqual(others, []);
  for (const { code, stderr } of ended) {
    if (code !== 0) assert.match(stderr, /"code":"file","message":"weather exists already"/);
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
