import assert from "node:assert/strict";
import { Failure } from "../../../src/failure.ts";
import { Answers, json } from "../../support/answers.ts";
import { InProcess, InProcessArcade } from "../../support/in_process.ts";
import { errorTextIn } from "../../support/error_object.ts";

type MaybeAnswer = Response | undefined;

/** An engine that records the values it receives. */
class Engine extends Answers {
  readonly values = new Map<string, string>();
  readonly descriptions = new Map<string, string>();
  /** The most requests that were open at the same time. */
  mostAtOnce = 0;

  constructor(
    answer: (key: string, method: string) => MaybeAnswer | Promise<MaybeAnswer> = () => undefined,
  ) {
    let open = 0;
    super(async ({ method, path, body }) => {
      const key = decodeURIComponent(path.slice(path.indexOf("/secrets") + "/secrets/".length));
      this.mostAtOnce = Math.max(this.mostAtOnce, ++open);
      try {
        const special = await answer(key, method);
        if (special) return special;
        if (method === "PUT") {
          const { value, description }: Record<string, string> = JSON.parse(body);
          this.values.set(key, value ?? "");
          this.descriptions.set(key, description ?? "");
        }
        if (method === "DELETE") {
          this.values.delete(key.replace("id-", ""));
          return new Response(null, { status: 204 });
        }
        const items = [...this.values.keys()].map((name) => ({
          id: `id-${name}`,
          key: name,
          binding: { type: name.startsWith("STATIC") ? "static" : "project" },
          description: this.descriptions.get(name) ?? null,
          created_at: "2026-01-01T00:00:00Z",
        }));
        return json({ items });
      } finally {
        open--;
      }
    });
  }
}

/** A home with a login that uses the engine. */
function homeAt(engine: Engine): InProcess {
  const home = new InProcess();
  home.writeCredentials();
  home.moveLogin({ engine: engine.url });
  return home;
}

function envFile(home: InProcess, content: string): string {
  Deno.writeTextFileSync(`${home.path}/.env`, content);
  return `${home.path}/.env`;
}

Deno.test("`secret set KEY=VALUE…` stores each value unchanged and prints only its length", async () => {
  await using engine = new Engine();
  using home = homeAt(engine);
  const { code, stdout, stderr } = await home.run([
    "secret",
    "set",
    "A=b=c",
    "B= x ",
    "ÜMLAUT=😀",
    "WITH/SLASH=1",
  ]);
  assert.equal(code, 0, stderr);
  assert.equal(stdout, "");
  assert.deepEqual(Object.fromEntries(engine.values), {
    A: "b=c",
    B: " x ",
    "ÜMLAUT": "😀",
    "WITH/SLASH": "1",
  });
  assert.equal(
    stderr,
    "Warning: `KEY=VALUE` exposes the value in process lists and shell history; `KEY` alone prompts for it\n" +
      "Created A (3 characters)\nCreated B (3 characters)\nCreated ÜMLAUT (1 character)\nCreated WITH/SLASH (1 character)\n" +
      "4 secrets: 4 created\n",
  );
  const paths = engine.seen.filter(({ method }) => method === "PUT").map(({ path }) => path);
  assert(paths.includes("/v1/orgs/org_1/projects/proj_1/secrets/WITH%2FSLASH"), paths.join());
});

Deno.test("`secret set` keeps the description of an existing secret", async () => {
  await using engine = new Engine();
  using home = homeAt(engine);
  engine.values.set("OLD", "1");
  engine.descriptions.set("OLD", "What it is for");
  const { stderr } = await home.run(["secret", "set", "OLD=2", "NEW=3"]);
  assert.match(stderr, /Created NEW .*\nUpdated OLD/);
  assert.deepEqual(Object.fromEntries(engine.descriptions), {
    OLD: "What it is for",
    NEW: "Secret set via CLI",
  });
});

