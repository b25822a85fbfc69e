import assert from "node:assert/strict";
import { telemetryIdentityPath } from "../../src/telemetry/identity.ts";
import { NOTICE } from "../../src/telemetry/notice.ts";
import { reportMcpServerStarted } from "../../src/telemetry/server_report.ts";
import { VERSION } from "../../src/version.ts";
import { Answers, json } from "../support/answers.ts";
import { InProcess, InProcessArcade, type World } from "../support/in_process.ts";

const ON = { ARCADE_POSTHOG_KEY: "k" };

/** Runs a command with telemetry on; returns its event, and fails if there are several. */
async function reported(home: InProcess, args: readonly string[], world: World = {}) {
  const ran = await home.run(args, { ...world, env: { ...ON, ...world.env } });
  assert(ran.reported.length <= 1, "More than one event was reported");
  const event: unknown = ran.reported[0] === undefined ? undefined : JSON.parse(ran.reported[0]);
  return { ...ran, event: event === undefined ? undefined : parse(event) };
}

function parse(event: unknown) {
  assert(typeof event === "object" && event !== null);
  const field = (name: string) => Object.getOwnPropertyDescriptor(event, name)?.value;
  const properties: Record<string, unknown> = field("properties");
  return {
    name: field("name"),
    properties,
    identity: field("identity"),
    user: field("user"),
    isLogout: field("isLogout"),
    timestamp: field("timestamp"),
  };
}

Deno.test("a command that succeeds is reported with the properties of the contract", async () => {
  using home = new InProcess();
  home.writeCredentials();
  const now = new Date("2026-11-20T15:04:05.123Z");
  const { event } = await reported(home, ["whoami"], { now: () => now });
  assert.deepEqual(event, {
    name: "CLI execution succeeded",
    properties: {
      command_name: "whoami",
      cli_version: VERSION,
      runtime_language: "typescript",
      runtime_version: "2",
      os_type: "Linux",
      os_release: "6.1",
      duration_ms: 12,
      device_start_timestamp: 1000,
      device_end_timestamp: 1000.01225,
      org_id: "org_1",
      project_id: "proj_1",
    },
    identity: undefined,
    user: { kind: "unknown" },
    isLogout: false,
    timestamp: now.getTime(),
  });
});

Deno.test("a failed command is reported with its error message", async () => {
  using home = new InProcess();
  const { event } = await reported(home, ["whoami"]);
  assert.equal(event?.name, "CLI execution failed");
  assert.equal(event?.properties.error_message, "Not logged in");
});

const names: [args: string[], name: string][] = [
  [["secret", "list"], "secret.list"],
  [["secret", "list", "--json"], "secret.list"],
  [["secret", "--host", "localhost:1", "list"], "secret.list"],
  [["secret", "unset", "login"], "secret.unset"],
  [["telemetry", "status"], "telemetry.status"],
  [["secret", "lst"], "secret"],
  [["secret", "constructor"], "secret"],
  [["frobnicate"], "unknown"],
  [["--frobnicate"], "unknown"],
  [["whoami", "extra"], "whoami"],
  [["org", "set"], "org.set"],
  [["secrets", "list"], "unknown"],
  [["secret", "frobnicate"], "secret"],
  [["whoami", "--frobnicate"], "whoami"],
  [["whoami", "--frobnicate=quux"], "whoami"],
  [["whoami", "frobnicate"], "whoami"],
  [["org", "set", "frobnicate", "quux"], "org.set"],
  [["secret", "list", "--port", "quux"], "secret.list"],
  [["secret", "list", "--host"], "secret.list"],
  [["login", "--timeout", "frobnicate"], "login"],
];
for (const [args, name] of names) {
  Deno.test(`\`arcade ${args.join(" ")}\` is reported as ${name}`, async () => {
    using home = new InProcess();
    const { event } = await reported(home, args);
    assert.equal(event?.properties.command_name, name);
  });
}

