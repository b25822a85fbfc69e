import assert from "node:assert/strict";
import { addressOf, open, TestMachine, WireTap } from "../../support/test_machine.ts";
import { Answers, json } from "../../support/answers.ts";

/** Clears the screen, sets the title, rings the bell, reverses text, and fakes further lines. */
const EVIL =
  "Evil<script>\x1b[2J\x1b]0;owned\x07\x9b31m\r\nError: run this\u2028\u202Egpj.exe\u2066\u200B\uFEFF\x7f\u{E0041}";
/** The harmless part. */
const HARMLESS = "Evil";
const UNSAFE =
  // deno-lint-ignore no-control-regex
  /[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u200B\u200E\u200F\u202A-\u202E\u2066-\u2069\uFEFF\u{E0000}-\u{E007F}]/u;

function assertSafe(name: string, text: string): void {
  assert.doesNotMatch(text, UNSAFE, `${name} has unsafe characters: ${JSON.stringify(text)}`);
  assert.doesNotMatch(text, /^Error: run this/m, `${name} has a fake line: ${text}`);
}

const ORGANIZATION = { organization_id: `org${EVIL}`, name: EVIL, is_default: true };
const PROJECT = { project_id: `proj${EVIL}`, name: EVIL, is_default: true };
const SECRET = {
  id: "sec_1",
  key: EVIL,
  binding: { type: EVIL },
  description: EVIL,
  hint: EVIL,
  last_accessed_at: EVIL,
  created_at: EVIL,
};

/** A machine with a login at a hostile coordinator and engine. */
async function withHostileServices() {
  const machine = new TestMachine();
  const server = await machine.serveInProcess();
  const tap = new WireTap(server.url, ({ method, path }) => {
    if (path === "/api/v1/auth/whoami") {
      return json({
        data: { account_id: "1", email: EVIL, organizations: [ORGANIZATION], projects: [PROJECT] },
      });
    }
    if (path.endsWith("/projects")) return json({ data: { items: [PROJECT] } });
    if (path.endsWith("/orgs")) return json({ data: { items: [ORGANIZATION] } });
    if (path.endsWith("/secrets")) return json({ items: [SECRET] });
    if (path.includes("/secrets/")) {
      return method === "DELETE"
        ? new Response(null, { status: 204 })
        : json({ message: EVIL }, { status: 422 });
    }
  });
  tap.listenTo(machine);
  const login = machine.start(["login", "--callback-port", "0", "--no-browser"]);
  const page = await open(await addressOf(login));
  const { code, stderr } = await login.end();
  assert.equal(code, 0, stderr);
  return {
    machine,
    tap,
    login: stderr,
    page,
    async [Symbol.asyncDispose]() {
      await tap[Symbol.asyncDispose]();
      await machine[Symbol.asyncDispose]();
    },
  };
}

Deno.test("names at a login are escaped in the terminal and in the browser", async () => {
  await using fixture = await withHostileServices();
  assertSafe("login", fixture.login);
  assert.match(fixture.login, new RegExp(`\nLogged in as ${HARMLESS}`));
  assert.match(fixture.page, /Evil&lt;script&gt;/);
});

Deno.test("names from the services are escaped in the output for people", async () => {
  await using fixture = await withHostileServices();
  const { machine } = fixture;
  await Deno.writeTextFile(`${machine.home}/.env`, "KEY=value\n");
  const commands: [string[], number][] = [
    [["whoami"], 0],
    [["org", "list"], 0],
    [["project", "list"], 0],
    [["org", "set", EVIL.toUpperCase()], 0],
    [["project", "set", EVIL], 0],
    [["org", "set", `Not ${EVIL}`], 1],
    [["secret", "list"], 0],
    [["secret", "set", "KEY=value", "--dry-run"], 0],
    [["secret", "set", "--from-env", "--prune", "--dry-run"], 0],
    [["secret", "set", "--from-env", "--prune", "--yes"], 1],
    [["secret", "set", `${EVIL.replace(/\s/g, "")}=value`], 2],
    [["secret", "unset", EVIL, `Not ${EVIL}`], 0],
    [["login"], 0],
    [["logout"], 0],
  ];
  for (const [args, expected] of commands) {
    const { code, stdout, stderr } = await machine.run(args);
    assertSafe(`${args.join(" ")} on stdout`, stdout);
    assertSafe(`${args.join(" ")} on stderr`, stderr);
    assert.equal(code, expected, stderr);
  }
});