const inputs: [what: string, stdin: string[] | Uint8Array, expected: string][] = [
  ["one line", ["value\n"], "value"],
  ["no final newline", ["value"], "value"],
  ["several lines", ["a\n", "b\n", "\n"], "a\nb\n"],
  ["CRLF", ["a\r\nb\r\n"], "a\r\nb"],
  ["CR", ["a\rb\r"], "a\rb"],
  ["5,000 characters", ["😀".repeat(5000), "\n"], "😀".repeat(5000)],
  ["white space", ["  a \t\n"], "  a \t"],
  ["a character split between chunks", new TextEncoder().encode("é😀"), "é😀"],
];
for (const [what, stdin, expected] of inputs) {
  Deno.test(`\`secret set KEY\` reads ${what} from standard input`, async () => {
    await using engine = new Engine();
    using home = homeAt(engine);
    const { code, stderr } = await home.run(["secret", "set", "KEY"], { stdin });
    assert.equal(code, 0, stderr);
    assert.equal(engine.values.get("KEY"), expected);
  });
}

Deno.test("`secret set KEY` rejects empty input and bytes that are not UTF-8", async () => {
  await using engine = new Engine();
  using home = homeAt(engine);
  for (
    const stdin of [new Uint8Array(), new TextEncoder().encode("\n"), new Uint8Array([0xff, 0x41])]
  ) {
    const { code, stderr } = await home.run(["secret", "set", "KEY"], { stdin });
    assert.equal(code, 2);
    assert.match(stderr, /^Error: .*(empty|UTF-8)/);
  }
  assert.equal(engine.seen.length, 0);
});

Deno.test("`secret set KEY` prompts on a terminal and does not show the value", async () => {
  await using engine = new Engine();
  using home = homeAt(engine);
  const typed = ["hunt", "er3", "\x7f", "2\r"];
  const { code, stderr } = await home.run(["secret", "set", "KEY", "B=1"], {
    terminal: true,
    stdin: typed,
  });
  assert.equal(code, 0);
  assert.equal(engine.values.get("KEY"), "hunter2");
  assert.doesNotMatch(stderr, /hunt|er2|\*\*/);
});

Deno.test("`secret set KEY` stores nothing after an interruption, or if a paste would be truncated", async () => {
  await using engine = new Engine();
  using home = homeAt(engine);
  const interrupted = await home.run(["secret", "set", "KEY"], {
    terminal: true,
    stdin: ["abc\x03"],
  });
  assert.equal(interrupted.code, 130);
  const cut = await home.run(["secret", "set", "KEY"], {
    terminal: true,
    stdin: ["line 1\rline 2\r"],
  });
  assert.equal(cut.code, 2);
  assert.match(cut.stderr, /Multi-line paste .*\n {2}.*`arcade secret set KEY < file`/);
  const marked = await home.run(["secret", "set", "KEY"], {
    terminal: true,
    stdin: ["\x1b[200~line 1\rli", "ne 2\x1b[20", "1~\r"],
  });
  assert.equal(marked.code, 0);
  assert.deepEqual(Object.fromEntries(engine.values), { KEY: "line 1\nline 2" });
});

Deno.test("`secret set --from-env` stores the file, and reports skipped lines without their content", async () => {
  await using engine = new Engine();
  using home = homeAt(engine);
  const path = envFile(
    home,
    "\uFEFFA='1\n2'\r\nexport B=3 # c\nEMPTY=\nnonsense CANARY\nC D=CANARY\nB=4\n",
  );
  const { code, stderr } = await home.run(["secret", "set", "--from-env", "-f", path]);
  assert.equal(code, 1, stderr);
  assert.deepEqual(Object.fromEntries(engine.values), { A: "1\n2", B: "4" });
  assert.match(stderr, /\nError: Skipped 2 lines of .*\.env\n/);
  for (const line of [4, 5, 6, 7]) assert(stderr.includes(`Warning: ${path}:${line}: `));
  assert(!stderr.includes("CANARY"));
});

Deno.test("`secret set --from-env --env-file -` reads standard input", async () => {
  await using engine = new Engine();
  using home = homeAt(engine);
  const { code } = await home.run(["secret", "set", "--from-env", "--env-file", "-"], {
    stdin: ["A=1\nB", "='2'"],
  });
  assert.equal(code, 0);
  assert.deepEqual(Object.fromEntries(engine.values), { A: "1", B: "2" });
});

