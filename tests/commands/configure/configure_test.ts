import assert from "node:assert/strict";
import { CLIENTS, type Scope, SCOPES } from "../../../src/clients/clients.ts";
import { parseToml } from "../../../src/store/toml.ts";
import { InProcess, type World } from "../../support/in_process.ts";
import { isAvailable, succeeds } from "../../support/test_machine.ts";

const CANARY = "canary-value-of-the-test";
const windows = Deno.build.os === "windows";

/** A home with a project in `weather`, whose server has a secret. */
class Home extends InProcess {
  readonly project = `${Deno.realPathSync(this.path)}/weather`;
  override env = { HOME: this.path, PATH: `${this.path}/bin:/usr/bin:/bin` };

  constructor() {
    super();
    this.put("weather/server.py", "");
    this.put("weather/.env", `KEY=${CANARY}\n`);
    this.put("weather/.venv/bin/python", "", 0o755);
  }

  put(path: string, content: string, mode = 0o644): string {
    const file = `${this.path}/${path}`;
    Deno.mkdirSync(file.slice(0, file.lastIndexOf("/")), { recursive: true });
    Deno.writeTextFileSync(file, content, { mode });
    Deno.chmodSync(file, mode);
    return file;
  }

  text(path: string): string {
    return Deno.readTextFileSync(`${this.path}/${path}`);
  }

  configure(args: readonly string[], world: World = {}) {
    return this.run(["configure", ...args], { cwd: this.project, ...world });
  }

  /** The words that start the server. */
  get command(): string[] {
    const { project } = this;
    return [
      ...["/usr/local/bin/arcade", "mcp", "stdio", "--cwd", project],
      ...["--env-file", `${project}/.env`, "--", `${project}/.venv/bin/python`, "server.py"],
    ];
  }
}

/** The file of every client that is written, in the home and in the project. */
const FILES: Readonly<Record<string, Partial<Record<Scope, string>>>> = {
  "claude-code": { user: ".claude.json", project: ".mcp.json" },
  cursor: { user: ".cursor/mcp.json", project: ".cursor/mcp.json" },
  vscode: { user: ".config/Code/User/mcp.json", project: ".vscode/mcp.json" },
  "vscode-insiders": { user: ".config/Code - Insiders/User/mcp.json", project: ".vscode/mcp.json" },
  codex: { user: ".codex/config.toml", project: ".codex/config.toml" },
  "claude-desktop": { user: ".config/Claude/claude_desktop_config.json" },
  copilot: { user: ".copilot/mcp-config.json", project: ".mcp.json" },
  opencode: { user: ".config/opencode/opencode.jsonc", project: "opencode.json" },
  gemini: { user: ".gemini/settings.json", project: ".gemini/settings.json" },
  cline: { user: ".cline/data/settings/cline_mcp_settings.json" },
  kiro: { user: ".kiro/settings/mcp.json", project: ".kiro/settings/mcp.json" },
  zed: { user: ".config/zed/settings.json", project: ".zed/settings.json" },
};

/** The entries of a client, for a command and for an address. */
const ENTRIES: Readonly<
  Record<string, (command: readonly string[], url: string) => readonly [unknown, unknown]>
> = {
  "claude-code": ([command, ...args], url) => [
    { type: "stdio", command, args },
    { type: "http", url },
  ],
  cursor: plain,
  vscode: ([command, ...args], url) => [{ type: "stdio", command, args }, { type: "http", url }],
  "vscode-insiders": ([command, ...args], url) => [
    { type: "stdio", command, args },
    { type: "http", url },
  ],
  codex: plain,
  "claude-desktop": plain,
  copilot: ([command, ...args], url) => [{ type: "stdio", command, args }, { type: "http", url }],
  opencode: (command, url) => [{ type: "local", command }, { type: "remote", url }],
  gemini: ([command, ...args], url) => [{ command, args }, { type: "http", url }],
  cline: ([command, ...args], url) => [{ command, args }, { type: "streamableHttp", url }],
  kiro: plain,
  zed: plain,
};

