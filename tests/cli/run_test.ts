import assert from "node:assert/strict";
import { allCommands, command, flag, typed } from "../../src/cli/declaration.ts";
import { type Environment, VARIABLES } from "../../src/contract/variables.ts";
import { formOf } from "../../src/cli/help.ts";
import { namesOf } from "../../src/cli/parse.ts";
import { PERMISSION_FLAGS } from "../../src/process/permission_flags.ts";
import { EXIT_CODES, TOPIC_TEXTS } from "../../src/commands/topics.ts";
import type { Context } from "../../src/commands/context.ts";
import { PROGRAM } from "../../src/commands/program.ts";
import { ROUTES } from "../../src/commands/routes.ts";
import { VERSION } from "../../src/version.ts";
import { Answers, json } from "../support/answers.ts";
import { errorTextIn } from "../support/error_object.ts";
import { InProcess } from "../support/in_process.ts";

const COMMANDS = await allCommands(ROUTES);
const LINES = COMMANDS.map(({ words }) => words);
const GROUPS = [
  ...new Set(LINES.flatMap(([first = "", ...more]) => more.length > 0 ? [first] : [])),
].filter((group) => !LINES.some((words) => words.join() === group));

for (const words of [[], ...GROUPS.map((group) => [group]), ...LINES]) {
  for (const line of [[...words, "--help"], [...words, "-h"], ["help", ...words]]) {
    Deno.test(`\`arcade ${line.join(" ")}\` shows help on stdout, in 80 columns`, async () => {
      using home = new InProcess();
      const { code, stdout, stderr } = await home.run(line);
      assert.equal(code, 0);
      assert.equal(stderr, "");
      assert.match(stdout, new RegExp(`\nUSAGE\n  arcade ${words.join(" ")}`));
      for (const flag of ["--help", "--debug", "--[no-]color"]) assert(stdout.includes(flag), flag);
      for (const one of stdout.split("\n")) assert(one.length <= 80, one);
      assert.deepEqual([...Deno.readDirSync(home.path)], []);
    });
  }
}

for (const { words } of COMMANDS) {
  Deno.test(`the help of ${words.join(" ")} is the same for every spelling`, async () => {
    using home = new InProcess();
    const help = await home.run([...words, "--help"]);
    assert.match(help.stdout, new RegExp(`\nEXAMPLES\n  arcade ${words.join(" ")}`));
    const others = [["-h", ...words], ["--debug", ...words, "--help"], ["help", ...words]];
    for (const line of others) assert.deepEqual(await home.run(line), help, line.join(" "));
  });
}

for (const { words, command } of COMMANDS) {
  const names = namesOf(command.flags);
  /** A flag as it is typed, with a value if it takes one. */
  const given = (spelling: string) => {
    const { flag } = names.get(spelling) ?? {};
    assert(flag, `${words.join(" ")} has no ${spelling}`);
    return flag.placeholder === undefined ? [spelling] : [spelling, "1"];
  };
  const required = Object.entries(command.flags)
    .flatMap(([name, { isRequired }]) => isRequired ? [typed(name), "x"] : []);
  const args = { none: [], one: ["x"], optional: [], two: ["x", "x"], some: ["x"], any: [] }[
    command.argument?.count ?? "none"
  ];
  const takesCommand = Object.values(command.flags).some((flag) => flag.takesCommand);
  for (const { flag, excludes, next } of command.exclusions) {
    for (const other of excludes) {
      for (const pair of [[flag, other], [other, flag]]) {
        Deno.test(`\`arcade ${words.join(" ")} ${pair.join(" ")}\` is a usage error`, async () => {
          using home = new InProcess();
          const flags = [...pair.filter((one) => one !== "--").flatMap(given), ...required];
          // If `--` starts a command, the arguments are before it.
          const line = takesCommand
            ? [...words, ...args, ...flags, ...pair.includes("--") ? ["--", "x"] : []]
            : [...words, ...flags, "--", ...args];
          const { code, stderr } = await home.run(line);
          assert.equal(code, 2, stderr);
          const told = pair.includes("--json") ? errorTextIn(stderr) : stderr;
          assert.match(told, /^\S+ `.*` cannot be used together\n/);
          for (const one of pair) assert(told.includes(`\`${one}\``), told);
          assert(told.replace(/\s+/g, " ").includes(next), told);
          assert.deepEqual([...Deno.readDirSync(home.path)], []);
        });
      }
    }
  }
}