for (
  const args of [
    ["frobnicate"],
    ["secret", "lst"],
    ["secret", "list", "--jsn"],
    ["secret", "unset"],
    [
      "org",
      "list",
      "--port",
      "99999",
    ],
    ["whoami", "extra"],
    ["login", "--device", "--no-browser"],
    ["secrets", "list"],
    ["secret", "frobnicate"],
    ["whoami", "--frobnicate"],
    ["whoami", "--frobnicate=quux"],
    ["whoami", "frobnicate"],
    ["org", "set", "frobnicate", "quux"],
    ["secret", "list", "--port", "quux"],
    ["secret", "list", "--host"],
    ["login", "--timeout", "frobnicate"],
  ]
) {
  Deno.test(`\`arcade ${args.join(" ")}\`, a usage error, is reported as a failure`, async () => {
    using home = new InProcess();
    const { event, code } = await reported(home, args);
    assert.equal(code, 2);
    assert.equal(event?.name, "CLI execution failed");
    const { error_message } = event?.properties ?? {};
    assert(typeof error_message === "string" && error_message !== "");
    assert(error_message.length <= 300);
    // It contains only the words of the command.
    for (const typed of ["frobnicate", "quux", "lst", "jsn", "99999", "extra"]) {
      assert(!error_message.includes(typed), error_message);
    }
  });
}

for (
  const args of [
    [],
    ["--help"],
    ["-h"],
    ["--version"],
    ["-v"],
    ["secret"],
    ["secret", "--help"],
    [
      "secret",
      "set",
      "-h",
    ],
    ["whoami", "--help"],
    ["--version", "--no-color"],
  ]
) {
  Deno.test(`\`arcade ${args.join(" ")}\` is not reported`, async () => {
    using home = new InProcess();
    assert.equal((await reported(home, args)).event, undefined);
    assert.deepEqual(home.files(), []);
  });
}

Deno.test("tokens, values, addresses and arguments that a server repeats are not reported", async () => {
  using home = new InProcess();
  home.writeCredentials();
  const values = ["CANARY-value-1", "two\nlines of CANARY-value-2", "x".repeat(20) + "CANARY"];
  const bodies: string[] = [];
  await using server = new Answers(({ authorization, body, method }) => {
    bodies.push(body);
    const email = "someone@example.com";
    return method === "GET"
      ? json({ items: [] })
      : json({ message: `${home.path} ${email} First Only ${authorization} ${body}` }, {
        status: 403,
      });
  });
  await using list = new Answers(({ authorization }) =>
    json({ message: `Who is ${authorization} someone@example.com at First in ${home.path}?` }, {
      status: 403,
    })
  );
  const args = ["secret", "set", ...values.map((value, i) => `KEY_${i}=${value}`)];
  for (const { url } of [server, list]) {
    home.moveLogin({ engine: url });
    const { event, code } = await reported(home, args, { env: { HOME: home.path } });
    assert.notEqual(code, 0);
    const message = String(event?.properties.error_message);
    for (const text of ["CANARY", "access-token", "someone", "example.com", "First", home.path]) {
      assert(!message.includes(text), message);
    }
  }
  assert(bodies.some((body) => body.includes("CANARY")));
});

/** Stored texts that look like ordinary words. */
const STORED_WORDS = [
  ["the engine of the login", "enginehost"],
  ["the account of the login", "accountword"],
  ["the organization of the login", "First"],
  ["a hub", "localhost:9443"],
  ["a hub with a corrupt entry", "localhost:9444"],
  ["the name of an identity", "agentname"],
  ["the id of an identity", "agentid"],
  ["a capability", "brew:tea"],
] as const;
for (const [what, word] of STORED_WORDS) {
  Deno.test(`${what} is not reported, although it was not typed`, async () => {
    using home = new InProcess();
    home.writeCredentials();
    await using server = new Answers(() => json({ message: `Not ${word} here` }, { status: 403 }));
    home.moveLogin({ coordinator: server.url, engine: "https://enginehost" });
    home.write(home.read().replace(/^( +)email: .*$/m, "$&\n$1account_id: accountword"));
    const identity =
      'type = "agent"\nname = "agentname"\nid = "agentid"\ncapabilities = ["brew:tea"]';
    Deno.writeTextFileSync(
      `${home.folder}/identity.toml`,
      `["localhost:9443"]\n${identity}\n["localhost:9444"]\ntype = 5\n`,
      { mode: 0o600 },
    );
    const { event, stderr } = await reported(home, ["org", "list"], {
      env: { ARCADE_IDENTITY_FILE: `${home.folder}/identity.toml` },
    });
    assert.match(stderr, new RegExp(`Not ${word} here`));
    assert.match(String(event?.properties.error_message), /: Not \[hidden\] here/);
  });
}