function plain([command, ...args]: readonly string[], url: string) {
  return [{ command, args }, { url }] as const;
}

const KEYS: Readonly<Record<string, string>> = {
  vscode: "servers",
  "vscode-insiders": "servers",
  codex: "mcp_servers",
  opencode: "mcp",
  zed: "context_servers",
};

/** The servers in a file of a client. */
function serversIn(id: string, text: string): Record<string, unknown> {
  const file = id === "codex" ? parseToml(text) : JSON.parse(text);
  return JSON.parse(JSON.stringify(file[KEYS[id] ?? "mcpServers"]));
}

const written = CLIENTS.filter(({ isWritten }) => isWritten);

for (const { id, http } of written) {
  for (const scope of SCOPES.filter((scope) => FILES[id]?.[scope] !== undefined)) {
    Deno.test({
      name: `a server is added to ${id}, changed, and removed again, for the ${scope}`,
      ignore: windows,
      async fn() {
        using home = new Home();
        const path = (scope === "user" ? "" : "weather/") + FILES[id]?.[scope];
        const line = [id, "--scope", scope];
        const [stdio, remote] = ENTRIES[id]?.(home.command, "http://127.0.0.1:9000/mcp") ?? [];

        const planned = await home.configure([...line, "--dry-run"]);
        assert.equal(planned.code, 0, planned.stderr);
        assert.match(planned.stdout, /^--- \/dev\/null\n/);
        assert.throws(() => home.text(path), Deno.errors.NotFound);

        const added = await home.configure(line);
        assert.equal(added.code, 0, added.stderr);
        assert.match(added.stderr, /^Added weather to /);
        assert.deepEqual(serversIn(id, home.text(path)), { weather: stdio });
        assert.doesNotMatch(home.text(path), new RegExp(CANARY));
        if (scope === "user") {
          assert.equal((Deno.statSync(`${home.path}/${path}`).mode ?? 0) & 0o777, 0o600);
        }

        const text = home.text(path);
        const again = await home.configure(line);
        assert.deepEqual([again.code, home.text(path)], [0, text]);
        assert.match(again.stderr, /^weather is already in /);

        if (http) {
          const changed = [...line, "--transport", "http", "--port", "9000"];
          const refused = await home.configure(changed);
          assert.deepEqual([refused.code, home.text(path)], [2, text]);
          assert.match(refused.stderr, /another server weather/);
          assert.match(refused.stderr, /`--force`/);
          assert.equal((await home.configure([...changed, "--force"])).code, 0);
          assert.deepEqual(serversIn(id, home.text(path)), { weather: remote });
        }

        const listed = await home.configure(["--list", "--json"]);
        const { clients } = JSON.parse(listed.stdout);
        const { files } = clients.find((client: { id: string }) => client.id === id);
        const file = files.find((file: { scope: string }) => file.scope === scope);
        assert(file.path.endsWith(path), file.path);
        assert.equal(file.servers[0].name, "weather");
        assert.equal(file.servers[0].from_arcade, true);

        const removed = await home.configure([...line, "--remove"]);
        assert.equal(removed.code, 0, removed.stderr);
        assert.equal(
          id === "codex" ? home.text(path) : serversIn(id, home.text(path)).weather,
          id === "codex" ? "" : undefined,
        );
        const absent = await home.configure([...line, "--remove"]);
        assert.deepEqual([absent.code, /^There is no server weather /.test(absent.stderr)], [
          0,
          true,
        ]);
      },
    });
  }
}

