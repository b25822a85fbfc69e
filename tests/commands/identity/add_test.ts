import assert from "node:assert/strict";
import { BARE, HUB, Identities, NOW, TOKEN } from "./support.ts";
import { assertMode } from "../../support/modes.ts";

const ADD = ["add", "--hub", HUB];

Deno.test("`identity add` stores an identity and reports it", async () => {
  using home = new Identities();
  const { code, stdout, stderr } = await home.add();
  assert.equal(code, 0);
  assert.equal(stdout, "");
  assert.equal(stderr, "Added the identity for musehub.ai\n");
  assert.equal(home.readFile(), `["musehub.ai"]\ntype = "human"\ntoken = "${TOKEN}"\n`);
});

Deno.test("`identity add --json` has stable keys", async () => {
  using home = new Identities();
  const { stdout } = await home.add("--json");
  assert.deepEqual(JSON.parse(stdout), {
    ...BARE,
    hub: HUB,
    created: true,
    existing: [],
  });
  const again = await home.add(
    ...["--agent", "--name", "A", "--id", "agt_1", "--capability", "read:*"],
    ...["--capability", "commit", "--expires", "12h", "--json"],
  );
  assert.deepEqual(JSON.parse(again.stdout), {
    hub: HUB,
    type: "agent",
    name: "A",
    id: "agt_1",
    capabilities: ["read:*", "commit"],
    expires_at: "2026-11-21T00:00:00.000Z",
    token: "set",
    created: false,
    existing: [],
  });
});

Deno.test("`identity add` keeps fields that were not given", async () => {
  using home = Identities.of(`# mine
["musehub.ai"]
type = "agent"
name = "composer-v2" # v3 soon
token = "old"
capabilities = ["commit"]
of_others = 1.0
`);
  const { stderr } = await home.add("--id", "agt_1");
  assert.equal(stderr, "Updated the identity for musehub.ai\n");
  assert.equal(
    home.readFile(),
    `# mine
["musehub.ai"]
type = "agent"
name = "composer-v2" # v3 soon
token = "${TOKEN}"
capabilities = ["commit"]
of_others = 1.0
id = "agt_1"
`,
  );
  await home.add("--no-agent", "--name", "");
  assert.match(home.readFile(), /^type = "human"$/m);
  assert.doesNotMatch(home.readFile(), /^name/m);
});