Deno.test("without a command the help is shown", async () => {
  using home = new InProcess();
  const { code, stdout, stderr } = await home.run([]);
  assert.deepEqual([code, stderr], [0, ""]);
  for (const part of ["arcade help exit-codes", "arcade local serve", "\n  whoami  "]) {
    assert(stdout.includes(part), `No ${part} in: ${stdout}`);
  }
  for (const flag of ["--help", "-h"]) assert.equal((await home.run([flag])).stdout, stdout);
});

Deno.test("the list of all commands loads no declaration", async () => {
  using home = new InProcess();
  const load = () => Promise.reject(new Error("A declaration was loaded for the list"));
  const routes = new Map([...ROUTES.keys()].map((word) => [word, load]));
  assert.deepEqual(await home.run([], { routes }), await home.run([]));
});

for (const group of GROUPS) {
  Deno.test(`\`arcade ${group}\` shows the help of the group`, async () => {
    using home = new InProcess();
    const help = await home.run([group, "--help"]);
    for (const [, name] of LINES.filter(([first, second]) => first === group && second)) {
      assert.match(help.stdout, new RegExp(`^  ${name} +[A-Z]`, "m"));
    }
    for (const line of [[group], ["help", group]]) assert.deepEqual(await home.run(line), help);
  });
}

for (const { words, command } of COMMANDS) {
  Deno.test(`the help of ${words.join(" ")} has the whole declaration`, async () => {
    using home = new InProcess();
    const { stdout } = await home.run([...words, "--help"]);
    assert(command.examples.length > 0);
    for (const [line, brief] of command.examples) {
      assert(line.startsWith(words.join(" ")), line);
      assert(stdout.replaceAll(/\s+/g, " ").includes(brief), brief);
    }
    for (const [name, flag] of Object.entries(command.flags)) {
      assert(stdout.includes(formOf(name, flag).trim()), name);
      assert(stdout.replaceAll(/\s+/g, " ").includes(flag.brief), flag.brief);
    }
    for (const [, note] of command.notes) assert(stdout.includes(note), note);
  });
}

Deno.test("every topic of `arcade help` has a text", () => {
  assert.deepEqual([...PROGRAM.topics.keys()], Object.keys(TOPIC_TEXTS));
});

for (const [topic, { text, title, rows }] of Object.entries(TOPIC_TEXTS)) {
  Deno.test(`\`arcade help ${topic}\` shows the whole text, in 80 columns`, async () => {
    using home = new InProcess();
    const { code, stdout, stderr } = await home.run(["help", topic]);
    assert.deepEqual([code, stderr], [0, ""]);
    const shown = stdout.replaceAll(/\s+/g, " ");
    for (const part of [text, title.toUpperCase(), ...rows.flat()]) {
      assert(shown.includes(part), part);
    }
    for (const line of stdout.split("\n")) assert(line.length <= 80, line);
    assert.match((await home.run(["help"])).stdout, new RegExp(`\n  arcade help ${topic} +[A-Z]`));
  });
}

Deno.test("`arcade help permissions` has every permission of the executable", async () => {
  using home = new InProcess();
  const { stdout } = await home.run(["help", "permissions"]);
  for (const flag of PERMISSION_FLAGS) {
    assert(stdout.includes(`\n  ${flag.split("=")[0]} `), flag);
  }
});

for (
  const args of [
    ["whoami", "--json", "--nope"],
    ["--json", "secrte"],
    ["--nope", "--json", "whoami"],
    ["secret", "lst", "--json"],
    ["secret", "--json=yes", "set", "A", "--description"],
    ["server", "get", "--json"],
    ["help", "nope", "--json"],
    ["logout", "--json"],
    ["whoami", "--json=maybe"],
    ["--debug", "login", "--json", "extra"],
  ]
) {
  Deno.test(`a mistake in \`${args.join(" ")}\` is told as JSON`, async () => {
    using home = new InProcess();
    const { code, stdout, stderr } = await home.run(args);
    assert.equal(code, 2, stderr);
    assert.equal(stdout, "");
    const { error } = JSON.parse(stderr);
    assert.deepEqual(Object.keys(error), ["code", "message", "next", "retryable", "exit"]);
    assert.equal(error.code, "usage");
    assert.equal(error.exit, 2);
  });
}