Deno.test("the event contains the telemetry identity and the account of the login", async () => {
  using home = new InProcess();
  home.writeCredentials();
  const anonId = crypto.randomUUID();
  Deno.writeTextFileSync(
    telemetryIdentityPath(home.folder),
    JSON.stringify({ anon_id: anonId, linked_principal_id: null }),
  );
  home.write(home.read().replace(/^( +)email: .*$/m, "$&\n$1account_id: account_1"));
  const { event } = await reported(home, ["whoami"]);
  assert.deepEqual(event?.identity, { anonId });
  assert.deepEqual(event?.user, { kind: "known", principalId: "account_1" });
});

Deno.test("a command is not reported if another process logs out in the meantime", async () => {
  using home = new InProcess();
  home.writeCredentials();
  const write = (anon_id: string) =>
    Deno.writeTextFileSync(
      telemetryIdentityPath(home.folder),
      JSON.stringify({ anon_id, linked_principal_id: null }),
    );
  write(crypto.randomUUID());
  await using server = new Answers(() => {
    write(crypto.randomUUID());
    return json({ items: [] });
  });
  home.moveLogin({ engine: server.url });
  const { event, code } = await reported(home, ["secret", "list"]);
  assert.deepEqual([code, event], [0, undefined]);
});

const optOuts: [string, World["env"]][] = [
  ["ARCADE_USAGE_TRACKING", { ARCADE_USAGE_TRACKING: "off" }],
  ["DO_NOT_TRACK", { DO_NOT_TRACK: "1" }],
  ["no key", { ARCADE_POSTHOG_KEY: "" }],
  ["ARCADE_NO_BACKGROUND_TRAFFIC", { ARCADE_NO_BACKGROUND_TRAFFIC: "1" }],
  ["ARCADE_NO_BACKGROUND_TRAFFIC and ARCADE_USAGE_DEBUG", {
    ARCADE_NO_BACKGROUND_TRAFFIC: "1",
    ARCADE_POSTHOG_KEY: "",
    ARCADE_USAGE_DEBUG: "1",
  }],
  ["ARCADE_USAGE_TRACKING and ARCADE_USAGE_DEBUG", {
    ARCADE_USAGE_TRACKING: "0",
    ARCADE_USAGE_DEBUG: "1",
  }],
];
for (const [what, env = {}] of optOuts) {
  Deno.test(`with ${what} nothing is reported, printed or written`, async () => {
    using home = new InProcess();
    const { event, stderr } = await reported(home, ["whoami"], { env, terminal: true });
    assert.equal(event, undefined);
    assert.equal(stderr, "Error: Not logged in\n  Run `arcade login`\n");
    assert.deepEqual(home.files(), []);
  });
}

Deno.test("under a policy nothing is reported, printed or written, whatever the user has set", async () => {
  using home = new InProcess();
  Deno.writeTextFileSync(home.policyFile, "background_traffic = false\n");
  for (const ARCADE_USAGE_DEBUG of ["0", "1"]) {
    const env = { ARCADE_USAGE_TRACKING: "1", ARCADE_USAGE_DEBUG };
    const { event, stderr } = await reported(home, ["whoami"], { env, terminal: true });
    assert.equal(event, undefined);
    assert.equal(stderr, "Error: Not logged in\n  Run `arcade login`\n");
    assert.deepEqual(home.files(), []);
  }
});

Deno.test("the first run on a terminal shows a notice about what is collected and how to opt out", async () => {
  using home = new InProcess();
  const first = await reported(home, ["whoami"], { terminal: true });
  assert.match(first.stderr, /^Error: Not logged in/);
  assert(first.stderr.replaceAll("\n", " ").endsWith(`${NOTICE} `));
  assert(first.stderr.split("\n").every((line) => line.length <= 80));
  assert.match(NOTICE, /`arcade telemetry disable` or ARCADE_USAGE_TRACKING=0/);
  assert(first.event?.identity, "The first event has no identity");
  using elsewhere = new InProcess();
  const narrow = await reported(elsewhere, ["whoami"], { terminal: true, columns: 40 });
  const lines = narrow.stderr.split("\n").slice(1);
  assert(lines.length > 5 && lines.every((line) => line.length <= 40), narrow.stderr);
  const second = await reported(home, ["whoami"], { terminal: true });
  assert.doesNotMatch(second.stderr, /arcade reports which commands/);
  assert.deepEqual(second.event?.identity, first.event.identity);
});

