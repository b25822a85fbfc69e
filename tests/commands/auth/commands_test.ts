import assert from "node:assert/strict";
import { json } from "../../support/answers.ts";
import { type Routes, ScriptedEngine } from "../../support/services.ts";
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

Deno.test("the id of a grant is quoted for the shell in the command that waits", async () => {
  const id = "a'; touch /tmp/x; '$(id)";
  const begun = { id, status: "pending", url: PAGE };
  await using engine = new ScriptedEngine({
    "POST /auth/authorize": () => json(begun),
    "GET /auth/status": () => json(begun),
  });
  const { stderr } = await engine.home.run([...START, "--wait", "1"]);
  assert.ok(
    stderr.includes(`arcade auth status 'a'\\''; touch /tmp/x; '\\''$(id)' --wait`),
    stderr,
  );
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

Deno.test("`auth start` for an existing grant asks no user", async () => {
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

Deno.test("a failed grant ends `auth status --wait`", async () => {
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

Deno.test("`auth status --wait N` ends after that time, and polls at intervals", async () => {
  await using engine = new ScriptedEngine(grantRoutes("pending", ["pending"]));
  const { code, pauses, stderr } = await engine.home.run(["auth", "status", "ac_1", "--wait=3"]);
  assert.equal(code, 6);
  assert.deepEqual(pauses, [1000, 1000, 1000]);
  assert.match(stderr, /The user has not responded yet\n.*arcade auth status ac_1 --wait/);
});

Deno.test("`auth status --wait` says whom it waits for", async () => {
  await using engine = new ScriptedEngine(grantRoutes("pending", ["pending", "completed"]));
  const { code, stderr } = await engine.home.run(["auth", "status", "ac_1", "--wait"]);
  assert.deepEqual([code, stderr], [0, "Waiting for someone@example.com… (Ctrl-C to cancel)\n"]);
  await using decided = new ScriptedEngine(grantRoutes("pending", ["completed"]));
  const { stderr: none } = await decided.home.run(["auth", "status", "ac_1", "--wait"]);
  assert.equal(none, "");
});

Deno.test("`auth status` of an unknown id names it, and how to get one", async () => {
  for (
    const [more, flags] of [[[], ""], [["--context", "default"], " --context default"]] as const
  ) {
    await using engine = new ScriptedEngine({
      "GET /auth/status": () => json({ message: "No such thing" }, { status: 404 }),
    });
    const ran = await engine.home.run(["auth", "status", "ac_none", ...more]);
    assert.equal(ran.code, 1);
    assert.equal(
      ran.stderr,
      `Error: No authorization called "ac_none"\n  Start one with \`arcade auth start PROVIDER${flags}\`\n`,
    );
  }
});

const CONNECTIONS = [
  { id: "uc_1", user_id: "ada", provider_id: "github", scopes: ["repo", "gist"] },
  { id: "uc_2", user_id: "bob", provider_id: "google", scopes: [], expires_at: "2026-12-01" },
];
const connections: Routes = {
  "GET /admin/user_connections": () => json({ items: CONNECTIONS, total_count: 2 }),
  "DELETE /admin/user_connections/uc_1": () => new Response(null, { status: 204 }),
};

Deno.test("`auth list` shows the grants of all users, or of one", async () => {
  await using engine = new ScriptedEngine(connections);
  const { code, stdout } = await engine.home.run(["auth", "list"]);
  assert.equal(code, 0);
  assert.deepEqual(stdout.trimEnd().split("\n").map((line) => line.split(/ {2,}/)), [
    ["ID", "User", "Provider", "Scopes"],
    ["uc_1", "ada", "github", "repo gist"],
    ["uc_2", "bob", "google", "-"],
  ]);
  const { stdout: told } = await engine.home.run(["auth", "list", "--user", "bob", "--json"]);
  assert.deepEqual(JSON.parse(told), {
    grants: [
      { id: "uc_2", user: "bob", provider: "google", scopes: [], expires_at: "2026-12-01" },
    ],
  });
  assert.deepEqual(engine.asked, [
    "GET /admin/user_connections?limit=100",
    "GET /admin/user_connections?user_id=bob&limit=100",
  ]);
  await using empty = new ScriptedEngine({
    "GET /admin/user_connections": () => json({ items: [], total_count: 0 }),
  });
  assert.match((await empty.home.run(["auth", "list"])).stderr, /No grants/);
});

Deno.test("`auth revoke` asks, and needs --yes without a terminal", async () => {
  await using engine = new ScriptedEngine(connections);
  const alone = await engine.home.run(["auth", "revoke", "uc_1"]);
  assert.deepEqual([alone.code, engine.asked], [2, []]);
  const no = await engine.home.run(["auth", "revoke", "uc_1"], { terminal: true, stdin: ["n\n"] });
  assert.deepEqual([no.code, engine.asked.filter((one) => one.startsWith("DELETE"))], [0, []]);
  const yes = await engine.home.run(["auth", "revoke", "uc_1", "--yes", "--json"]);
  assert.deepEqual([yes.code, JSON.parse(yes.stdout)], [0, { revoked: ["uc_1"], missing: [] }]);
  assert.equal(engine.asked.at(-1), "DELETE /admin/user_connections/uc_1");
});

Deno.test("`auth revoke` of a grant that is gone fails, unless it may be missing", async () => {
  await using engine = new ScriptedEngine(connections);
  // uc_2 is listed, and gone when it is revoked.
  for (const id of ["uc_3", "uc_2"]) {
    const failed = await engine.home.run(["auth", "revoke", id, "--yes"]);
    assert.equal(failed.code, 1);
    const words = ["auth", "revoke", id, "--yes", "--ignore-missing", "--json"];
    const { code, stdout } = await engine.home.run(words);
    assert.deepEqual([code, JSON.parse(stdout)], [0, { revoked: [], missing: [id] }]);
  }
});