Deno.test("`secret set --from-env` uploads nothing if a quote is unclosed", async () => {
  await using engine = new Engine();
  using home = homeAt(engine);
  const path = envFile(home, 'A=1\nB="CANARY\nC=2\n');
  const { code, stderr } = await home.run(["secret", "set", "--from-env", "-f", path]);
  assert.equal(code, 2);
  assert.match(stderr, /^Error: Line 2: unclosed quote/);
  assert(!stderr.includes("CANARY"));
  assert.equal(engine.seen.length, 0);
});

Deno.test("`secret set --from-env` reports a missing file, a folder, and a file without secrets", async () => {
  await using engine = new Engine();
  using home = homeAt(engine);
  const missing = await home.run(["secret", "set", "--from-env", "-f", `${home.path}/missing`]);
  assert.equal(missing.code, 1);
  assert.match(missing.stderr, /Cannot read .*missing: it does not exist/);
  const folder = await home.run(["secret", "set", "--from-env", "-f", home.path]);
  assert.equal(folder.code, 1);
  assert.match(folder.stderr, /it is a folder/);
  const empty = await home.run([
    "secret",
    "set",
    "--from-env",
    "-f",
    envFile(home, "# nothing\nA=\n"),
    "--prune",
    "--yes",
  ]);
  assert.equal(empty.code, 2);
  assert.match(empty.stderr, /No secrets to store/);
  assert.equal(engine.seen.length, 0);
});

Deno.test("`secret set --dry-run` shows the action for each secret and changes nothing", async () => {
  await using engine = new Engine();
  using home = homeAt(engine);
  for (const key of ["OLD", "OTHER", "EMPTY"]) engine.values.set(key, "1");
  const path = envFile(home, "OLD=2\nNEW=CANARY\nEMPTY=\n");
  const args = ["secret", "set", "--from-env", "-f", path, "--dry-run"];
  const plain = await home.run(args);
  assert.equal(plain.code, 0);
  assert.match(
    plain.stdout,
    /NEW +create +6\nOLD +update +1\nOTHER +keep\nEMPTY +keep\n/,
  );
  const pruned = await home.run([...args, "--prune", "--json"]);
  assert.deepEqual(JSON.parse(pruned.stdout), {
    dry_run: true,
    created: [{ key: "NEW", characters: 6 }],
    updated: [{ key: "OLD", characters: 1 }],
    removed: ["OTHER"],
    left_alone: ["EMPTY"],
    existing: [],
    skipped: [{ line: 3, reason: "empty-value", key: "EMPTY" }],
  });
  assert(!(plain.stdout + plain.stderr + pruned.stdout + pruned.stderr).includes("CANARY"));
  assert(engine.seen.every(({ method }) => method === "GET"));
});

Deno.test("`secret set --prune` removes secrets missing from the file, but not keys listed without a value", async () => {
  await using engine = new Engine();
  using home = homeAt(engine);
  for (const key of ["KEEP", "EMPTY", "STATIC_ONE", "GONE1", "GONE2"]) engine.values.set(key, "1");
  const path = envFile(home, "KEEP=2\nEMPTY=\n");
  const { code, stdout } = await home.run([
    "secret",
    "set",
    "--from-env",
    "-f",
    path,
    "--prune",
    "--yes",
    "--json",
  ]);
  assert.equal(code, 0);
  assert.deepEqual([...engine.values.keys()], ["KEEP", "EMPTY", "STATIC_ONE"]);
  assert.deepEqual(JSON.parse(stdout).removed.sort(), ["GONE1", "GONE2"]);
});

