import assert from "node:assert/strict";
import { errorIn } from "../support/error_object.ts";
import { InProcessArcade } from "../support/in_process.ts";
import {
  FakeWorker,
  type Invocation,
  parameter,
  succeeded,
  workerTool,
} from "../support/workers.ts";

const USER = "developer@arcade.local";
const add = workerTool("Add", {
  input: {
    parameters: [
      parameter("a", "integer", { required: true }),
      parameter("b", "integer", { required: true }),
      parameter("to_text", "boolean"),
    ],
  },
});
const star = workerTool("Star", {
  input: { parameters: [parameter("owner", "string", { required: true })] },
  requirements: {
    authorization: {
      provider_id: "github",
      provider_type: "oauth2",
      oauth2: { scopes: ["repo"] },
    },
    secrets: [{ key: "STAR_KEY" }],
  },
});
const fail = workerTool("Fail");

function answer({ tool, inputs, context }: Invocation): Response {
  if (tool.name === "Add") {
    const sum = Number(inputs.a) + Number(inputs.b);
    return succeeded(inputs.to_text ? `It is ${sum}` : sum);
  }
  if (tool.name === "Star") return succeeded({ owner: inputs.owner, user: context.user_id });
  const error = { message: "No stars today", kind: "TOOL_RUNTIME_FATAL", can_retry: false };
  return Response.json({ success: false, output: { error } });
}

