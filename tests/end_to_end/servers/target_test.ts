import assert from "node:assert/strict";
import { TestMachine } from "../../support/test_machine.ts";

const windows = Deno.build.os === "windows";

/** The variables that a server of `arcade mcp` gets. */
async function variablesOf(
  machine: TestMachine,
  env: Readonly<Record<string, string | undefined>> = {},
): Promise<{ variables: Map<string, string>; stderr: string }> {
  const args = ["mcp", "stdio", "--", "/usr/bin/env", "-0"];
  const { code, stdout, stderr } = await machine.run(args, { env });
  assert.equal(code, 0, stderr);
  const entries = stdout.split("\0").filter((one) => one !== "").map((one): [string, string] => {
    const at = one.indexOf("=");
    return [one.slice(0, at), one.slice(at + 1)];
  });
  return { variables: new Map(entries), stderr };
}

Deno.test(
  "a server of `mcp` is led to the engine and the user of the login, unless the user says otherwise",
  {
    ignore: windows,
  },
  async () => {
    await using machine = await TestMachine.loggedIn();
    const { variables } = await variablesOf(machine);
    assert.equal(variables.get("ARCADE_API_URL"), machine.server.url);
    assert.equal(variables.get("ARCADE_USER_ID"), "developer@arcade.local");
    const own = await variablesOf(machine, { ARCADE_API_URL: "https://own.example" });
    assert.equal(own.variables.get("ARCADE_API_URL"), "https://own.example");
    assert.equal(own.variables.get("ARCADE_USER_ID"), "developer@arcade.local");
    const blank = await variablesOf(machine, { ARCADE_API_URL: " ", ARCADE_USER_ID: "" });
    assert.equal(blank.variables.get("ARCADE_API_URL"), machine.server.url);
    assert.equal(blank.variables.get("ARCADE_USER_ID"), "developer@arcade.local");
    await Deno.writeTextFile(`${machine.home}/.env`, "ARCADE_USER_ID=of-the-file\n");
    assert(!(await variablesOf(machine)).variables.has("ARCADE_USER_ID"));
    await Deno.writeTextFile(`${machine.home}/.env`, "ARCADE_API_KEY=arc_of_the_cloud\n");
    assert(!(await variablesOf(machine)).variables.has("ARCADE_API_URL"));
  },
);

Deno.test("a server of `mcp` gets no login whose engine is not clear", {
  ignore: windows,
}, async () => {
  await using machine = await TestMachine.loggedIn();
  const env = { ARCADE_ENGINE_URL: "https://api.arcade.dev" };
  const { variables, stderr } = await variablesOf(machine, env);
  assert.equal(variables.get("ARCADE_WORK_DIR"), "/dev/null");
  assert(!variables.has("ARCADE_API_URL"));
  assert.match(stderr, /^Warning: The server runs without your login: /);
});

Deno.test("a server of `mcp` gets no address without a login", { ignore: windows }, async () => {
  await using machine = new TestMachine();
  const { variables, stderr } = await variablesOf(machine);
  assert(!variables.has("ARCADE_API_URL"));
  assert(!variables.has("ARCADE_USER_ID"));
  assert.equal(stderr, "");
});

Deno.test(
  "a server of `mcp` is led to the engine of an API key",
  { ignore: windows },
  async () => {
    await using machine = new TestMachine();
    const { variables } = await variablesOf(machine, {
      ARCADE_API_KEY: "arc_key",
      ARCADE_URL: "https://ci.example",
    });
    assert.equal(variables.get("ARCADE_API_URL"), "https://ci.example");
    assert(!variables.has("ARCADE_USER_ID"));
  },
);

Deno.test(
  "a server of `mcp` finds no login where ARCADE_TOKEN is used instead, which it does not know",
  { ignore: windows },
  async () => {
    await using machine = await TestMachine.loggedIn();
    const env = { ARCADE_TOKEN: "token", ARCADE_ENGINE_URL: "https://other.example" };
    const { variables } = await variablesOf(machine, env);
    assert.equal(variables.get("ARCADE_API_URL"), "https://other.example");
    assert.equal(variables.get("ARCADE_WORK_DIR"), "/dev/null");
  },
);

Deno.test(
  "a server of `mcp` finds no login whose local Arcade has ended, because anybody may have its port",
  { ignore: windows },
  async () => {
    await using machine = await TestMachine.loggedIn();
    await machine.server.stop();
    const { variables, stderr } = await variablesOf(machine);
    assert.equal(variables.get("ARCADE_WORK_DIR"), "/dev/null");
    assert(!variables.has("ARCADE_API_URL"));
    assert.match(stderr, /^Warning: The server runs without your login: You have no local Arcade/);
  },
);