Deno.test("`secret set --prune` asks for confirmation on a terminal, and changes nothing after a no", async () => {
  await using engine = new Engine();
  using home = homeAt(engine);
  engine.values.set("GONE", "1");
  const args = ["secret", "set", "--from-env", "-f", envFile(home, "NEW=1"), "--prune"];
  const no = await home.run(args, { terminal: true, stdin: ["n\r"] });
  assert.equal(no.code, 0);
  assert.match(no.stderr, /GONE[^]*Remove it\?[^]*Cancelled; nothing was changed/);
  const interrupted = await home.run(args, { terminal: true, stdin: ["\x03"] });
  assert.equal(interrupted.code, 130);
  assert.deepEqual([...engine.values.keys()], ["GONE"]);
  const yes = await home.run(args, { terminal: true, stdin: ["yes\r"] });
  assert.equal(yes.code, 0);
  assert.deepEqual([...engine.values.keys()], ["NEW"]);
});

Deno.test("`secret set --prune` without a terminal needs --yes and otherwise does nothing", async () => {
  await using engine = new Engine();
  using home = homeAt(engine);
  const { code, stderr } = await home.run([
    "secret",
    "set",
    "--from-env",
    "-f",
    envFile(home, "A=1"),
    "--prune",
  ]);
  assert.equal(code, 2);
  assert.match(stderr, /--yes/);
  assert.equal(engine.seen.length, 0);
});

Deno.test("a secret that fails is named, does not stop the others, and prevents pruning", async () => {
  await using engine = new Engine((key, method) =>
    method === "PUT" && key === "BAD"
      ? json({ message: "no CANARY here" }, { status: 422 })
      : undefined
  );
  using home = homeAt(engine);
  engine.values.set("OTHER", "1");
  const path = envFile(home, "A=1\nBAD=CANARY\nB=2\n");
  const { code, stdout, stderr } = await home.run([
    ...["secret", "set", "--from-env", "-f", path, "--prune", "--yes", "--json"],
  ]);
  assert.equal(code, 1);
  assert.deepEqual([...engine.values.keys()].sort(), ["A", "B", "OTHER"]);
  assert.match(stderr, /Failed BAD: .*422.*\n/);
  assert.match(errorTextIn(stderr), /Error: 1 of 4 secrets failed/);
  const summary = JSON.parse(stdout);
  assert.deepEqual(summary.failed.map(({ key }: { key: string }) => key), ["BAD"]);
  assert.deepEqual(summary.removed, []);
  assert(!(stdout + stderr).includes("CANARY"));
});

for (const [flags, most] of [[[], 8], [["--concurrency", "3"], 3]] as const) {
  Deno.test(`\`secret set\` uploads ${most} at the same time with ${JSON.stringify(flags)}`, async () => {
    // Every upload waits until the maximum number of uploads has arrived.
    let arrived = 0;
    const full = Promise.withResolvers<void>();
    await using engine: Engine = new Engine(async (_key, method) => {
      if (method === "PUT" && ++arrived >= most) full.resolve();
      if (method === "PUT") await full.promise;
      return undefined;
    });
    using home = homeAt(engine);
    const keys = Array.from({ length: 20 }, (_, i) => `K${i}=${i}`);
    const { code } = await home.run(["secret", "set", ...keys, ...flags]);
    assert.equal(code, 0);
    assert.equal(engine.values.size, 20);
    assert.equal(engine.mostAtOnce, most);
  });
}

Deno.test("`secret set` reuses connections", async () => {
  await using engine = new Engine();
  using home = homeAt(engine);
  const keys = Array.from({ length: 60 }, (_, i) => `K${i}=${i}`);
  assert.equal((await home.run(["secret", "set", ...keys])).code, 0);
  assert.equal(engine.values.size, 60);
  // At most eight at once. The pool may overlook a connection that has just become free.
  assert(engine.connections.size < 30, `${engine.connections.size} connections`);
});

Deno.test("an interrupted upload starts no more requests and reports what was stored", async () => {
  const interruption = new AbortController();
  await using engine: Engine = new Engine((_key, method) => {
    if (method === "PUT" && engine.values.size === 3) {
      interruption.abort(new Failure("interrupted", "Cancelled"));
    }
    return undefined;
  });
  using home = homeAt(engine);
  const keys = Array.from({ length: 20 }, (_, i) => `K${i}=${i}`);
  const { code, stderr } = await home.run(["secret", "set", ...keys, "--concurrency", "1"], {
    interruption: interruption.signal,
  });
  assert.equal(code, 130);
  assert.match(stderr, /Created K0 .*\nCreated K1 .*\nCreated K2 /);
  assert.match(
    stderr,
    /\nUncertain K3: sent, but no response\n20 secrets: 3 created, 1 uncertain, 16 not sent\n/,
  );
  assert(engine.values.size <= 4);
});