for (const { id, title } of CLIENTS.filter(({ isWritten }) => !isWritten)) {
  Deno.test(`the text for ${title} is printed with the place where it belongs, and nothing is written`, async () => {
    using home = new Home();
    const isRemote = id === "chatgpt" || id === "claude-ai";
    const url = isRemote ? ["--url", "https://example.com/mcp"] : [];
    const { code, stdout, stderr } = await home.configure([id, "--print", ...url]);
    assert.equal(code, 0, stderr);
    assert.match(stdout, isRemote ? /^https:\/\/example\.com\/mcp\n$/ : /weather/);
    assert.match(stderr, /^Add it (?:to|in) /);
    assert.doesNotMatch(stdout + stderr, new RegExp(CANARY));
    for (const flags of [[], ["--remove"]]) {
      const refused = await home.configure([
        id,
        ...url.slice(0, flags.length === 0 ? 2 : 0),
        ...flags,
      ]);
      assert.equal(refused.code, 2, refused.stderr);
      assert.match(refused.stderr, /--print`/);
    }
  });
}

Deno.test("a client that runs on its vendor's servers gets no address on this machine", async () => {
  using home = new Home();
  for (
    const flags of [[], ["--transport", "http"], ["--url", "https://localhost:1/mcp"], [
      "--url",
      "http://example.com/mcp",
    ]]
  ) {
    const { code, stderr } = await home.configure(["chatgpt", "--print", ...flags]);
    assert.equal(code, 2);
    assert.match(stderr, /can only reach servers with a public https address/);
  }
});

/** Files that users have written, and the entry that arcade adds. */
const FOREIGN = `// My servers: do not touch
{
    "mcpServers": {
        "other": { "command": "npx", "args": ["-y", "x"], "env": {"TOKEN": "${CANARY}"} } // mine
        , "twice": 1, "twice": 2.0
    },

    "z": [1,2,   3], /* odd */
    "a": 1e2
}`;

for (
  const [what, source] of [
    ["comments, spaces and keys that are there twice", FOREIGN],
    ["a byte order mark", `\uFEFF${FOREIGN}`],
    ["CRLF", FOREIGN.replaceAll("\n", "\r\n")],
  ] as const
) {
  Deno.test(`every other byte of a file is preserved: ${what}`, async () => {
    using home = new Home();
    const path = home.put(".cursor/mcp.json", source);
    assert.equal((await home.configure(["cursor"])).code, 0);
    const text = Deno.readTextFileSync(path);
    const at = text.indexOf(',\n        "weather"'.replace("\n", what === "CRLF" ? "\r\n" : "\n"));
    assert.notEqual(at, -1, text);
    assert.equal(text.slice(0, at), source.slice(0, at));
    const rest = source.slice(at);
    assert.equal(text.slice(-rest.length), rest);
    assert.equal((await home.configure(["cursor", "--remove"])).code, 0);
    assert.equal(Deno.readTextFileSync(path), source);
  });
}

Deno.test("a dry run masks the values of all other servers", async () => {
  using home = new Home();
  home.put(".cursor/mcp.json", FOREIGN);
  const { stdout } = await home.configure(["cursor", "--dry-run"]);
  assert.match(stdout, /^\+ {8}"weather": \{$/m);
  assert.match(stdout, /^ {9}"other": \{ "command": "\*\*\*"/m);
  assert.doesNotMatch(stdout, new RegExp(CANARY));
  assert.equal(home.text(".cursor/mcp.json"), FOREIGN);
});

for (
  const [what, content, expected] of [
    ["not JSON", "not json at all", /mcp\.json: line 1: it is not valid JSON/],
    ["cut off", '{\n"mcpServers": {', /mcp\.json: line 2: a closing brace is missing/],
    [
      "a name twice",
      '{"mcpServers": {},\n"mcpServers": {}}',
      /line 2: `mcpServers` is listed twice/,
    ],
    ["UTF-16", "\xff\xfe{\0}\0", /mcp\.json is not UTF-8 text/],
  ] as const
) {
  Deno.test(`a broken file is an error, and left unchanged: ${what}`, async () => {
    using home = new Home();
    const path = home.put(".cursor/mcp.json", "");
    const bytes = Uint8Array.from(content, (one) => one.charCodeAt(0));
    Deno.writeFileSync(path, bytes);
    for (const flags of [[], ["--dry-run"], ["--remove"], ["--force"]]) {
      const { code, stdout, stderr } = await home.configure(["cursor", ...flags]);
      assert.deepEqual([code, stdout], [1, ""]);
      assert.match(stderr, expected);
      assert.deepEqual(Deno.readFileSync(path), bytes);
    }
    const { code, stdout } = await home.configure(["--list"]);
    assert.equal(code, 0);
    assert.match(stdout.replace(/\s+/g, " "), expected);
  });
}

Deno.test({
  name: "a link in a repository that points outside it is not followed, in whatever way it does so",
  ignore: windows,
}, async () => {
  for (
    const link of [
      (project: string) => {
        Deno.mkdirSync(`${project}/.cursor`);
        Deno.symlinkSync("../../foreign/mcp.json", `${project}/.cursor/mcp.json`);
      },
      (project: string) => Deno.symlinkSync("../foreign", `${project}/.cursor`),
      (project: string) => Deno.symlinkSync("../empty", `${project}/.cursor`),
    ]
  ) {
    using home = new Home();
    home.put("foreign/mcp.json", "{}");
    home.put("empty/other", "");
    link(home.project);
    for (const more of [[], ["--dry-run"], ["--remove"]]) {
      const line = ["cursor", "--scope", "project", "--transport", "http", ...more];
      const { code, stderr } = await home.configure(line);
      assert.equal(code, 1, stderr);
      assert.match(stderr, /^Error: .*mcp\.json points outside the project\n {2}.*`--config`/);
    }
    assert.equal(home.text("foreign/mcp.json"), "{}");
    assert.deepEqual([...Deno.readDirSync(`${home.path}/empty`)].map(({ name }) => name), [
      "other",
    ]);
  }
});

Deno.test(
  { name: "a link in a repository that points inside it is followed", ignore: windows },
  async () => {
    using home = new Home();
    const file = home.put("weather/config/mcp.json", "{}");
    Deno.mkdirSync(`${home.project}/.cursor`);
    Deno.symlinkSync("../config/mcp.json", `${home.project}/.cursor/mcp.json`);
    const { code, stderr } = await home.configure([
      "cursor",
      "--scope",
      "project",
      "--transport",
      "http",
    ]);
    assert.equal(code, 0, stderr);
    assert.match(Deno.readTextFileSync(file), /"weather"/);
  },
);

Deno.test({
  name: "a linked file stays a link, and the file keeps its mode",
  ignore: windows,
  async fn() {
    using home = new Home();
    const real = home.put("dotfiles/mcp.json", "{}\n", 0o640);
    Deno.mkdirSync(`${home.path}/.cursor`);
    Deno.symlinkSync("middle.json", `${home.path}/.cursor/mcp.json`);
    Deno.symlinkSync("../dotfiles/mcp.json", `${home.path}/.cursor/middle.json`);
    assert.equal((await home.configure(["cursor"])).code, 0);
    assert.equal(Deno.readLinkSync(`${home.path}/.cursor/mcp.json`), "middle.json");
    assert.match(Deno.readTextFileSync(real), /weather/);
    assert.equal((Deno.statSync(real).mode ?? 0) & 0o777, 0o640);
    assert.deepEqual([...Deno.readDirSync(`${home.path}/dotfiles`)].map(({ name }) => name), [
      "mcp.json",
    ]);
    Deno.removeSync(real);
    const { code, stderr } = await home.configure(["cursor"]);
    assert.equal(code, 1);
    assert.match(stderr, /is a link that leads nowhere/);
  },
});

Deno.test({
  name: "a read-only file is not replaced, and nothing is left next to it",
  ignore: windows || Deno.uid() === 0, // root may write it
  async fn() {
    using home = new Home();
    const path = home.put(".cursor/mcp.json", "{}\n", 0o444);
    const { code, stderr } = await home.configure(["cursor"]);
    assert.equal(code, 1);
    assert.match(stderr, /Cannot write .*mcp\.json: permission denied/);
    assert.equal(Deno.readTextFileSync(path), "{}\n");
    assert.deepEqual([...Deno.readDirSync(`${home.path}/.cursor`)].length, 1);
  },
});

Deno.test({
  name: "a file of another user keeps its owner",
  ignore: windows || Deno.uid() !== 0,
  async fn() {
    using home = new Home();
    const path = home.put(".cursor/mcp.json", "{}\n", 0o644);
    Deno.chownSync(path, 1234, 1235);
    assert.equal((await home.configure(["cursor"])).code, 0);
    const { uid, gid, mode } = Deno.statSync(path);
    assert.deepEqual([uid, gid, (mode ?? 0) & 0o777], [1234, 1235, 0o644]);
  },
});

Deno.test("a byte order mark is removed if the client cannot read it", async () => {
  using home = new Home();
  home.put(".gemini/settings.json", '\uFEFF{"theme": "x"}');
  assert.equal((await home.configure(["gemini"])).code, 0);
  assert.match(home.text(".gemini/settings.json"), /^\{"theme": "x"/);
});

Deno.test("comments are refused in a file whose client cannot read them", async () => {
  using home = new Home();
  home.put(".claude.json", "{\n// mine\n}");
  const { code, stderr } = await home.configure(["claude-code"]);
  assert.equal(code, 1);
  assert.match(stderr, /line 2: the client reads no comments/);
});

Deno.test("a replaced server keeps only the user's settings in the client", async () => {
  using home = new Home();
  const old = { command: "x", env: { TOKEN: CANARY }, disabled: true, autoApprove: ["a"] };
  const path = ".cline/data/settings/cline_mcp_settings.json";
  home.put(path, JSON.stringify({ mcpServers: { weather: old } }));
  assert.equal((await home.configure(["cline"])).code, 2);
  assert.equal((await home.configure(["cline", "--force"])).code, 0);
  const [command, ...args] = home.command;
  assert.deepEqual(serversIn("cline", home.text(path)), {
    weather: { command, args, disabled: true, autoApprove: ["a"] },
  });
  const again = await home.configure(["cline"]);
  assert.match(again.stderr, /already/);
});

Deno.test("a server that is not from arcade is removed only with --force", async () => {
  using home = new Home();
  home.put(".cursor/mcp.json", '{"mcpServers":{"weather":{"url":"https://example.com/mcp"}}}');
  const refused = await home.configure(["cursor", "--remove"]);
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /is not from arcade/);
  assert.equal((await home.configure(["cursor", "--remove", "--force"])).code, 0);
  assert.equal(home.text(".cursor/mcp.json"), '{"mcpServers":{}}');
});

Deno.test({
  name: "the file that has the server is changed, or else the first that exists",
  ignore: windows,
  async fn() {
    using home = new Home();
    home.put(".config/opencode/opencode.json", "{}");
    assert.equal((await home.configure(["opencode"])).code, 0);
    assert.match(home.text(".config/opencode/opencode.json"), /weather/);
    home.put(".config/opencode/opencode.jsonc", "{}");
    assert.match((await home.configure(["opencode"])).stderr, /already in .*opencode\.json\n/);
    assert.equal((await home.configure(["opencode", "--remove"])).code, 0);
    assert.equal((await home.configure(["opencode"])).code, 0);
    assert.match(home.text(".config/opencode/opencode.jsonc"), /weather/);
  },
});

Deno.test("the lock of Claude Code is waited for, and a stale one is ignored", async () => {
  using home = new Home();
  const lock = `${home.path}/.claude.json.lock`;
  Deno.mkdirSync(lock);
  let waits = 0;
  const sleep = () => {
    if (++waits === 3) Deno.removeSync(lock);
    return Promise.resolve();
  };
  assert.equal((await home.configure(["claude-code"], { sleep })).code, 0);
  assert.equal(waits, 3);
  assert.throws(() => Deno.statSync(lock), Deno.errors.NotFound);

  Deno.mkdirSync(lock);
  const held = await home.configure(["claude-code", "--remove"], {
    sleep: () => Promise.resolve(),
  });
  assert.equal(held.code, 1);
  assert.match(held.stderr, /has held .*\.claude\.json\.lock/);

  Deno.utimeSync(lock, new Date(0), new Date(0));
  assert.equal((await home.configure(["claude-code", "--remove"])).code, 0);
  assert.throws(() => Deno.statSync(lock), Deno.errors.NotFound);
});

Deno.test({
  name: "--inline-secrets writes the values of .env, says so, and masks them in a dry run",
  ignore: windows,
  async fn() {
    using home = new Home();
    const planned = await home.configure(["codex", "--inline-secrets", "--dry-run"]);
    assert.equal(planned.code, 0, planned.stderr);
    assert.doesNotMatch(planned.stdout + planned.stderr, new RegExp(CANARY));
    const { code, stderr } = await home.configure(["codex", "--inline-secrets"]);
    assert.equal(code, 0, stderr);
    assert.match(stderr, /Warning: The values of \.env are now in .*config\.toml/);
    assert.match(home.text(".codex/config.toml"), new RegExp(`KEY = "${CANARY}"`));
    assert.doesNotMatch(home.text(".codex/config.toml"), /--env-file/);
  },
});

const withoutGit = windows || !isAvailable("git", () => succeeds("git", "--version"));

Deno.test({
  name: "no value is written into a file that git tracks or would add",
  ignore: withoutGit,
  async fn() {
    using home = new Home();
    assert(succeeds("git", "init", "--quiet", home.project));
    const line = ["cursor", "--scope", "project", "--inline-secrets"];
    const refused = await home.configure(line);
    assert.equal(refused.code, 2, refused.stderr);
    assert.match(refused.stderr, /git tracks it, or would add it/);
    assert.throws(() => home.text("weather/.cursor/mcp.json"), Deno.errors.NotFound);

    home.put("weather/.gitignore", ".cursor/\n");
    assert.equal((await home.configure(line)).code, 0);
    assert.match(home.text("weather/.cursor/mcp.json"), new RegExp(CANARY));

    assert(succeeds("git", "-C", home.project, "add", "--force", ".cursor/mcp.json"));
    assert.equal((await home.configure([...line, "--force", "-n", "b"])).code, 2);

    for (const end of ["?key", "#key"]) {
      const withKey = ["--url", `https://example.com/mcp${end}=${CANARY}`];
      const { code } = await home.configure([...line.slice(0, 3), ...withKey, "-n", "k"]);
      assert.equal(code, 2, end);
    }

    // A dotfile repository, to which the file of the user leads.
    assert(succeeds("git", "init", "--quiet", `${home.path}/dotfiles`));
    const real = home.put("dotfiles/config.toml", "");
    Deno.mkdirSync(`${home.path}/.codex`);
    Deno.symlinkSync(real, `${home.path}/.codex/config.toml`);
    assert.equal((await home.configure(["codex", "--inline-secrets"])).code, 2);
    assert.equal(Deno.readTextFileSync(real), "");
    assert.equal((await home.configure(["codex"])).code, 0);
  },
});

Deno.test({
  name: "no argument that may be a secret is written into a file that git tracks or would add",
  ignore: withoutGit,
  async fn() {
    using home = new Home();
    home.put("bin/tool", "", 0o755);
    home.put("weather/a.pem", "");
    assert(succeeds("git", "init", "--quiet", home.project));
    const run = (scope: string, ...args: string[]) =>
      home.configure(["cursor", "--scope", scope, "-n", "s", "--force", "--", "tool", ...args]);
    for (
      const args of [
        ["--token", CANARY],
        [`--api-key=${CANARY}`],
        ["--db_password", CANARY],
        ["-e", `GITHUB_TOKEN=${CANARY}`],
        ["--header", `Authorization: Bearer ${CANARY}`],
        ["-H", `X-Api-Key:${CANARY}`],
        [`--header=Authorization: Basic ${CANARY}`],
        [`--header=X-Api-Key:${CANARY}`],
        [`--env=API_KEY=${CANARY}`],
        ["--env", `server=DB_PASSWORD=${CANARY}`],
        [`--accessToken=${CANARY}`],
        ["--clientSecret", CANARY],
        [`ghp_${CANARY}`],
        [`postgres://user:${CANARY}@db.example.com/x`],
        [`https://example.com/mcp?key=${CANARY}`],
        [`--url=https://example.com/mcp#${CANARY}`],
      ]
    ) {
      const { code, stderr } = await run("project", ...args);
      assert.equal(code, 2, `${args.join(" ")}: ${stderr}`);
      assert.match(stderr, /git tracks it, or would add it\n {2}Write .* in \.env/);
      assert.ok(!stderr.includes(CANARY), stderr);
      assert.throws(() => home.text("weather/.cursor/mcp.json"), Deno.errors.NotFound);
      assert.equal((await run("user", ...args)).code, 0);
    }
    for (
      const args of [
        ["--token-file", "token.txt"],
        ["--private-key", "a.pem", "--key", "b"],
        ["--token", "--port", "1"],
        ["--token", "$GITHUB_TOKEN"],
        ["-e", "GITHUB_TOKEN"],
        ["--api-key=${env:KEY}"],
        ["--max-tokens", "100", "--tokenizer", "fast", "--keyboard", "us"],
        ["--env=API_KEY=$API_KEY", "--maxTokens=100", "--mount=type=bind,source=a,target=b"],
        ["https://example.com/mcp", "--author", "Ada", "a?b=c"],
      ]
    ) {
      const { code, stderr } = await run("project", ...args);
      assert.equal(code, 0, `${args.join(" ")}: ${stderr}`);
    }
  },
});

Deno.test({
  name: "the command after -- is started by its absolute path",
  ignore: windows,
  async fn() {
    using home = new Home();
    const tool = home.put("bin/tool", "", 0o755);
    assert.equal((await home.configure(["cursor", "--", "tool", "-x", "--port", "1"])).code, 0);
    const args = (name: string) =>
      (serversIn("cursor", home.text(".cursor/mcp.json"))[name] as { args: string[] }).args;
    assert.deepEqual(args("weather").slice(-5), ["--", tool, "-x", "--port", "1"]);
    const own = ["cursor", "-n", "own", "--", "./tool"];
    assert.equal((await home.configure(own)).code, 0);
    assert.equal(args("own").at(-1), `${home.project}/./tool`);
    const { code, stderr } = await home.configure(["cursor", "-n", "c", "--", "no-such-program"]);
    assert.equal(code, 127);
    assert.match(stderr, /no program no-such-program on PATH/);
  },
});

Deno.test("several processes that add servers to one file lose none", async () => {
  using home = new Home();
  const names = Array.from({ length: 5 }, (_, i) => `server-${i}`);
  const all = await Promise.all(names.map((name) => home.configure(["cursor", "-n", name])));
  assert.deepEqual(all.map(({ code }) => code), names.map(() => 0));
  assert.deepEqual(Object.keys(serversIn("cursor", home.text(".cursor/mcp.json"))).sort(), names);
});

Deno.test({
  name: "in WSL a client on Windows starts the server in WSL",
  ignore: windows,
  async fn() {
    using home = new Home();
    const env = { WSL_DISTRO_NAME: "Ubuntu" };
    const config = ["--config", "mcp.json"];
    assert.equal((await home.configure(["cursor", ...config], { env })).code, 0);
    assert.deepEqual(serversIn("cursor", home.text("weather/mcp.json")).weather, {
      command: "wsl.exe",
      args: ["-d", "Ubuntu", "--exec", ...home.command],
    });
    assert.equal((await home.configure(["codex"], { env })).code, 0);
    assert.match(home.text(".codex/config.toml"), /command = "\/usr\/local\/bin\/arcade"/);
    const { code, stderr } = await home.configure(["cursor"], { env });
    assert.equal(code, 1);
    assert.match(stderr, /Windows did not say where programs store their files/);
  },
});

for (
  const [what, args, expected] of [
    ["no client", [], /Which client\?/],
    ["an unknown client", ["curser"], /There is no client "curser"\n {2}Did you mean "cursor"\?/],
    ["a name that not all clients accept", ["cursor", "--name", "My Server"], /--name/],
    [
      "a name that the client uses itself",
      ["claude-code", "--name", "workspace"],
      /reserves the name/,
    ],
    ["no program", ["cursor", "--entrypoint", "other.py"], /No other\.py in this folder/],
    ["no file of a project", ["cline", "--scope", "project"], /has no known file for this project/],
    [
      "HTTP for a client without it",
      ["claude-desktop", "--transport", "http"],
      /does not read HTTP servers/,
    ],
    [
      "an address with a password",
      ["cursor", "--url", `https://a:${CANARY}@b/`],
      /a user name or a password/,
    ],
    [
      "an address of another kind",
      ["cursor", "--url", "file:///x"],
      /not an http or https address/,
    ],
    [
      "secrets for an address",
      ["cursor", "--transport", "http", "--inline-secrets"],
      /client starts/,
    ],
    ["a client for --list", ["cursor", "--list"], /--list/],
  ] as const
) {
  Deno.test(`\`configure\` with ${what} is a usage error, and changes nothing`, async () => {
    using home = new Home();
    const before = [...Deno.readDirSync(home.path)].map(({ name }) => name).sort();
    const { code, stdout, stderr } = await home.configure(args);
    assert.deepEqual([code, stdout], [2, ""], stderr);
    assert.match(stderr, expected);
    assert.doesNotMatch(stderr, new RegExp(CANARY));
    assert.deepEqual([...Deno.readDirSync(home.path)].map(({ name }) => name).sort(), before);
  });
}

Deno.test("for an address it says how to start the server there", async () => {
  using home = new Home();
  const told = async (...args: readonly string[]) =>
    (await home.configure(["cursor", "--force", "-t", "http", "--port", "9000", ...args])).stderr;
  assert.match(await told(), /`arcade mcp http --port 9000 -- \.venv\/bin\/python server\.py`/);
  Deno.removeSync(`${home.project}/server.py`);
  assert.match(await told("-n", "b"), /`arcade mcp http --port 9000`/);
  assert.match(await told("-n", "c", "--", "a", "b c"), /`arcade mcp http --port 9000 -- a 'b c'`/);
  assert.doesNotMatch(await told("-n", "d", "--url", "https://example.com/mcp"), /arcade mcp/);
});

Deno.test("without a client, a terminal shows the list of clients", async () => {
  using home = new Home();
  const { code, stderr } = await home.configure([], { terminal: true, stdin: ["codex\r"] });
  assert.equal(code, 0, stderr);
  assert.match(home.text(".codex/config.toml"), /weather/);
});

Deno.test("an older name of a client is explained", async () => {
  using home = new Home();
  const { code, stderr } = await home.configure(["amazonq"]);
  assert.equal(code, 0);
  assert.match(stderr, /^Amazon Q CLI is now Kiro CLI\nAdded weather to /);
});

Deno.test("the list shows foreign servers without possible keys", async () => {
  using home = new Home();
  home.put(
    ".cursor/mcp.json",
    JSON.stringify({
      mcpServers: {
        a: { command: "/opt/bin/npx", args: ["--key", CANARY], env: { KEY: CANARY } },
        b: { url: `https://user:${CANARY}@example.com/${CANARY}?key=${CANARY}` },
        c: { transport: { type: "stdio", command: "deno" } },
        d: 1,
      },
    }),
  );
  const { code, stdout } = await home.configure(["--list"]);
  assert.equal(code, 0);
  assert.doesNotMatch(stdout, new RegExp(CANARY));
  for (const row of [/a +npx +no/, /b +https:\/\/example\.com +no/, /c +deno +no/, /d +\? +no/]) {
    assert.match(stdout, row);
  }
});

Deno.test("--json reports what was done, and the next steps", async () => {
  using home = new Home();
  const { stdout } = await home.configure(["codex", "--json"]);
  assert.deepEqual(JSON.parse(stdout), {
    client: "codex",
    scope: "user",
    name: "weather",
    file: `${home.path}/.codex/config.toml`,
    change: "added",
    dry_run: false,
    next: ["Start Codex again"],
  });
  const planned = JSON.parse(
    (await home.configure(["codex", "--remove", "--dry-run", "--json"])).stdout,
  );
  assert.equal(planned.change, "removed");
  assert.match(planned.diff, /^--- /);
});