for (
  const args of [
    ["whoami", "--nope"],
    ["whoami", "--nope", "--", "--json"],
    ["whoami", "--nope", "--json=no"],
    ["whoami", "--nope", "--json", "--json=off"],
  ]
) {
  Deno.test(`a mistake in \`${args.join(" ")}\` is told as text`, async () => {
    using home = new InProcess();
    const { code, stderr } = await home.run(args);
    assert.equal(code, 2);
    assert.match(stderr, /^Error: Unknown flag/);
  });
}

Deno.test("with --json, warnings are JSON lines before the error, and notices are omitted", async () => {
  using home = new InProcess();
  const warns = command({
    brief: "Warn",
    needs: [],
    flags: { json: flag("Output JSON") },
    examples: [],
    load: () =>
      Promise.resolve((context: Context) => {
        context.io.warn("Careful");
        context.io.warn("Very careful");
        context.io.notice("By the way");
        throw new TypeError("a bug");
      }),
  });
  const routes = new Map([["try", () => Promise.resolve(warns)]]);
  const { code, stderr } = await home.run(["try", "--json"], { routes, terminal: true });
  assert.equal(code, 1);
  const lines = stderr.trimEnd().split("\n").map((line) => JSON.parse(line));
  assert.deepEqual(lines.slice(0, -1), [
    { warning: { message: "Careful" } },
    { warning: { message: "Very careful" } },
  ]);
  assert.equal(lines.at(-1).error.code, "internal");
  assert.match((await home.run(["try"], { routes, terminal: true })).stderr, /By the way/);
});

Deno.test("with --json, the error is the last line even after what telemetry prints", async () => {
  using home = new InProcess();
  const env = { ARCADE_USAGE_DEBUG: "1" };
  const { stderr } = await home.run(["whoami", "--json", "--nope"], { env });
  assert.match(stderr, /"event": "CLI execution failed"/);
  assert.equal(JSON.parse(stderr.trimEnd().split("\n").at(-1) ?? "").error.code, "usage");
});

Deno.test("`arcade help exit-codes` has every exit code", async () => {
  using home = new InProcess();
  const { stdout } = await home.run(["help", "exit-codes"]);
  for (const [code, meaning] of Object.entries(EXIT_CODES)) {
    assert.match(stdout, new RegExp(`\n +${code} +${meaning}\n`));
  }
});

Deno.test("`arcade help environment` fits 80 columns and has the variables of users", async () => {
  using home = new InProcess();
  const { stdout } = await home.run(["help", "environment"]);
  for (const name of Object.keys(VARIABLES)) assert.match(stdout, new RegExp(`\\n  ${name} `));
  for (const line of stdout.split("\n")) assert(line.length <= 80, line);
});

for (const flag of ["--version", "-v", "version"]) {
  Deno.test(`\`arcade ${flag}\` shows the version`, async () => {
    using home = new InProcess();
    const { code, stdout } = await home.run([flag]);
    assert.equal(code, 0);
    assert.equal(stdout, `${VERSION}\n`);
  });
}

