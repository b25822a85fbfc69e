import assert from "node:assert/strict";
import { browserOf, TestMachine, WireTap } from "../../support/test_machine.ts";
import { TelemetryMachine } from "../../support/telemetry_machine.ts";
import { namesIn } from "../../support/in_process.ts";
import { errorTextIn } from "../../support/error_object.ts";
import { NOT_LOGGED_IN } from "../../support/not_logged_in.ts";

const PRIVATE_KEY = "-----BEGIN KEY-----\nc2Vj cmV0\\n\n\n  # no comment\n-----END KEY-----";

/** A `.env` file that uses every rule, some Windows line ends, and a byte order mark. */
const ENV_FILE = [
  "\uFEFF# What the tools need\r\n",
  "\r\n",
  "PLAIN=one two   # a comment\r\n",
  "HASH=b#c\n",
  "export REGION = eu-central-1 \r\n",
  "EQUALS=a=b==\n",
  `SINGLE='${PRIVATE_KEY.replaceAll("\n", "\r\n")}' # a comment\r\n`,
  'DOUBLE="tab\\tline\\nquote\\"backslash\\\\ $HOME"\n',
  "UNICODE=pässwörd 🔑\n",
  "SPACES='  kept  '\n",
  "TWICE=first\n",
  "TWICE=last",
].join("");

const VALUES = {
  PLAIN: "one two",
  HASH: "b#c",
  REGION: "eu-central-1",
  EQUALS: "a=b==",
  SINGLE: PRIVATE_KEY,
  DOUBLE: 'tab\tline\nquote"backslash\\ $HOME',
  UNICODE: "pässwörd 🔑",
  SPACES: "  kept  ",
  TWICE: "last",
};

