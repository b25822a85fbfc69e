import assert from "node:assert/strict";
import { withoutChromium } from "../../support/browser.ts";
import { ProjectFolder } from "../../support/project_folder.ts";
import { PYTHON_FOLDER, withoutPythonCli } from "../../support/python_cli.ts";
import { ServerPage } from "../../support/server_page.ts";
import { TestMachine } from "../../support/test_machine.ts";

const SEED = `
version: 1
servers:
  - { name: weather, folder: weather, command: [python3, -m, tests.local_server] }
`;

Deno.test({
  name: "the three tools of a new project are called on the page of their server",
  ignore: withoutPythonCli || withoutChromium,
}, async () => {
  await using machine = new TestMachine();
  machine.env.PATH = `${PYTHON_FOLDER}/bin:/usr/bin:/bin`;
  using folder = new ProjectFolder({ "seed.yaml": SEED });
  const made = await machine.run(["new", "weather"], { cwd: folder.path });
  assert.equal(made.code, 0, made.stderr);
  const data = ["--data", `${machine.path}/local`];
  await machine.serve({ args: [...data, "--seed", `${folder.path}/seed.yaml`] });
  await using opened = await ServerPage.on(machine);

  await opened.pick("Weather.Greet");
  await opened.call("Ada");
  await opened.shows("#result", "Hello, Ada!");

  await opened.pick("Weather.WhisperSecret");
  await opened.enterSecret("a secret of the page");
  await opened.call();
  await opened.shows("#result", "The last 4 characters of the secret are: page");

  await opened.pick("Weather.StarRepo");
  await opened.page.locator("#needs button[value=grant]").click();
  await opened.shows("#needs", "granted");
  await opened.call("ArcadeAI", "arcade-mcp");
  await opened.shows("#result", "Starred ArcadeAI/arcade-mcp");
  assert.deepEqual(opened.errors, []);
});