const wrong: [args: string[], message: RegExp][] = [
  [["secrte"], /command `secrte`\n {2}Did you mean `arcade secret`\? See `arcade --help`/],
  [["secret", "lst"], /`lst`\n {2}Did you mean `arcade secret list`\? See `arcade secret --help`/],
  [["secret", "st"], /Did you mean `arcade secret set`\? See/],
  [["secret", "uset"], /command `uset`\n {2}See `arcade secret --help`/],
  [["help", "secret", "st"], /Did you mean `arcade help secret set`\?/],
  [["secret", "rm"], /Did you mean `arcade secret unset`\?/],
  [["secret", "frobnicate"], /command `frobnicate`\n {2}See `arcade secret --help`/],
  [["identity", "rm"], /Did you mean `arcade identity remove`\?/],
  [["auth", "login"], /Did you mean `arcade login`\?/],
  [["auth", "logout"], /Did you mean `arcade logout`\?/],
  [["auth", "status"], /Which id\?/],
  [["frobnicate"], /Unknown command `frobnicate`\n {2}See `arcade --help`/],
  [
    ["help", "fils"],
    /No help for `fils`\n {2}Did you mean `arcade help files`\? See `arcade --help`/,
  ],
  [["help", "secrte"], /No help for `secrte`\n {2}Did you mean `arcade help secret`\?/],
  [["help", "secret", "lst"], /No help for `lst`\n {2}Did you mean `arcade help secret list`\?/],
  [["help", "frobnicate"], /No help for `frobnicate`\n {2}See `arcade --help`/],
  [
    ["evals"],
    /`evals` exists only in the Python CLI\n {2}Run it with `uvx arcade-mcp evals`\./,
  ],
  [["upgrade"], /Did you mean `arcade update`\?/],
  [["upgrade", "now"], /Did you mean `arcade update`\?/],
  [["se"], /Did you mean `arcade secret` or `arcade server`\?/],
  [["log"], /Did you mean `arcade login` or `arcade logout`\?/],
  [
    ["ls"],
    /Did you mean `arcade context list`, .*`arcade secret list`, .* or `arcade identity list`\?/,
  ],
  [["list"], /Did you mean .*`arcade server list`/],
  [
    ["rm", "KEY"],
    /Did you mean `arcade context delete`, `arcade secret unset`, `arcade server delete`, `arcade auth revoke`, `arcade gateway delete`, `arcade identity remove` or `arcade local revoke`\?/,
  ],
  [["run"], /Did you mean .*`arcade tool call`.*`arcade local serve`\?/],
  [["logs", "weather"], /Did you mean `arcade server logs`\?/],
  [["serve"], /Did you mean `arcade server` or `arcade local serve`\?/],
  [["secret", "ls"], /Did you mean `arcade secret list`\?/],
  [["server", "rm"], /Did you mean `arcade server delete`\?/],
  [["help", "env"], /Did you mean `arcade help environment`\?/],
  [["help", "se"], /Did you mean `arcade help secret` or `arcade help server`\?/],
  [["identity", "token", "."], /Unexpected argument `\.`\n {2}Name the hub with `--hub`\./],
  [["identity", "remove", "https://hub.example"], /Name the hub with `--hub`\./],
  [["login", "https://arcade.example"], /Name the address with `--url`\./],
  [["local", "serve", "."], /Unexpected argument `\.`\n {2}Name the folder with `--data`\./],
  [["local", "serve", "./data"], /Name the folder with `--data`\./],
  [["deploy", "."], /Unexpected argument `\.`\n {2}Leave it out\. See `arcade deploy --help`/],
  [["deploy", "./server.py"], /Name the path with `--entrypoint`\./],
  [["server", "get", "."], /Give a name, not a folder/],
  [["version", "--frob"], /Unknown flag `--frob`/],
  [["version", "extra"], /Unexpected argument `extra`/],
  [["--version", "--frob"], /Unknown flag `--frob`/],
  [
    ["secret", "list", "--jsn"],
    /`--jsn`\n {2}Did you mean `--json`\? See `arcade secret list --help`/,
  ],
  [["secret", "set", "--from_env"], /Did you mean `--from-env`\?/],
  [["login", "--nobrowser"], /Did you mean `--no-browser`\?/],
  [
    ["mcp", "stdio", "python", "-m"],
    /Unknown flag `-m`\n {2}Put the command's flags after `--`\. See `arcade mcp --help`$/,
  ],
  [["secret", "list", "-p", "80"], /Unknown flag `-p`\n {2}Did you mean `--port`\?/],
  [["whoami", "-d"], /Unknown flag `-d`\n {2}Did you mean `--debug`\?/],
  [["whoami", "-p"], /Unknown flag `-p`\n {2}See `arcade whoami --help`/],
  [["secret", "list", "--port=1", "--port=2"], /`--port` is given more than once/],
  [["whoami", "--debug=x"], /`--debug` takes no value/],
  [["login", "--no-browser=x"], /`--no-browser` takes no value/],
  [["whoami", "extra"], /Unexpected argument `extra`\n {2}See `arcade whoami --help`/],
  [
    ["org", "set"],
    /Which organization\?\n {2}Give its name or its id; `arcade org list` shows them/,
  ],
  [["identity", "token"], /`--hub <url>` is required/],
  [["org", "list", "--port", "99999"], /`--port`: expected a whole number from 1 to 65535/],
  [["secret", "list", "--port"], /`--port` needs a value/],
  [["secret", "list", "--host", "a/b"], /not a host name/],
  [["whomi"], /Unknown command `whomi`\n {2}Did you mean `arcade whoami`\? See `arcade --help`$/],
  [["secrets"], /Did you mean `arcade secret`\?/],
  [["secret", "list", "--nothing-like-it"], /Unknown flag `--nothing-like-it`/],
  [["secret", "list", "more"], /Unexpected argument `more`/],
  [["tool", "search"], /See `arcade tool search --help`$/],
  [["secret", "set"], /Which secret\?/],
  [["server", "logs"], /Which server\?/],
  [["context", "delete"], /Which context\?/],
  [["secret", "list", "--port", "http"], /whole number from 1 to 65535/],
  [["secret", "list", "--port", "0"], /whole number from 1 to 65535/],
  [["login", "--timeout", "-1"], /whole number/],
  [["\x1b[2J\u202e"], /Unknown command `/],
];
for (const [args, message] of wrong) {
  Deno.test(`\`arcade ${args.join(" ")}\` is a usage error with at most one line of advice`, async () => {
    using home = new InProcess();
    home.writeCredentials();
    const { code, stdout, stderr } = await home.run(args);
    assert.equal(code, 2, stderr);
    assert.equal(stdout, "");
    assert.match(stderr, /^Error: [^\n]+\n(?: {2}[^\n]+\n)?$/);
    assert.match(stderr.trimEnd(), message);
  });
}