/** A local Arcade with these tools, on a server at its address. */
async function arcadeWithTools() {
  const stack = new AsyncDisposableStack();
  const { home } = stack.use(await InProcessArcade.loggedIn());
  const worker = stack.use(new FakeWorker([add, star, fail], answer));
  const path = `${home.path}/worker.json`;
  const http = { uri: worker.url, secret: "the secret of the server", timeout: 30, retry: 3 };
  await Deno.writeTextFile(path, JSON.stringify({ id: "demo", http }));
  const scope = "/v1/orgs/{org}/projects/{project}";
  const { code, stderr } = await home.run(["api", "POST", `${scope}/workers`, "--input", path]);
  assert.equal(code, 0, stderr);
  const run = (line: string, world = {}) => home.run(line.split(" "), world);
  return { home, run, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

Deno.test("a tool of the local Arcade is called by any spelling of its name", async () => {
  await using arcade = await arcadeWithTools();
  for (const name of ["Demo.Add", "demo_add", "DEMO.ADD", "Demo.Add@1.0.0", "Add"]) {
    const { code, stdout, stderr } = await arcade.run(`tool call ${name} --a 1 --b=2`);
    assert.deepEqual([code, stdout, stderr], [0, "3\n", ""], name);
  }
  const text = await arcade.run("tool call Demo.Add --a 1 --b 2 --to-text");
  assert.equal(text.stdout, "It is 3\n");
  const { stdout } = await arcade.run("tool call Demo.Add --a 1 --b 2 --json");
  const { success, status, output } = JSON.parse(stdout);
  assert.deepEqual([success, status, output.value], [true, "completed", 3]);
  const unknown = await arcade.run("tool call Demo.Ad --a 1");
  assert.deepEqual([unknown.code, /Did you mean "Demo.Add"/.test(unknown.stderr)], [1, true]);
  const help = await arcade.run("tool call demo.add --help");
  assert.match(help.stdout, /--a <integer> +The a \(required\)\n/);
});

Deno.test("a tool that fails at the local Arcade is exit code 5", async () => {
  await using arcade = await arcadeWithTools();
  const { code, stderr } = await arcade.run("tool call Demo.Fail");
  assert.equal(code, 5);
  assert.equal(stderr, "Error: Demo.Fail: No stars today (TOOL_RUNTIME_FATAL)\n");
});

Deno.test("a tool of the local Arcade gets its secret and its grant in four commands", async () => {
  await using arcade = await arcadeWithTools();
  const call = "tool call Demo.Star --owner deno";
  const first = await arcade.run(`${call} --json`);
  assert.deepEqual([first.code, errorIn(first.stderr).code], [6, "secret-missing"]);
  const [, set = ""] = /`arcade ([^`]+)`/.exec(errorIn(first.stderr).next ?? "") ?? [];
  assert.equal((await arcade.run(set, { stdin: ["value"] })).code, 0);

  const second = await arcade.run(`${call} --json`);
  assert.deepEqual([second.code, errorIn(second.stderr).code], [6, "grant-needed"]);
  const [page = ""] = /http:\S+(?=,)/.exec(errorIn(second.stderr).next ?? "") ?? [];
  const { status, body } = await fetch(page);
  await body?.cancel();
  assert.equal(status, 200);

  const granted = await arcade.run(`local grant ${USER} github`);
  assert.equal(granted.code, 0, granted.stderr);
  const { code, stdout, stderr } = await arcade.run(call);
  assert.equal(code, 0, stderr);
  assert.deepEqual(JSON.parse(stdout), { owner: "deno", user: USER });
});

Deno.test("a call waits until the local Arcade has the grant", async () => {
  await using arcade = await arcadeWithTools();
  await arcade.run("secret set STAR_KEY=value");
  const shown = Promise.withResolvers<void>();
  const calling = arcade.run("tool call Demo.Star --owner deno --wait", {
    onStderr: (stderr: string) => stderr.includes("Waiting for you") && shown.resolve(),
  });
  await shown.promise;
  await arcade.run(`local grant ${USER} github`);
  const { code, stdout, stderr } = await calling;
  assert.equal(code, 0, stderr);
  assert.equal(JSON.parse(stdout).user, USER);
});

Deno.test("grants of the local Arcade are started and followed with `auth`", async () => {
  await using arcade = await arcadeWithTools();
  const begun = await arcade.run("auth start github --scope repo --json");
  const { id, status, url } = JSON.parse(begun.stdout);
  assert.equal(status, "pending");
  assert.equal(new URL(url).hostname, "127.0.0.1");
  await arcade.run(`local grant ${USER} github --scope repo`);
  const { code, stdout } = await arcade.run(`auth status ${id} --wait --json`);
  assert.deepEqual([code, JSON.parse(stdout).status], [0, "completed"]);
  const again = await arcade.run("auth start github --scope repo --json");
  assert.equal(JSON.parse(again.stdout).status, "completed");
});

Deno.test("grants of the local Arcade are listed and revoked with `auth`", async () => {
  await using arcade = await arcadeWithTools();
  await arcade.run(`local grant ${USER} github --scope repo`);
  const { grants: [grant] } = JSON.parse((await arcade.run("auth list --json")).stdout);
  assert.deepEqual([grant.user, grant.provider, grant.scopes], [USER, "github", ["repo"]]);
  const { code, stderr } = await arcade.run(`auth revoke ${grant.id} --yes`);
  assert.deepEqual([code, stderr], [0, `Revoked the github grant of ${USER}\n`]);
  assert.deepEqual(JSON.parse((await arcade.run("auth list --json")).stdout), { grants: [] });
  assert.equal((await arcade.run(`auth revoke ${grant.id} --yes --ignore-missing`)).code, 0);
});

Deno.test("tools of the local Arcade are found by search words", async () => {
  await using arcade = await arcadeWithTools();
  const { stdout } = await arcade.run("tool search STAR --json");
  const { tools } = JSON.parse(stdout);
  assert.deepEqual(tools.map(({ name }: { name: string }) => name), ["Demo.Star"]);
  assert.match((await arcade.run("tool search does add")).stdout, /^Name .*\nDemo\.Add /);
  const none = await arcade.run("tool search nothing-like-it");
  assert.deepEqual([none.code, none.stderr], [0, "No tool has these words\n"]);
});

Deno.test("scheduled calls of the local Arcade are listed, and shown with their results", async () => {
  await using arcade = await arcadeWithTools();
  const none = await arcade.run("tool runs list");
  assert.deepEqual([none.code, none.stderr], [0, "No scheduled calls in this project yet\n"]);
  const path = `${arcade.home.path}/call.json`;
  const schedule = async (name: string, run_at: string) => {
    const call = { tool_name: name, input: { a: 1, b: 2 }, user_id: USER, run_at };
    await Deno.writeTextFile(path, JSON.stringify(call));
    const execute = "/v1/orgs/{org}/projects/{project}/tools/execute";
    const { stdout, stderr } = await arcade.run(`api POST ${execute} --input ${path}`);
    const { id } = JSON.parse(stdout);
    assert.equal(typeof id, "string", stderr);
    return id;
  };
  const later = await schedule("Demo.Add", "2999-01-01T00:00:00");
  const { stdout } = await arcade.run("tool runs list --json");
  assert.deepEqual(JSON.parse(stdout).runs, [{
    id: later,
    tool: "Demo.Add",
    version: "1.0.0",
    user: USER,
    status: "pending",
    run_at: "2999-01-01T00:00:00.000Z",
    started_at: null,
    finished_at: null,
  }]);
  const shown = await arcade.run(`tool runs get ${later}`);
  assert.match(shown.stdout, /Tool +Demo\.Add@1\.0\.0\nStatus +pending\n/);
  assert.match(shown.stdout, /Input +\{"a":1,"b":2\}\n/);
  const whole = await arcade.run(`tool runs get ${later} --json`);
  assert.deepEqual(JSON.parse(whole.stdout).input, { a: 1, b: 2 });
  const unknown = await arcade.run("tool runs get none");
  assert.deepEqual([unknown.code, /tool runs list/.test(unknown.stderr)], [1, true]);
  for (const words of ["remove x", "list x", "get", "get a b"]) {
    assert.equal((await arcade.run(`tool runs ${words}`)).code, 2, words);
  }
});