Deno.test("an identity of the Python CLI does not replace the notice", async () => {
  using home = new InProcess();
  await reported(home, ["whoami"], { terminal: true });
  const path = telemetryIdentityPath(home.folder);
  const { notice_shown, ...others } = JSON.parse(Deno.readTextFileSync(path));
  assert.equal(notice_shown, true);
  Deno.writeTextFileSync(path, JSON.stringify(others));
  const { stderr } = await reported(home, ["whoami"], { terminal: true });
  assert.match(stderr, /arcade reports which commands/);
  assert.deepEqual(JSON.parse(Deno.readTextFileSync(path)), { ...others, notice_shown });
});

for (const shell of ["bash", "nonsense"]) {
  Deno.test(`\`arcade completion ${shell}\`, which shells run, is not reported`, async () => {
    using home = new InProcess();
    const { event, stderr } = await reported(home, ["completion", shell], { terminal: true });
    assert.equal(event, undefined);
    assert.doesNotMatch(stderr, /arcade reports which commands/);
  });
}

Deno.test("without a terminal there is no notice", async () => {
  using home = new InProcess();
  assert(!(await reported(home, ["whoami"])).stderr.includes("telemetry"));
});

Deno.test("ARCADE_USAGE_DEBUG prints the event with its distinct id instead of sending it", async () => {
  await using playground = await InProcessArcade.loggedIn();
  const { home } = playground;
  const env = { ARCADE_USAGE_DEBUG: "1" };
  const { event, stderr } = await reported(home, ["whoami"], { env });
  assert.equal(event, undefined);
  const printed = JSON.parse(stderr);
  assert.equal(printed.event, "CLI execution succeeded");
  assert.equal(printed.distinct_id, /account_id: (\S+)/.exec(home.read())?.[1]);
  assert.equal(printed.properties.command_name, "whoami");
  assert.equal(printed.properties.$process_person_profile, true);
  assert.match(printed.properties.org_id, /./);
  const withoutKey = await home.run(["whoami"], { env });
  assert.equal(JSON.parse(withoutKey.stderr).distinct_id, printed.distinct_id);
});

Deno.test("ARCADE_USAGE_DEBUG prints no control characters, and the error as it would be sent", async () => {
  using home = new InProcess();
  home.writeCredentials();
  const hostile = "org\u001b]0;owned\u0007\u009b2J\u202e\u2028";
  home.write(home.read().replace("org_id: org_1", `org_id: ${JSON.stringify(hostile)}`));
  await using server = new Answers(() =>
    json({ message: "no proj_secret for you" }, { status: 403 })
  );
  const env = { ARCADE_ENGINE_URL: server.url, ARCADE_COORDINATOR_URL: server.url };
  const args = ["org", "set", "proj_secret"];
  const sent = await reported(home, args, { env });
  const { stderr } = await reported(home, args, { env: { ...env, ARCADE_USAGE_DEBUG: "1" } });
  const printed = stderr.slice(stderr.indexOf("{"));
  assert.doesNotMatch(printed, /[^\P{C}\n]|[\p{Zl}\p{Zp}]/u);
  const { properties } = JSON.parse(printed);
  assert.equal(properties.org_id, hostile);
  assert.match(String(properties.error_message), /\[hidden\]/);
  assert.equal(properties.error_message, sent.event?.properties.error_message);
});

Deno.test("a command keeps the write permission for its report only if it creates the identity", async () => {
  using home = new InProcess();
  const kept = async (world: World = {}, args = ["whoami"]) => {
    const { givenUp } = await reported(home, args, world);
    return ["read", "write", "net", "run", "sys"].filter((one) =>
      !givenUp.some((it) => it === one)
    );
  };
  // Without a terminal the child process creates the identity.
  assert.deepEqual(await kept(), ["read", "run"]);
  assert.deepEqual(await kept({ terminal: true }), ["read", "write", "run"]);
  assert.deepEqual(await kept({ terminal: true }), ["read", "run"]);
  assert.deepEqual(await kept({}, ["org", "list"]), ["read", "write", "net", "run"]);
  const debug = { ARCADE_USAGE_DEBUG: "1" };
  assert.deepEqual(await kept({ env: debug }), ["read"]);
  Deno.removeSync(telemetryIdentityPath(home.folder));
  assert.deepEqual(await kept({ env: debug }), ["read", "write"]);
  assert.deepEqual(await kept({ env: { DO_NOT_TRACK: "1" } }), ["read"]);
});