for (
  const [words, hint] of [
    ["npm test --watch", "Put the command's flags after `--`."],
    ["sh -c true", "Put the command's flags after `--`."],
    ["--sed a -- true", "Did you mean `--seed`?"],
    ["", "Usage: `arcade local exec [flags] -- <command>...`."],
  ] as const
) {
  Deno.test(`\`arcade local exec ${words}\` says where the command is written`, async () => {
    using home = new InProcess();
    const { code, stderr } = await home.run(["local", "exec", ...words.split(" ").filter(Boolean)]);
    assert.equal(code, 125);
    assert(stderr.endsWith(`\n  ${hint} See \`arcade local exec --help\`\n`), stderr);
  });
}

const flagged = [
  ["secret", "list", "--host", "127.0.0.1", "--port", "PORT"],
  ["secret", "--host", "127.0.0.1", "--port", "PORT", "list"],
  ["secret", "--host", "127.0.0.1", "list", "--port", "PORT"],
  ["secret", "--host=127.0.0.1:PORT", "list"],
  ["--debug", "secret", "--host", "127.0.0.1:PORT", "list"],
  ["secret", "--tls", "list", "--no-tls", "--host", "127.0.0.1:PORT"],
  ["secret", "list", "--tls", "--no-tls", "--host", "127.0.0.1:PORT"],
];
for (const line of flagged) {
  Deno.test(`flags are accepted anywhere, and the last of --tls and --no-tls wins: arcade ${line.join(" ")}`, async () => {
    using home = new InProcess();
    home.writeCredentials();
    await using engine = new Answers(() => json({ items: [] }));
    const { port } = new URL(engine.url);
    const { code, stderr } = await home.run(line.map((word) => word.replace("PORT", port)));
    assert.equal(code, 0, stderr);
    assert.match(stderr, /No secrets yet/);
    assert.equal(engine.seen.length, 1);
  });
}