Deno.test("all spellings of a hub are one identity", async () => {
  using home = new Identities();
  for (const hub of ["https://admin:s3cr3t@MuseHub.AI/repos/x", "MUSEHUB.AI/", "musehub.ai:443"]) {
    const { code, stderr } = await home.identity(["add", "--hub", hub, "--token-stdin"], {
      stdin: [TOKEN],
    });
    assert.equal(code, 0);
    assert.match(stderr, /the identity for musehub\.ai\n$/);
  }
  assert.equal(home.readFile().match(/^\[/gm)?.length, 1);
  assert.doesNotMatch(home.readFile(), /s3cr3t|admin/);
});

// Sources of the token.

const sources: [what: string, args: string[], world: Parameters<Identities["identity"]>[1]][] = [
  ["standard input", ["--token-stdin"], { stdin: [TOKEN] }],
  ["standard input with a line end", ["--token-stdin"], { stdin: [`${TOKEN}\n`] }],
  ["standard input in pieces", ["--token-stdin"], {
    stdin: [TOKEN.slice(0, 3), `${TOKEN.slice(3)}\r\n`],
  }],
  ["standard input before ARCADE_TOKEN", ["--token-stdin"], {
    stdin: [TOKEN],
    env: { ARCADE_TOKEN: "other" },
  }],
  ["ARCADE_TOKEN", [], { env: { ARCADE_TOKEN: TOKEN } }],
  ["ARCADE_TOKEN with a line end", [], { env: { ARCADE_TOKEN: `${TOKEN}\n` } }],
  ["ARCADE_TOKEN before a prompt", [], { env: { ARCADE_TOKEN: TOKEN }, terminal: true }],
  ["a prompt", [], { terminal: true, stdin: [`${TOKEN}\r`] }],
  ["a prompt, with an empty ARCADE_TOKEN", [], {
    terminal: true,
    stdin: [`${TOKEN}\r`],
    env: { ARCADE_TOKEN: "" },
  }],
  ["a prompt for --token-stdin on a terminal", ["--token-stdin"], {
    terminal: true,
    stdin: [`${TOKEN}\r`],
  }],
];
for (const [what, args, world] of sources) {
  Deno.test(`\`identity add\` reads the token from ${what}, and does not show it`, async () => {
    using home = new Identities();
    const { code, stdout, stderr } = await home.identity([...ADD, ...args], world);
    assert.equal(code, 0, stderr);
    assert.match(home.readFile(), new RegExp(`^token = "${TOKEN}"$`, "m"));
    assert(!(stdout + stderr).includes("CANARY"), stderr);
  });
}

Deno.test("`identity add` reads the token from a file", async () => {
  using home = new Identities();
  const path = `${home.path}/token`;
  for (const content of [TOKEN, `${TOKEN}\n`, `${TOKEN}\r\n`, `${TOKEN}\r`, `\uFEFF${TOKEN}`]) {
    Deno.writeTextFileSync(path, content);
    const { code, stderr } = await home.identity([...ADD, "--token-file", path]);
    assert.equal(code, 0, stderr);
    assert.match(home.readFile(), new RegExp(`^token = "${TOKEN}"$`, "m"));
  }
});

Deno.test("`identity add --token` works with a warning", async () => {
  using home = new Identities();
  const { code, stderr } = await home.identity([...ADD, "--token", TOKEN]);
  assert.equal(code, 0);
  assert.match(stderr, /^Warning: `--token` exposes the token in process lists and shell history/);
  assert(!stderr.includes("CANARY"));
  assert.match(home.readFile(), new RegExp(`^token = "${TOKEN}"$`, "m"));
});

const wrongTokens: [what: RegExp, args: string[], world: Parameters<Identities["identity"]>[1]][] =
  [
    [/No token given\n.*--token-stdin`, or set ARCADE_TOKEN/, [], { stdin: [TOKEN] }],
    [/The token is empty/, ["--token-stdin"], {}],
    [/The token is empty/, ["--token-stdin"], { stdin: ["\n"] }],
    [/The token is empty/, ["--token", ""], {}],
    [/whitespace or control characters/, ["--token-stdin"], { stdin: ["CANARY\n\n"] }],
    [/whitespace or control characters/, ["--token-stdin"], { stdin: ["CANARY CANARY"] }],
    [/whitespace or control characters/, ["--token-stdin"], { stdin: ["CANARY\tCANARY"] }],
    [/whitespace or control characters/, ["--token-stdin"], { stdin: ["CANARY\nCANARY\n"] }],
    [/whitespace or control characters/, ["--token-stdin"], { stdin: ["CANARY\r\r"] }],
    [/whitespace or control characters/, ["--token-stdin"], { stdin: ["CANARY\ufffd"] }],
    [/whitespace or control characters/, ["--token-stdin"], { stdin: ["CANARY\x1b[2J"] }],
    [/The token contains a NUL character/, ["--token-stdin"], { stdin: ["C\0A\0N\0A\0R\0Y\0"] }],
    [/whitespace or control characters/, ["--token", " CANARY"], {}],
    [/whitespace or control characters/, [], { env: { ARCADE_TOKEN: "CANARY x" } }],
    [/The name contains a NUL character/, ["--token", "x", "--name", "CANARY\0"], {}],
    [/The id contains a NUL character/, ["--token", "x", "--id", "CANARY\0"], {}],
    [/The token contains a NUL character/, ["--token", "CANARY\0"], {}],
    [/The token is not UTF-8 text/, ["--token-stdin"], { stdin: new Uint8Array([0x43, 0xff]) }],
    [/`--token-stdin` and `--token` cannot be used together/, [
      "--token-stdin",
      "--token",
      "CANARY",
    ], {}],
    [/`--token-file` and `--token` cannot/, ["--token-file", "x", "--token", "CANARY"], {}],
    [/`--token-stdin` and `--token-file` cannot/, ["--token-stdin", "--token-file", "x"], {}],
  ];
for (const [what, args, world] of wrongTokens) {
  Deno.test(`\`identity add ${args.join(" ")}\` is a usage error: ${what.source}`, async () => {
    using home = new Identities();
    const { code, stdout, stderr } = await home.identity([...ADD, ...args, "--debug"], world);
    assert.equal(code, 2);
    assert.equal(stdout, "");
    assert.match(stderr, what);
    assert(!stderr.includes("CANARY"), stderr);
    assert.throws(() => home.readFile(), Deno.errors.NotFound);
  });
}

Deno.test("`identity add` reports a missing token file", async () => {
  using home = new Identities();
  const { code, stderr } = await home.identity([...ADD, "--token-file", `${home.path}/none`]);
  assert.equal(code, 1);
  assert.match(stderr, /^Error: Cannot read .*none: it does not exist\n {2}Check the path\n$/);
});

for (const [what, keys, code] of [["Ctrl-C", "\x03", 130], ["nothing", "\r", 2]] as const) {
  Deno.test(`${what} at the prompt for the token stores nothing`, async () => {
    using home = new Identities();
    const ran = await home.identity(ADD, { terminal: true, stdin: [keys] });
    assert.equal(ran.code, code);
    assert.match(ran.stderr, /Token for musehub\.ai \(not shown while you type\): /);
    assert.throws(() => home.readFile(), Deno.errors.NotFound);
  });
}

// Other flags.

for (
  const hub of ["", " ", "http://", "http://musehub.ai", "ftp://CANARY", "a b", "https://u:CANARY@"]
) {
  Deno.test(`\`identity add --hub ${JSON.stringify(hub)}\` is a usage error that does not repeat the hub`, async () => {
    using home = new Identities();
    const { code, stderr } = await home.identity(["add", "--hub", hub, "--token-stdin"], {
      stdin: [TOKEN],
    });
    assert.equal(code, 2);
    assert.match(stderr, /^Error: (The hub is not|A hub needs https)[^\n]*\n {2}[^\n]+\n$/);
    assert(!stderr.includes("CANARY"), stderr);
  });
}

const times: [written: string, expected: string | RegExp][] = [
  ["30d", "2026-12-20T12:00:00.000Z"],
  ["12h", "2026-11-21T00:00:00.000Z"],
  ["90m", "2026-11-20T13:30:00.000Z"],
  ["2027-01-31", "2027-01-31T00:00:00.000Z"],
  ["2027-01-31T12:00:00Z", "2027-01-31T12:00:00.000Z"],
  ["2027-01-31T12:00Z", "2027-01-31T12:00:00.000Z"],
  ["2027-01-31t12:00:00.5z", "2027-01-31T12:00:00.500Z"],
  ["2027-01-31 12:00:00+01:00", "2027-01-31T11:00:00.000Z"],
  ["2027-01-31T12:00:00-0530", "2027-01-31T17:30:00.000Z"],
  ["2028-02-29", "2028-02-29T00:00:00.000Z"],
  ["9999-12-31", "9999-12-31T00:00:00.000Z"],
  ["0d", /not in the future/],
  ["2026-11-20", /not in the future/],
  ["2026-11-20T12:00:00Z", /not in the future/],
  ["1999-01-01T00:00:00Z", /not in the future/],
  ["", /expected a duration/],
  ["tomorrow", /expected a duration/],
  ["30", /expected a duration/],
  ["30 d", /expected a duration/],
  ["-30d", /expected a duration/],
  ["1.5h", /expected a duration/],
  ["30D", /expected a duration/],
  ["3w", /expected a duration/],
  ["99999999999999999d", /expected a duration/],
  ["9999999d", /expected a duration/],
  ["2027-01-31T12:00:00", /expected a duration/],
  ["2027-02-29", /expected a duration/],
  ["2027-02-30T00:00:00Z", /expected a duration/],
  ["2027-13-01", /expected a duration/],
  ["2027-01-31T25:00:00Z", /expected a duration/],
  ["31.01.2027", /expected a duration/],
  ["+012027-01-31", /expected a duration/],
];
for (const [written, expected] of times) {
  Deno.test(`\`identity add --expires ${JSON.stringify(written)}\` is ${expected}`, async () => {
    using home = new Identities();
    const flag = written.startsWith("-") ? [`--expires=${written}`] : ["--expires", written];
    const { code, stdout, stderr } = await home.add(...flag, "--json");
    if (typeof expected === "string") {
      assert.equal(code, 0, stderr);
      assert.equal(JSON.parse(stdout).expires_at, expected);
      assert(home.readFile().includes(`expires_at = "${expected}"\n`));
    } else {
      assert.equal(code, 2, stderr);
      assert.match(stderr, expected);
      assert.throws(() => home.readFile(), Deno.errors.NotFound);
    }
  });
}

Deno.test("`identity add` with a new token removes the expiry of the old one", async () => {
  using home = new Identities();
  await home.add("--expires", "30d");
  assert.equal(
    JSON.parse((await home.add("--json")).stdout).expires_at,
    "2026-12-20T12:00:00.000Z",
  );
  const { stdout } = await home.identity([...ADD, "--token", "other", "--json"]);
  assert.equal(JSON.parse(stdout).expires_at, null);
});

Deno.test("`identity add` with an empty capability is a usage error", async () => {
  using home = new Identities();
  const { code, stderr } = await home.add("--capability", "");
  assert.equal(code, 2);
  assert.match(stderr, /A capability is empty/);
});

// A corrupt file.

Deno.test("`identity add` leaves a corrupt file alone and does not prompt for the token", async () => {
  using home = Identities.of('["musehub.ai"]\ntoken = "CANARY\n');
  const { code, stderr } = await home.identity(ADD, { terminal: true, stdin: [`${TOKEN}\r`] });
  assert.equal(code, 1);
  assert.match(
    stderr,
    /^Error: .*identity\.toml is corrupt \(line 2 is not TOML\)\n {2}.*--reset`\n$/,
  );
  assert(!stderr.includes("CANARY"));
  assert.equal(home.readFile(), '["musehub.ai"]\ntoken = "CANARY\n');
});

Deno.test("`identity add --reset` moves a corrupt file aside and creates a new one", async () => {
  const content = '["musehub.ai"]\ntoken = "CANARY\n';
  using home = Identities.of(content);
  const wrong = await home.identity([...ADD, "--reset", "--token", ""]);
  assert.equal(wrong.code, 2);
  assert.equal(home.readFile(), content);

  const { code, stderr } = await home.add("--reset");
  assert.equal(code, 0);
  const [, aside = ""] = /moved to (.*)\nAdded the identity/.exec(stderr) ?? [];
  const name = `identity.toml.unreadable-${NOW.toISOString().replace(/[:.]/g, "-")}`;
  assert.equal(Deno.realPathSync(aside), Deno.realPathSync(home.file.replace(/[^/]+$/, name)));
  assert.equal(Deno.readTextFileSync(aside), content);
  assertMode(aside, 0o600);
  assert.equal(home.readFile(), `["musehub.ai"]\ntype = "human"\ntoken = "${TOKEN}"\n`);
});

Deno.test("`identity add --reset` keeps a valid file", async () => {
  using home = Identities.of('["b.example"]\ntoken = "b"\n');
  const { stderr } = await home.add("--reset");
  assert.equal(stderr, "Added the identity for musehub.ai\n");
  assert.match(home.readFile(), /^\["b\.example"\]\ntoken = "b"\n/);
  assert.deepEqual(home.files(), [".identity.lock", "identity.toml"]);
});

Deno.test("`identity add` writes to ARCADE_IDENTITY_FILE and leaves the Arcade folder alone", async () => {
  using home = new Identities();
  const env = { HOME: home.path, ARCADE_IDENTITY_FILE: "~/.muse/identity.toml" };
  const { code } = await home.identity([...ADD, "--token", TOKEN], { env });
  assert.equal(code, 0);
  const names = [...Deno.readDirSync(`${home.path}/.muse`)].map(({ name }) => name).sort();
  assert.deepEqual(names, [".identity.lock", "identity.toml"]);
  assert.throws(() => Deno.statSync(home.folder), Deno.errors.NotFound);
  assert.equal((await home.identity(["show"], { env })).code, 0);
});