const wrong: [args: string[], message: RegExp][] = [
  [[], /Which secret\?/],
  [["A=1", "--from-env"], /cannot be used together/],
  [["A=1", "-f", "x"], /cannot be used together/],
  [["A=1", "--prune"], /cannot be used together/],
  [["A="], /The value of "A" is empty/],
  [["A=  "], /The value of "A" is empty/],
  [["=CANARY"], /A key is empty/],
  [["A B=CANARY"], /space/],
  [["A=1", "A=2"], /given twice/],
  [["A", "B"], /only one key/],
  [["API_KEY", "sk_live_CANARY"], /Expected a key, but this looks like a value/],
  [["API_KEY", "REGION", "CANARY-1"], /Expected a key, but/],
  [["REGION=eu", "canary.CANARY"], /Expected a key, but/],
  [["API_KEY", "Q0FOQVJZCANARY=="], /Expected a key, but/],
  [["API_KEY", "CANARY+1/x=="], /Expected a key, but/],
  [["A\x1bCANARY=1"], /A key contains a control character/],
  [["A\0CANARY=1"], /A key contains a control character/],
  [["A=CANARY\0"], /The value of "A" contains a NUL character/],
  [["A=" + "CANARY".repeat(834)], /The value of "A" has 5004 characters\n {2}.*at most 5000/],
  [["A=1", "--concurrency", "0"], /whole number from 1 to 64/],
];
for (const [args, message] of wrong) {
  const shown = JSON.stringify(args).slice(0, 60);
  Deno.test(`\`secret set\` ${shown} is a usage error: ${message.source}`, async () => {
    await using engine = new Engine();
    using home = homeAt(engine);
    const { code, stderr } = await home.run(["secret", "set", ...args]);
    assert.equal(code, 2);
    assert.match(stderr, message);
    assert(!stderr.includes("CANARY"));
    assert.equal(engine.seen.length, 0);
  });
}