Deno.test("the last of --no-tls and --tls wins", async () => {
  using home = new InProcess();
  home.writeCredentials();
  await using engine = new Answers(() => json({ items: [] }));
  const { host } = new URL(engine.url);
  const { code, stderr } = await home.run(["secret", "list", "--host", host, "--no-tls", "--tls"]);
  assert.equal(code, 7);
  assert(stderr.startsWith(`Error: Cannot reach https://${host}: TLS failed`), stderr);
  assert.equal(engine.seen.length, 0);
});

Deno.test("-- ends the flags", async () => {
  using home = new InProcess();
  const { code, stderr } = await home.run(["org", "set", "--", "--json"]);
  assert.equal(code, 4, stderr);
});

const unusable: [env: Environment, args: string[]][] = [
  [{ ARCADE_LOGIN_TIMEOUT_SECONDS: "-1" }, ["login"]],
  [{ ARCADE_COORDINATOR_URL: "cloud.arcade.dev" }, ["org", "list"]],
  [{ ARCADE_COORDINATOR_URL: "ftp://cloud.arcade.dev" }, ["org", "list"]],
  [{ ARCADE_ENGINE_URL: "http://user:password@localhost" }, ["secret", "list"]],
];
for (const [env, args] of unusable) {
  const [[name, value] = []] = Object.entries(env);
  Deno.test(`the error names ${name}=${value}`, async () => {
    using home = new InProcess();
    if (args[0] !== "login") home.writeCredentials();
    const { code, stderr } = await home.run(args, { env });
    assert.equal(code, 2, stderr);
    assert.match(stderr, new RegExp(`^Error: ${name}(?::| is not) [^\n]+\n {2}[^\n]+\n$`));
    assert(!stderr.includes("password"));
  });
}

const TOKEN = "sk_live_51H8aXkPqCANARY";
const misplaced = [
  ["KEY=CANARY"],
  [TOKEN],
  ["secret", "KEY=CANARY"],
  ["secret", TOKEN],
  ["secret", "list", "KEY=CANARY"],
  ["secret", "list", TOKEN],
  ["secret", "list", "--port", TOKEN],
  ["secret", "list", `--port=${TOKEN}`],
  ["secret", "list", `--json=${TOKEN}`],
  ["secret", "list", `--no-tls=${TOKEN}`],
  ["secret", "list", `--${TOKEN}`],
  ["secret", "list", `--value=${TOKEN}`],
  ["secret", "list", `-${TOKEN}`],
  ["secret", "set", "A", "--concurrency", TOKEN],
  ["local", "serve", "--port", TOKEN],
  ["local", "serve", "--token-ttl", TOKEN],
  ["login", "--timeout", TOKEN],
  ["login", "--callback-port", TOKEN],
  ["identity", "add", "--hub", "x", "--expires", TOKEN],
  ["identity", "show", "--hub", `not a hub ${TOKEN}`],
  ["whoami", "KEY=CANARY"],
  ["whoami", `--debug=${TOKEN}`],
];
for (const args of misplaced) {
  Deno.test(`a misplaced value is not repeated: ${args.join(" ")}`, async () => {
    using home = new InProcess();
    const { code, stdout, stderr } = await home.run(args);
    assert.equal(code, 2);
    assert.doesNotMatch(stdout + stderr, /CANARY|sk_live/);
  });
}