Deno.test("a whole session, from the first login to the logout", async (t) => {
  await using machine = new TestMachine();
  const server = await machine.serve();
  await using tap = new WireTap(server.url);
  tap.listenTo(machine);
  await Deno.writeTextFile(`${machine.home}/.env`, ENV_FILE);

  await t.step("commands fail before the login", async () => {
    for (const args of [["whoami"], ["org", "list"], ["secret", "list"], ["project", "list"]]) {
      const { code, stdout, stderr } = await machine.run(args);
      assert.equal(code, 4);
      assert.equal(stdout, "");
      assert.match(stderr, NOT_LOGGED_IN);
    }
  });

  await t.step("`login` opens the browser and shows the user", async () => {
    const env = { BROWSER: browserOf(machine) };
    const { code, stdout, stderr } = await machine.run([
      "login",
      "--callback-port",
      "0",
      "--browser",
    ], { env });
    assert.equal(code, 0, stderr);
    assert.equal(stdout, "");
    assert.match(
      stderr,
      /Logged in as developer@arcade\.local\nOrganization: Default organization/,
    );
    assert.equal(Deno.statSync(machine.credentials).mode! & 0o777, 0o600);
    assert.equal(Deno.statSync(machine.folder).mode! & 0o777, 0o700);
  });

  await t.step("a second login changes nothing", async () => {
    const before = await Deno.readTextFile(machine.credentials);
    const { code, stderr } = await machine.run(["login"]);
    assert.equal(code, 0);
    assert.match(stderr, /Already logged in as developer@arcade\.local/);
    assert.equal(await Deno.readTextFile(machine.credentials), before);
  });

  const [orgId, projectId] = [machine.stored("org_id"), machine.stored("project_id")];

  await t.step("`whoami` sends no requests", async () => {
    const requests = tap.seen.length;
    const { code, stdout } = await machine.run(["whoami"]);
    assert.equal(code, 0);
    assert.match(stdout, /Logged in as +developer@arcade\.local\n/);
    assert.deepEqual(await machine.runJson(["whoami"]), {
      source: "login",
      coordinator_source: "login",
      identity: null,
      context: "default",
      kind: "self_hosted",
      email: "developer@arcade.local",
      coordinator_url: tap.url,
      engine_url: tap.url,
      engine_problem: null,
      accepted_by: null,
      dashboard_url: null,
      organization: { id: orgId, name: "Default organization" },
      project: { id: projectId, name: "Default project" },
      token_expires_at: new Date(machine.stored("expires_at")).toISOString(),
    });
    assert.equal(tap.seen.length, requests);
  });

  await t.step("organizations and projects are listed and selected", async () => {
    const organization = { id: orgId, name: "Default organization" };
    const project = { id: projectId, name: "Default project" };
    assert.deepEqual(await machine.runJson(["org", "list"]), {
      organizations: [{ ...organization, default: true, active: true }],
    });
    assert.deepEqual(await machine.runJson(["project", "list"]), {
      organization,
      projects: [{ ...project, default: true, active: true }],
    });
    assert.match(
      (await machine.run(["org", "list"])).stdout,
      new RegExp(`^ +Name +ID +Default\n\\* +Default organization +${orgId} +yes\n$`),
    );
    assert.deepEqual(await machine.runJson(["org", "set", orgId]), { organization, project });
    assert.deepEqual(await machine.runJson(["project", "set", "default project"]), {
      organization,
      project,
    });
    const unknown = await machine.run(["org", "set", "nowhere"]);
    assert.equal(unknown.code, 1);
    assert.match(
      unknown.stderr,
      /^Error: No organization called "nowhere"\n {2}Run `arcade org list` to see them\n$/,
    );
  });

  await t.step("a dry run stores nothing", async () => {
    const args = ["secret", "set", "--from-env", "--dry-run"];
    const { code, stdout } = await machine.run(args);
    assert.equal(code, 0);
    assert.match(stdout, /\nPLAIN +create +7\n/);
    assert.equal(tap.values().size, 0);
  });

  await t.step("every value of the .env file arrives byte for byte", async () => {
    const { code, stdout, stderr } = await machine.run(["secret", "set", "--from-env"]);
    assert.equal(code, 0, stderr);
    assert.equal(stdout, "");
    assert.deepEqual(Object.fromEntries(tap.values()), VALUES);
    assert.match(stderr, /^Warning: \.env:\d+: "TWICE" is set again/m);
    assert.match(stderr, /^Created UNICODE \(10 characters\)$/m);
    for (const value of Object.values(VALUES)) assert(!stderr.includes(`${value}\n`));
  });

  await t.step("standard input is read as a .env file or as a single value", async () => {
    tap.seen.length = 0;
    const fromEnv = ["secret", "set", "--from-env", "--env-file", "-"];
    assert.equal((await machine.run(fromEnv, { stdin: ENV_FILE })).code, 0);
    const key = await machine.run(["secret", "set", "KEY"], { stdin: "first \r\n\nlast\n\n" });
    assert.equal(key.code, 0, key.stderr);
    assert.deepEqual(Object.fromEntries(tap.values()), { ...VALUES, KEY: "first \r\n\nlast\n" });
    const latin1 = await machine.run(["secret", "set", "KEY"], { stdin: new Uint8Array([0xe9]) });
    assert.equal(latin1.code, 2);
  });

  const keys = [...Object.keys(VALUES), "KEY"].sort();

  await t.step("the list shows all secrets, as text and as JSON", async () => {
    const table = await machine.run(["secret", "list"]);
    const [head = "", ...lines] = table.stdout.trimEnd().split("\n");
    assert.match(head, /^Key +Type +Description +Hint +Last Accessed +Created At$/);
    assert.deepEqual(lines.map((line) => line.split(" ")[0]), keys);
    assert.match(
      table.stdout,
      /^PLAIN +project +Secret set via CLI +- +Never +\d{4}-\d\d-\d\d \d\d:\d\d$/m,
    );

    const list: { secrets: Record<string, unknown>[] } = JSON.parse(
      (await machine.run(["secret", "list", "--json"])).stdout,
    );
    assert.deepEqual(list.secrets.map(({ key }) => key), keys);
    for (const { id, created_at, key, hint, ...others } of list.secrets) {
      assert(
        typeof id === "string" && typeof created_at === "string" && !isNaN(Date.parse(created_at)),
      );
      assert(hint === null || (typeof hint === "string" && hint.length === 4), String(key));
      assert.deepEqual(others, {
        type: "project",
        description: "Secret set via CLI",
        last_accessed_at: null,
      });
    }
  });

  await t.step("`secret unset` removes existing secrets and warns about the others", async () => {
    assert.deepEqual(await machine.runJson(["secret", "unset", "PLAIN", "NEVER_SET"]), {
      removed: ["PLAIN"],
      missing: ["NEVER_SET"],
      failed: [],
    });
    const { code, stderr } = await machine.run(["secret", "unset", "NEVER_SET", "HASH"]);
    assert.equal(code, 0);
    assert.equal(
      stderr,
      'Warning: no secret called "NEVER_SET"; skipped\nRemoved HASH\n',
    );
  });

  await t.step("`--prune` removes secrets that are missing from the file", async () => {
    await Deno.writeTextFile(`${machine.home}/.env`, "REGION=eu-west-1\n");
    const args = ["secret", "set", "--from-env", "--prune"];
    const unasked = await machine.run(args);
    assert.equal(unasked.code, 2);
    assert.match(unasked.stderr, /needs confirmation.*\n.*--yes/);
    const { code, stdout, stderr } = await machine.run([...args, "--yes", "--json"]);
    assert.equal(code, 0, stderr);
    assert.deepEqual(JSON.parse(stdout).updated, [{ key: "REGION", characters: 9 }]);
    const { secrets }: { secrets: { key: string }[] } = JSON.parse(
      (await machine.run(["secret", "list", "--json"])).stdout,
    );
    assert.deepEqual(secrets.map(({ key }) => key), ["REGION"]);
  });

  await t.step("one secret that fails does not stop the others", async () => {
    const { code, stdout, stderr } = await machine.run([
      ...["secret", "set", "GOOD=1", "not/allowed=2", "ALSO_GOOD=3", "--json"],
    ]);
    assert.equal(code, 1);
    assert.match(stderr, /^Failed not\/allowed: .*422/m);
    assert.match(errorTextIn(stderr), /^Error: 1 of 3 secrets failed/);
    assert.deepEqual(JSON.parse(stdout).created.map(({ key }: { key: string }) => key), [
      "GOOD",
      "ALSO_GOOD",
    ]);
  });

  await t.step("an unclosed quote uploads nothing", async () => {
    await Deno.writeTextFile(`${machine.home}/.env`, "A=1\nB='never closed\nC=3\n");
    const requests = tap.seen.length;
    const { code, stderr } = await machine.run(["secret", "set", "--from-env"]);
    assert.equal(code, 2);
    assert.match(stderr, /^Error: Line 2: unclosed quote/);
    assert(!stderr.includes("never"));
    assert.equal(tap.seen.length, requests);
  });

  await t.step("an API key gives access to its project without a login", async () => {
    const { api_key } = await machine.post(
      `/api/v1/orgs/${orgId}/projects/${projectId}/api_keys`,
      {},
    );
    const elsewhere = `${machine.path}/elsewhere`;
    tap.registerIn(elsewhere);
    const env = { ARCADE_API_KEY: api_key, ARCADE_WORK_DIR: elsewhere };
    const { code, stdout } = await machine.run(["secret", "list"], { env });
    assert.equal(code, 0);
    assert.match(stdout, /^REGION /m);
    assert.equal((await machine.run(["secret", "set", "BY_KEY=1"], { env })).code, 0);
    assert.equal((await machine.run(["secret", "unset", "BY_KEY"], { env })).code, 0);
  });

  await t.step(
    "after the logout the credentials are gone and the tokens are invalid",
    async () => {
      const [access, refresh] = [machine.stored("access_token"), machine.stored("refresh_token")];
      const { code, stderr } = await machine.run(["logout"]);
      assert.equal(code, 0);
      assert.equal(stderr, "Logged out developer@arcade.local\n");
      assert.deepEqual(namesIn(machine.folder), [
        ".credentials.lock",
      ]);
      const asked = await fetch(`${server.url}/api/v1/orgs`, {
        headers: { authorization: `Bearer ${access}` },
      });
      await asked.body?.cancel();
      assert.equal(asked.status, 401);
      const refreshed = await fetch(`${server.url}/oauth2/token`, {
        method: "POST",
        body: new URLSearchParams({
          grant_type: "refresh_token",
          refresh_token: refresh,
          client_id: "arcade-cli",
        }),
      });
      await refreshed.body?.cancel();
      assert.equal(refreshed.status, 400);
      assert.equal((await machine.run(["secret", "list"])).code, 4);
      const again = await machine.run(["logout"]);
      assert.equal(again.code, 0);
      assert.match(again.stderr, /Already logged out/);
    },
  );

  await t.step("the local Arcade stops after a signal", async () => {
    assert.equal(await server.stop(), 0);
  });
});

