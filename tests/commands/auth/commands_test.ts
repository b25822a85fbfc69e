import assert from "node:assert/strict";
import { ScriptedEngine } from "../../support/services.ts";
import { errorIn } from "../../support/error_object.ts";
import { grantRoutes, PAGE } from "../../support/grants.ts";

const SHOWN = {
  id: "ac_1",
  provider: "github",
  scopes: ["repo"],
  user: "someone@example.com",
};
const START = ["auth", "start", "github", "--scope", "repo", "--scope", "gist"];

Deno.test("`auth start` without a terminal prints the id and the address", async () => {
  await using engine = new ScriptedEngine(grantRoutes("pending"));
  const { code, stdout, stderr } = await engine.home.run(START);
  assert.deepEqual([code, stderr], [0, ""]);
  assert.match(stdout, /^ID +ac_1\nStatus +pending\nProvider +github\nScopes +repo\n/);
  assert.ok(stdout.endsWith(`  ${PAGE}\n`), stdout);
  assert.deepEqual(engine.asked, ["POST /auth/authorize"]);
  assert.deepEqual(JSON.parse(engine.answers.seen[0]?.body ?? ""), {
    user_id: "someone@example.com",
    auth_requirement: {
      provider_id: "github",
      provider_type: "oauth2",
      oauth2: { scopes: ["repo", "gist"] },
    },
  });
  const { stdout: told } = await engine.home.run([...START, "--json", "--user", "u_1"]);
  assert.deepEqual(JSON.parse(told), { ...SHOWN, status: "pending", url: PAGE });
  assert.equal(JSON.parse(engine.answers.seen[1]?.body ?? "").user_id, "u_1");
});

Deno.test("`auth start` on a terminal opens the page and waits for the user", async () => {
  await using engine = new ScriptedEngine(grantRoutes("pending", ["pending", "completed"]));
  const opened: string[] = [];
  const { code, stdout, stderr } = await engine.home.run(START, {
    terminal: true,
    browse: (url) => Promise.resolve(opened.push(url) > 0),
  });
  assert.equal(code, 0, stderr);
  assert.deepEqual(opened, [PAGE]);
  assert.ok(stderr.includes(`\n  ${PAGE}\n`), stderr);
  assert.match(stdout, /Status +completed\n/);
  assert.deepEqual(engine.asked, [
    "POST /auth/authorize",
    "GET /auth/status?id=ac_1&wait=3",
    "GET /auth/status?id=ac_1&wait=3",
  ]);
});

Deno.test("`auth start` opens no page in CI, and none for --no-wait", async () => {
  for (const [words, env] of [[["--no-wait"], {}], [[], { CI: "1" }]] as const) {
    await using engine = new ScriptedEngine(grantRoutes("pending"));
    const { code, stdout } = await engine.home.run([...START, ...words], {
      terminal: true,
      env,
      browse: () => Promise.reject(new Error("A page was opened")),
    });
    assert.equal(code, 0);
    assert.match(stdout, /Status +pending\n/);
  }
});

Deno.test("`auth start` of what is granted asks nobody", async () => {
  await using engine = new ScriptedEngine(grantRoutes("completed"));
  const { code, stdout } = await engine.home.run(START, { terminal: true });
  assert.equal(code, 0);
  assert.match(stdout, /Status +completed\n/);
  assert.deepEqual(engine.asked, ["POST /auth/authorize"]);
});

Deno.test("`auth status` shows the state, whatever it is", async () => {
  for (const status of ["pending", "completed", "failed", "not_started"]) {
    await using engine = new ScriptedEngine(grantRoutes("pending", [status]));
    const { code, stdout } = await engine.home.run(["auth", "status", "ac_1", "--json"]);
    assert.equal(code, 0);
    const url = status === "pending" ? PAGE : null;
    assert.deepEqual(JSON.parse(stdout), { ...SHOWN, status, url });
    assert.deepEqual(engine.asked, ["GET /auth/status?id=ac_1"]);
  }
});

Deno.test("a grant that fails ends `auth status --wait`", async () => {
  await using engine = new ScriptedEngine(grantRoutes("pending", ["pending", "pending", "failed"]));
  const ran = await engine.home.run(["auth", "status", "ac_1", "--wait", "--json"]);
  assert.equal(ran.code, 6);
  assert.equal(JSON.parse(ran.stdout).status, "failed");
  assert.equal(errorIn(ran.stderr).code, "grant-needed");
  // An engine may answer a request about a refusal only when its wait is over, so waits are short.
  assert.deepEqual(engine.asked, [
    "GET /auth/status?id=ac_1",
    "GET /auth/status?id=ac_1&wait=3",
    "GET /auth/status?id=ac_1&wait=3",
  ]);
});

Deno.test("`auth status --wait N` ends after that time, and does not ask all the time", async () => {
  await using engine = new ScriptedEngine(grantRoutes("pending", ["pending"]));
  let now = 0;
  const { code, pauses, stderr } = await engine.home.run(["auth", "status", "ac_1", "--wait=3"], {
    elapsedMs: () => now,
    sleep: (milliseconds) => Promise.resolve(void (now += milliseconds)),
  });
  assert.equal(code, 6);
  assert.deepEqual(pauses, [1000, 1000, 1000]);
  assert.match(stderr, /Nobody has decided yet\n.*arcade auth status ac_1 --wait/);
});