/** The permissions that each command drops; all other commands drop `run` and `sys`. */
const GIVEN_UP: Readonly<Record<string, readonly string[]>> = {
  "local serve": ["sys"],
  "local exec": ["sys"],
  "local stop": ["sys"],
  "local reset": ["net", "run", "sys"],
  login: ["sys"],
  "tool call": ["sys"],
  "auth start": ["sys"],
  whoami: ["write", "net", "run", "sys"],
  completion: ["read", "write", "net", "run", "sys"],
  version: ["read", "write", "net", "run", "sys"],
  "context list": ["write", "net", "run", "sys"],
  "context set": ["net", "run", "sys"],
  "context show": ["write", "net", "run", "sys"],
  "context add": ["sys"],
  new: ["net", "run", "sys"],
  deploy: ["sys"],
  dev: ["sys"],
  mcp: ["sys"],
  configure: ["net", "sys"],
  connect: ["sys"],
  "mcp proxy": ["sys"],
  "gateway test": ["sys"],
  update: ["sys"],
  dashboard: ["sys"],
  "identity add": ["net", "run", "sys"],
  "identity show": ["write", "net", "run", "sys"],
  "identity list": ["write", "net", "run", "sys"],
  "identity remove": ["net", "run", "sys"],
  "identity token": ["write", "net", "run", "sys"],
  "identity can": ["write", "net", "run", "sys"],
  "identity credential": ["net", "run", "sys"],
  "telemetry status": ["write", "net", "run", "sys"],
  "telemetry show": ["write", "net", "run", "sys"],
  "telemetry disable": ["net", "run", "sys"],
  "telemetry enable": ["net", "run", "sys"],
};
/** With these arguments, each command fails early, after it has dropped its permissions. */
const ARGUMENTS: Readonly<Record<string, readonly string[]>> = {
  login: ["--url", "x y"],
  "context set": ["x"],
  "context delete": ["x"],
  "context add": ["x y"],
  new: ["X"],
  api: ["GET", "x"],
  "server get": ["x"],
  "server enable": ["x"],
  "server disable": ["x"],
  "server delete": ["x"],
  "server logs": ["x"],
  "tool get": ["x"],
  "tool call": ["x"],
  "tool runs": ["x"],
  "tool search": ["x"],
  "auth start": ["x"],
  "auth status": ["x"],
  "auth revoke": ["x"],
  completion: ["x"],
  deploy: ["--skip-validate"],
  dev: ["x"],
  mcp: ["--name", "x", "--", "x"],
  configure: ["x"],
  connect: ["x"],
  "mcp proxy": ["ftp://x"],
  "mcp logout": ["ftp://x"],
  "gateway get": ["x"],
  "gateway url": ["x"],
  "gateway edit": ["x"],
  "gateway delete": ["x"],
  "gateway test": ["ftp://x"],
  show: ["--local"],
  dashboard: ["--local", "--org", "x"],
  "org set": ["x"],
  "project set": ["x"],
  "secret set": ["x"],
  "secret unset": ["x"],
  "identity add": ["--hub", "x"],
  "identity token": ["--hub", "x"],
  "identity can": ["x", "--hub", "x"],
  "identity credential": ["x"],
  "local serve": ["--data", "/dev/null"],
  "local grant": ["x", "y"],
  "local revoke": ["x", "y"],
  "local exec": ["--", "/dev/null"],
  "local export": ["x"],
};
for (const words of LINES) {
  const command = words.join(" ");
  Deno.test(`\`arcade ${command}\` drops the permissions that it does not need`, async () => {
    using home = new InProcess();
    const nowhere = "http://127.0.0.1:2"; // no test asks the cloud
    home.env = { ARCADE_COORDINATOR_URL: nowhere, ARCADE_ENGINE_URL: nowhere };
    const args = [...words, ...ARGUMENTS[command] ?? []];
    const unneeded = GIVEN_UP[command] ?? ["run", "sys"];
    // At the end, telemetry starts a process and needs no other permission. These two commands are not reported.
    const reporting = await home.run(args, { env: { ARCADE_POSTHOG_KEY: "k" } });
    assert.deepEqual(
      reporting.givenUp,
      unneeded.filter((permission) =>
        permission !== "run" || command === "completion" || command === "version"
      ),
    );
    assert.deepEqual((await home.run(args)).givenUp, unneeded);
  });
}

Deno.test("a group without a command shows its help", async () => {
  using home = new InProcess();
  const { code, stdout } = await home.run(["secret"]);
  assert.equal(code, 0);
  assert.match(stdout, /COMMANDS\n {2}set .*\n {2}list .*\n {2}unset /);
});

Deno.test("--debug shows causes without stack traces and queries", async () => {
  using home = new InProcess();
  home.writeCredentials();
  home.moveLogin({ engine: "https://arcade.invalid/?code=CANARY" });
  const { code, stderr } = await home.run(["--debug", "secret", "list"]);
  assert.equal(code, 7);
  assert.match(stderr, /caused by TypeError: .*\n/);
  assert.doesNotMatch(stderr, /CANARY|\n +at /);
});