Deno.test("a value typed as a second word reaches neither the terminal nor telemetry", async () => {
  await using engine = new Engine();
  using home = homeAt(engine);
  for (const word of ["sk_live_CANARY", "canary", "CANARY9x", "Q0FOQVJZ=="]) {
    const { code, stdout, stderr, reported } = await home.run(["secret", "set", "API_KEY", word], {
      env: { ARCADE_POSTHOG_KEY: "k" },
      terminal: true,
    });
    assert.equal(code, 2);
    assert.match(reported.join(), /"error_message":"Expected/);
    assert(!(stdout + stderr + reported.join()).includes(word), word);
  }
  assert.equal(engine.seen.length, 0);
});

for (const prune of [[], ["--prune", "--yes"]]) {
  Deno.test(`\`secret set -f - ${prune.join(" ")}\` reads lines that end with CR`, async () => {
    await using engine = new Engine();
    using home = homeAt(engine);
    engine.values.set("B", "old");
    const { code, stderr } = await home.run(["secret", "set", "-f", "-", ...prune], {
      stdin: ["A=1\rB=2", "\r"],
    });
    assert.equal(code, 0, stderr);
    assert.deepEqual(Object.fromEntries(engine.values), { A: "1", B: "2" });
  });
}

const unclear: Record<string, string> = {
  "no equals sign": "A: CANARY",
  "no key": "=CANARY",
  "a space in the key": "A CANARY=1",
};
for (const [what, line] of Object.entries(unclear)) {
  for (const dryRun of [[], ["--dry-run"]]) {
    Deno.test(`a line with ${what} fails \`secret set ${dryRun}\`, and prevents \`--prune\``, async () => {
      await using engine = new Engine();
      using home = homeAt(engine);
      engine.values.set("A", "1");
      const args = ["secret", "set", "-f", envFile(home, `${line}\nB=2\n`), ...dryRun];
      const pruned = await home.run([...args, "--prune", "--yes"]);
      assert.equal(pruned.code, 2);
      assert.match(
        pruned.stderr,
        /\.env:1: .*skipped\nError: `--prune` needs .*nothing was changed\n$/s,
      );
      assert.equal(engine.seen.length, 0);

      const plain = await home.run(args);
      assert.equal(plain.code, 1);
      assert.match(plain.stderr, /Error: Skipped 1 line of .*\.env\n/);
      const stored = dryRun.length > 0 ? { A: "1" } : { A: "1", B: "2" };
      assert.deepEqual(Object.fromEntries(engine.values), stored);
      assert(!(pruned.stderr + plain.stderr + plain.stdout).includes("CANARY"));
    });
  }
}

const unusable: [what: string, stdin: string | Uint8Array, message: RegExp][] = [
  ["a private key without quotes", "A=1\nKEY=-----BEGIN KEY-----\nQ0FOQVJZ==\n", /Line 2: a PEM/],
  ["the rest of a private key", "A=1\nQ0FOQVJZ==\n", /Line 2: base64/],
  ["a wrong key", "A=1\nCANARY/Q0FOQVJZ=1\n", /Line 2: the key is invalid/],
  ["JSON of several lines", 'A={\n"CANARY": 1\n}\n', /Line 1: JSON that continues/],
  ["a long value", `A=1\nB=${"CANARY".repeat(834)}\n`, /Line 2: the value has 5004 characters/],
  [
    "UTF-16",
    new Uint8Array([...new TextEncoder().encode("A=CANARY")].flatMap((one) => [one, 0])),
    /NUL/,
  ],
];
for (const [what, stdin, message] of unusable) {
  for (const flags of [[], ["--prune", "--yes"], ["--dry-run"]]) {
    Deno.test(`\`secret set -f - ${flags.join(" ")}\` sends nothing for a file with ${what}`, async () => {
      await using engine = new Engine();
      using home = homeAt(engine);
      const { code, stdout, stderr } = await home.run(["secret", "set", "-f", "-", ...flags], {
        stdin: typeof stdin === "string" ? [stdin] : stdin,
      });
      assert.equal(code, 2);
      assert.match(stderr, message);
      assert(!/CANARY|Q0FO/.test(stdout + stderr), stderr);
      assert.equal(engine.seen.length, 0);
    });
  }
}

Deno.test("`secret set KEY` refuses NUL and long values from standard input and at the prompt", async () => {
  await using engine = new Engine();
  using home = homeAt(engine);
  const long = "x".repeat(5001);
  for (
    const [typed, message] of [["C\0A\0N\0", /contains a NUL/], [
      long,
      /has 5001 characters/,
    ]] as const
  ) {
    const piped = await home.run(["secret", "set", "KEY"], { stdin: [typed] });
    const pasted = await home.run(["secret", "set", "KEY"], {
      stdin: [`\x1b[200~${typed}\x1b[201~\r`],
      terminal: true,
    });
    for (const { code, stderr } of [piped, pasted]) {
      assert.equal(code, 2);
      assert.match(stderr, message);
    }
  }
  assert.equal(engine.seen.length, 0);
});

Deno.test("a value that is a word hides neither keys nor ids, with `--debug` and `--json` too", async () => {
  for (const word of ["staging", "production"]) {
    const key = `${word.toUpperCase()}_DB_URL`;
    await using engine: Engine = new Engine((name, method) =>
      method === "PUT" && name !== "ENV"
        ? json({ message: `${name} cannot be ${word}, id-${name}` }, { status: 422 })
        : undefined
    );
    using home = homeAt(engine);
    engine.values.set(key, "1");
    engine.descriptions.set(key, `For ${word}`);
    const { code, stdout, stderr } = await home.run([
      ...["secret", "set", `ENV=${word}`, `${key}=${word}`, "--debug", "--json"],
    ]);
    assert.equal(code, 1);
    assert.deepEqual(JSON.parse(stdout).failed.map((one: { key: string }) => one.key), [key]);
    assert(stderr.includes(`"key":"${key}"`), stderr);
    assert(stderr.includes(`"id":"id-${key}"`), stderr);
    assert(stderr.includes(`"description":"For [hidden]"`), stderr);
    assert(stderr.includes(`Failed ${key}: `), stderr);
    assert(stderr.includes(`${key} cannot be [hidden], id-${key}`), stderr);
    assert.doesNotMatch(stderr, /\[hidden\]_/);
  }
});

Deno.test("an error message keeps the key and the project in use, even if a value is equal", async () => {
  await using engine = new Engine((key, method) =>
    method === "PUT" ? json({ message: `${key} of proj_1 is prod` }, { status: 422 }) : undefined
  );
  using home = homeAt(engine);
  const { stderr } = await home.run(["secret", "set", "PROD=prod", "OTHER=proj_1"]);
  assert.match(stderr, /Failed PROD: .*: PROD of proj_1 is \[hidden\]/);
});

Deno.test("a key that would change the path is rejected", async () => {
  await using engine = new Engine();
  using home = homeAt(engine);
  for (const key of [".", ".."]) {
    assert.equal((await home.run(["secret", "set", `${key}=1`])).code, 2);
  }
  assert.equal(engine.seen.length, 0);
});

Deno.test("ARCADE_API_KEY is used instead of a login, with the older paths", async () => {
  using ci = new InProcess();
  await using playground = await InProcessArcade.loggedIn({ alsoFor: [ci] });
  const { organization, project } = JSON.parse(
    (await playground.home.run(["whoami", "--json"])).stdout,
  );
  const path = `/api/v1/orgs/${organization.id}/projects/${project.id}/api_keys`;
  const { api_key: apiKey = "" } = await playground.post(path, {});
  ci.env = { ...playground.home.env, ARCADE_API_KEY: apiKey };
  assert.equal((await ci.run(["secret", "set", "FROM_CI=1"])).code, 0);
  assert.match((await ci.run(["secret", "list"])).stdout, /FROM_CI/);
  assert.match((await playground.home.run(["secret", "list"])).stdout, /FROM_CI/);
  assert.equal((await ci.run(["secret", "unset", "FROM_CI"])).code, 0);
  const padded = await ci.run(["secret", "list"], { env: { ARCADE_API_KEY: `${apiKey}\n` } });
  assert.equal(padded.code, 0, padded.stderr);
  const broken = await ci.run(["--debug", "secret", "list"], {
    env: { ARCADE_API_KEY: "CANARY\n1" },
  });
  assert.equal(broken.code, 4);
  assert(!broken.stderr.includes("CANARY"), broken.stderr);
  const wrongKey = await ci.run(["secret", "list"], { env: { ARCADE_API_KEY: "arc_wrong" } });
  assert.equal(wrongKey.code, 4);
  assert.match(wrongKey.stderr, /ARCADE_API_KEY/);
  assert(!wrongKey.stderr.includes("arc_wrong"));
});

Deno.test("`secret set` says that it waits for standard input on a terminal, and only there", async () => {
  await using engine = new Engine();
  using home = homeAt(engine);
  for (const terminal of [true, false]) {
    const { code, stderr } = await home.run(["secret", "set", "-f", "-"], {
      terminal,
      stdin: ["KEY=value\n"],
    });
    assert.equal(code, 0, stderr);
    assert.equal(/Waiting for standard input; end it with Ctrl-D/.test(stderr), terminal);
  }
});

Deno.test("hints of `secret` name the same project", async () => {
  await using engine = new Engine();
  using home = homeAt(engine);
  const { stderr } = await home.run(["secret", "list", "--context", "default"]);
  assert.match(stderr, /Store one with `arcade secret set KEY --context default`/);
  const empty = await home.run(["secret", "set", "KEY=", "--context", "default"]);
  assert.match(empty.stderr, /`arcade secret unset KEY --context default`/);
});