Deno.test("the variables that a local Arcade prints are sufficient", async () => {
  await using machine = new TelemetryMachine();
  const server = await machine.serve();
  const { ARCADE_API_KEY, ...environment } = server.environment;
  assert.match(ARCADE_API_KEY ?? "", /^arc_local_/);
  assert.deepEqual(Object.keys(environment).sort(), [
    "ARCADE_API_URL",
    "ARCADE_BASE_URL",
    "ARCADE_COORDINATOR_URL",
    "ARCADE_ENGINE_URL",
    "ARCADE_POSTHOG_HOST",
    "ARCADE_POSTHOG_KEY",
    "ARCADE_USER_ID",
    "ARCADE_WORK_DIR",
  ]);
  // A new user has a home folder, but no Arcade folder.
  assert.equal((Deno.statSync(server.environment.ARCADE_WORK_DIR ?? "").mode ?? 0) & 0o777, 0o700);
  const list = await machine.run(["secret", "list"], { env: server.environment });
  assert.equal(list.code, 0, list.stderr);
  await machine.logIn({ env: environment });
  const { code, stdout } = await machine.run(["whoami"], { env: environment });
  assert.equal(code, 0);
  assert.match(stdout, /developer@arcade\.local/);
  assert.equal((await machine.run(["whoami"])).code, 4);
});