Deno.test("`--json` has complete names with unsafe characters escaped", async () => {
  await using fixture = await withHostileServices();
  const { machine } = fixture;
  const organization = { id: ORGANIZATION.organization_id, name: EVIL };
  const project = { id: PROJECT.project_id, name: EVIL };
  const read = async (args: readonly string[]) => {
    const { code, stdout, stderr } = await machine.run([...args, "--json"]);
    assert.equal(code, 0, stderr);
    assertSafe(`${args.join(" ")} --json`, stdout);
    return JSON.parse(stdout);
  };
  assert.deepEqual(await read(["org", "list"]), {
    organizations: [{ ...organization, default: true, active: true }],
  });
  assert.deepEqual(await read(["project", "list"]), {
    organization,
    projects: [{ ...project, default: true, active: true }],
  });
  assert.deepEqual((await read(["whoami"])).email, EVIL);
  assert.deepEqual((await read(["secret", "list"])).secrets[0].description, EVIL);
  assert.deepEqual((await read(["secret", "set", "KEY=value", "--dry-run"])).left_alone, [EVIL]);
});

Deno.test("`--debug` escapes the responses of the services", async () => {
  await using fixture = await withHostileServices();
  for (const args of [["org", "list"], ["secret", "list"], ["secret", "set", "KEY=value"]]) {
    const { stderr } = await fixture.machine.run([...args, "--debug"]);
    assertSafe(`${args.join(" ")} --debug`, stderr);
  }
});

Deno.test("error messages of services are escaped and fit one line", async () => {
  await using machine = await TestMachine.loggedIn();
  const bodies = [
    { message: EVIL },
    { detail: EVIL },
    { detail: [{ msg: EVIL }] },
    { error: EVIL },
    { error: EVIL, error_description: EVIL },
    { error: { message: EVIL } },
  ];
  for (const body of bodies) {
    for (const status of [400, 401, 403, 422]) {
      await using services = new Answers(() => json(body, { status }));
      machine.moveLogin({ coordinator: services.url, engine: services.url });
      for (const args of [["secret", "list"], ["org", "list"]]) {
        const { code, stderr } = await machine.run(args);
        assert(code === 1 || code === 4);
        assertSafe(`${status} ${JSON.stringify(body)}`, stderr);
        assert.match(stderr, /^Error: [^\n]+\n {2}[^\n]+\n$/);
      }
    }
  }
});

Deno.test("a device login escapes the server's texts", async () => {
  await using machine = new TestMachine();
  const server = await machine.serveInProcess();
  await using tap = new WireTap(server.url, ({ path }) => {
    if (path === "/oauth2/device_authorization") {
      return json({
        device_code: "device",
        user_code: EVIL,
        verification_uri: `http://127.0.0.1/${EVIL}`,
        expires_in: 600,
        interval: 1,
      });
    }
    if (path === "/oauth2/token") {
      return json({ error: "x", error_description: EVIL }, { status: 400 });
    }
  });
  tap.listenTo(machine);
  const { code, stderr } = await machine.run(["login", "--device"]);
  assert.equal(code, 4, stderr);
  assertSafe("login --device", stderr);
});

Deno.test("names in the credentials file are escaped", async () => {
  await using machine = await TestMachine.loggedIn();
  const text = await Deno.readTextFile(machine.credentials);
  const evil = JSON.stringify(EVIL);
  await Deno.writeTextFile(
    machine.credentials,
    text.replace(/(email|org_name|project_name|org_id): .*/g, (_, name) => `${name}: ${evil}`),
  );
  for (const args of [["whoami"], ["login"], ["logout"]]) {
    const { stdout, stderr } = await machine.run(args);
    assertSafe(args.join(" "), stdout + stderr);
  }
});