Deno.test("a logout rotates the identity and reports under the old one", async () => {
  await using playground = await InProcessArcade.loggedIn();
  const { home } = playground;
  const principal = /account_id: (\S+)/.exec(home.read())?.[1];
  const anonId = crypto.randomUUID();
  const path = telemetryIdentityPath(home.folder);
  Deno.writeTextFileSync(path, JSON.stringify({ anon_id: anonId, linked_principal_id: principal }));
  const { event } = await reported(home, ["logout"]);
  assert.deepEqual(event?.identity, { anonId, linkedPrincipalId: principal });
  assert.deepEqual(event?.user, { kind: "known", principalId: principal });
  assert.equal(event?.isLogout, true);
  const after = JSON.parse(Deno.readTextFileSync(path));
  assert.notEqual(after.anon_id, anonId);
  assert.equal(after.linked_principal_id, null);
});

Deno.test("a logout after an opt-out leaves the identity alone", async () => {
  await using playground = await InProcessArcade.loggedIn();
  const { home } = playground;
  const path = telemetryIdentityPath(home.folder);
  const text = JSON.stringify({ anon_id: crypto.randomUUID(), linked_principal_id: "p" });
  Deno.writeTextFileSync(path, text);
  await home.run(["logout"], { env: { ...ON, ARCADE_USAGE_TRACKING: "no" } });
  assert.equal(Deno.readTextFileSync(path), text);
});

Deno.test("an MCP server start is reported by one call", async () => {
  using home = new InProcess();
  const events: string[] = [];
  const context = {
    env: ON,
    files: { folder: () => home.folder, policyFile: home.policyFile },
    io: {
      stderr: {
        isTerminal: false,
        columns: () => 80,
        write: () => assert.fail("The report printed something"),
      },
    },
    clock: { now: () => new Date("2026-11-20T15:04:05Z"), elapsedMs: () => 1 },
    machine: {
      device: () => ({
        os: "darwin",
        osRelease: "24.1",
        runtimeVersion: "2.9",
        uptimeAtStart: 77,
      } as const),
    },
    processes: {
      startTelemetryChild: (event: string) => Promise.resolve(void events.push(event)),
    },
  };
  const address = { host: "127.0.0.1", port: 8001 };
  await reportMcpServerStarted(context, {
    transport: "http",
    address,
    toolCount: 3,
    runtime: "python",
  });
  assert.deepEqual(parse(JSON.parse(events[0] ?? "")), {
    name: "MCP server started",
    properties: {
      transport: "http",
      host: "127.0.0.1",
      port: 8001,
      tool_count: 3,
      runtime: "python",
      runtime_language: "typescript",
      runtime_version: "2.9",
      os_type: "Darwin",
      os_release: "24.1",
      device_timestamp: 77.001,
    },
    identity: undefined,
    user: { kind: "logged-out" },
    isLogout: false,
    timestamp: Date.UTC(2026, 10, 20, 15, 4, 5),
  });
  Deno.writeTextFileSync(home.policyFile, "background_traffic = false\n");
  await reportMcpServerStarted(context, {
    transport: "http",
    address,
    toolCount: 3,
    runtime: "python",
  });
  assert.equal(events.length, 1, "A start was reported under a policy");
});

Deno.test("stored texts of other contexts are not reported either", async () => {
  using home = new InProcess();
  const words = ["contextword", "coordinatorword", "engineword", "dashboardword", "accountword"];
  await using server = new Answers(() =>
    json({ message: `Not ${words.join(" ")} here` }, { status: 403 })
  );
  const auth = "{ access_token: a, refresh_token: r, expires_at: '2999-01-01T00:00:00' }";
  home.write(`cloud:
  active_context: default
  contexts:
    default:
      kind: self_hosted
      coordinator_url: ${server.url}
      auth: ${auth}
      user: { email: one@example.com }
    contextword:
      kind: self_hosted
      coordinator_url: https://coordinatorword
      engine_url: https://engineword
      dashboard_url: https://dashboardword
      auth: ${auth}
      user: { email: two@example.com, account_id: accountword }
`);
  const { event, stderr } = await reported(home, ["org", "list"]);
  assert.match(stderr, /Not contextword/);
  const message = String(event?.properties.error_message);
  for (const word of words) assert(!message.includes(word), message);
});
