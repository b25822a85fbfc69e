import assert from "node:assert/strict";
import { Answers, json } from "../support/answers.ts";
import { follow, InProcess, InProcessArcade } from "../support/in_process.ts";
import { errorTextIn } from "../support/error_object.ts";

const LOGIN = ["login", "--callback-port", "0", "--browser"];

/** A file with a login at the cloud, one at a self-hosted installation, and an expired one. */
const THREE = `cloud:
  active_context: default
  contexts:
    default:
      kind: cloud
      coordinator_url: https://cloud.arcade.dev
      auth: { access_token: a1, refresh_token: r1, expires_at: '2999-01-01T00:00:00' }
      user: { email: one@example.com, account_id: acc_1 }
      context: { org_id: o1, org_name: n1, project_id: p1, project_name: m1 }
    work:
      kind: self_hosted
      coordinator_url: https://own.example
      engine_url: https://engine.own.example
      dashboard_url: https://own.example/ui
      auth: { access_token: a2, refresh_token: r2, expires_at: '2999-01-01T00:00:00' }
      user: { email: two@example.com }
    old:
      kind: self_hosted
      coordinator_url: https://old.example
`;

/** A home with logins at two local Arcades: `default`, which is active, and `second`. */
class TwoArcades implements AsyncDisposable {
  private constructor(readonly first: InProcessArcade, readonly second: InProcessArcade) {}

  static async start(): Promise<TwoArcades> {
    const second = await InProcessArcade.start();
    const first = await InProcessArcade.start();
    const { home } = first;
    const env = second.home.env;
    assert.equal((await home.run([...LOGIN, "--context", "second"], { env })).code, 0);
    assert.equal((await home.run(LOGIN)).code, 0);
    home.env = {};
    return new TwoArcades(first, second);
  }

  get home(): InProcess {
    return this.first.home;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.first[Symbol.asyncDispose]();
    await this.second[Symbol.asyncDispose]();
  }
}

const names: [typed: string, chosen: string | RegExp][] = [
  ["old", "old"],
  ["OLD", "old"],
  ["def", "default"],
  ["w", "work"],
  [
    "wrok",
    /No context called "wrok"\n {2}Did you mean "work"\? Choose one of these: default, work, old/,
  ],
  ["", /No context called ""\n {2}Choose one of these: default, work, old/],
];
for (const [typed, chosen] of names) {
  Deno.test(
    `\`context set\` and \`context show\` resolve "${typed}" to ${
      typeof chosen === "string" ? chosen : "no context"
    }`,
    async () => {
      using home = new InProcess();
      home.write(THREE);
      const [shown, set] = [
        await home.run(["context", "show", typed, "--json"]),
        await home.run(["context", "set", typed, "--json"]),
      ];
      if (typeof chosen === "string") {
        assert.equal(JSON.parse(shown.stdout).name, chosen);
        assert.deepEqual(JSON.parse(set.stdout), { context: chosen });
        assert.match(home.read(), new RegExp(`^ {2}active_context: ${chosen}$`, "m"));
      } else {
        for (const { code, stderr } of [shown, set]) {
          assert.equal(code, 2);
          assert.match(errorTextIn(stderr), chosen);
        }
      }
    },
  );
}

Deno.test("an ambiguous prefix matches no context, and `context delete` accepts no prefix", async () => {
  using home = new InProcess();
  home.write(THREE.replace("    old:", "    worse:"));
  const several = await home.run(["context", "set", "wor"]);
  assert.equal(several.code, 2);
  assert.match(
    several.stderr,
    /More than one context matches "wor"\n {2}Choose one of these: work, worse\n/,
  );
  const deleted = await home.run(["context", "delete", "def"]);
  assert.equal(deleted.code, 2);
  assert.match(home.read(), /^ {4}default:$/m);
});

Deno.test("`context list` shows all contexts, and marks the active one", async () => {
  using home = new InProcess();
  home.write(THREE);
  const { code, stdout } = await home.run(["context", "list"]);
  assert.equal(code, 0);
  const rows = stdout.trimEnd().split("\n").map((line) => line.split(/ {2,}/));
  assert.deepEqual(rows.slice(-3), [
    ["*", "default", "cloud", "https://api.arcade.dev", "one@example.com"],
    ["", "work", "self-hosted", "https://engine.own.example", "two@example.com"],
    ["", "old", "self-hosted", "unknown", "not logged in"],
  ]);
  const { contexts } = JSON.parse((await home.run(["context", "list", "--json"])).stdout);
  assert.deepEqual(contexts[1], {
    name: "work",
    kind: "self_hosted",
    coordinator_url: "https://own.example",
    engine_url: "https://engine.own.example",
    dashboard_url: "https://own.example/ui",
    active: false,
    email: "two@example.com",
  });
});

Deno.test("`context list` without any login suggests logging in, and prints an empty list with --json", async () => {
  using home = new InProcess();
  const { code, stderr } = await home.run(["context", "list"]);
  assert.equal(code, 4);
  assert.match(stderr, /Not logged in\n {2}Run `arcade login`/);
  assert.deepEqual(JSON.parse((await home.run(["context", "list", "--json"])).stdout), {
    contexts: [],
  });
});

for (const word of ["set", "use"]) {
  Deno.test(`\`context ${word}\` switches, and \`context show\` shows the active or a named context`, async () => {
    using home = new InProcess();
    home.write(THREE);
    const { code, stderr } = await home.run(["context", word, "work"]);
    assert.equal(code, 0);
    assert.equal(stderr, 'Switched to the context "work"\n');
    const whoami = await home.run(["whoami"]);
    assert.match(whoami.stdout, /two@example\.com/);
    const show = await home.run(["context", "show"]);
    assert.match(show.stdout, /Context +work \(self-hosted\)/);
    assert.match(show.stdout, /Dashboard +https:\/\/own\.example\/ui/);
    const other = JSON.parse((await home.run(["context", "show", "default", "--json"])).stdout);
    assert.deepEqual([other.name, other.active, other.email], [
      "default",
      false,
      "one@example.com",
    ]);
  });
}

Deno.test("--context and ARCADE_CONTEXT select the context of one command, and the flag takes precedence", async () => {
  using home = new InProcess();
  home.write(THREE);
  const env = { ARCADE_CONTEXT: "work" };
  const emailOf = async (...[args, world]: Parameters<InProcess["run"]>) =>
    JSON.parse((await home.run([...args, "--json"], world)).stdout).email;
  assert.equal(await emailOf(["whoami"]), "one@example.com");
  assert.equal(await emailOf(["whoami", "--context", "work"]), "two@example.com");
  assert.equal(await emailOf(["whoami"], { env }), "two@example.com");
  assert.equal(await emailOf(["whoami", "--context", "default"], { env }), "one@example.com");
  assert.equal(await emailOf(["whoami"], { env: { ARCADE_CONTEXT: "" } }), "one@example.com");
  assert.match(home.read(), /active_context: default/);
});

for (
  const args of [
    ["whoami"],
    ["org", "list"],
    ["org", "set", "x"],
    ["project", "list"],
    ["project", "set", "x"],
    ["secret", "list"],
    ["secret", "set", "KEY=x"],
    ["secret", "unset", "KEY"],
    ["logout"],
  ]
) {
  Deno.test(`\`arcade ${args.join(" ")}\` with an unknown context changes nothing`, async () => {
    using home = new InProcess();
    home.write(THREE);
    for (
      const [more, env] of [[["--context", "prod"], {}], [[], { ARCADE_CONTEXT: "prod" }]] as const
    ) {
      const { code, stderr } = await home.run([...args, ...more], { env });
      assert.equal(code, 2, stderr);
      assert.match(
        stderr,
        /Error: No context called "prod"\n {2}Choose one of these: default, work, old\n$/,
      );
      assert.equal(home.read(), THREE);
    }
  });
}

Deno.test("a command uses the services of its context", async () => {
  await using two = await TwoArcades.start();
  const { home, first, second } = two;
  assert.equal((await home.run(["secret", "set", "FIRST=value-1"])).code, 0);
  assert.equal(
    (await home.run(["secret", "set", "SECOND=value-2", "--context", "second"])).code,
    0,
  );
  const keysOf = async (...args: string[]) =>
    JSON.parse((await home.run(["secret", "list", "--json", ...args])).stdout).secrets
      .map(({ key }: { key: string }) => key);
  assert.deepEqual(await keysOf(), ["FIRST"]);
  assert.deepEqual(await keysOf("--context", "second"), ["SECOND"]);
  const puts = (arcade: InProcessArcade) =>
    arcade.requests.filter(({ method }) => method === "PUT").map(({ path }) =>
      path.split("/").at(-1)
    );
  assert.deepEqual([puts(first), puts(second)], [["FIRST"], ["SECOND"]]);
});

Deno.test("a token renewed under --context is stored in that context, and the active context does not change", async () => {
  await using two = await TwoArcades.start();
  const { home } = two;
  const before = home.read();
  const due = before.replaceAll(/(expires_at: ).*/g, "$1'2020-01-01T00:00:00'");
  home.write(due);
  assert.equal((await home.run(["secret", "list", "--context", "second"])).code, 0);
  const after = home.read();
  assert.match(after, /active_context: default/);
  const expiryOf = (name: string) =>
    new RegExp(`\n    ${name}:\n(?: {6}.*\n)*? {8}expires_at: '(.*)'`).exec(after)?.[1];
  assert.equal(expiryOf("default"), "2020-01-01T00:00:00");
  assert(Date.parse(expiryOf("second") ?? "") > Date.now());
  // The active context is renewed independently.
  assert.equal((await home.run(["secret", "list"])).code, 0);
});

Deno.test("`project set --context` changes only that context", async () => {
  await using two = await TwoArcades.start();
  const { home, second } = two;
  const { organization } = JSON.parse(
    (await home.run(["whoami", "--json", "--context", "second"])).stdout,
  );
  const token = /second:\n(?: {6}.*\n)*? {8}access_token: (\S+)/.exec(home.read())?.[1] ?? "";
  const response = await fetch(`${second.arcade.url}/api/v1/orgs/${organization.id}/projects`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify({ name: "Other" }),
  });
  await response.body?.cancel();
  assert.equal((await home.run(["project", "set", "Other", "--context", "second"])).code, 0);
  const projectOf = async (...args: string[]) =>
    JSON.parse((await home.run(["whoami", "--json", ...args])).stdout).project.name;
  assert.equal(await projectOf("--context", "second"), "Other");
  assert.equal(await projectOf(), "Default project");
});

Deno.test("`logout` and `context delete` remove one context, and report the new active one", async () => {
  await using two = await TwoArcades.start();
  const { home, second } = two;
  const { code, stderr } = await home.run(["logout", "--context", "second"]);
  assert.equal(code, 0);
  assert.match(stderr, /^Logged out developer@arcade\.local\n$/);
  assert(second.requests.some(({ path }) => path === "/oauth2/revoke"));
  assert.match(home.read(), /active_context: default/);
  assert.doesNotMatch(home.read(), /\bsecond\b/);
  assert.equal((await home.run(["context", "delete", "default"])).code, 0);
  assert.deepEqual(home.files(), [".credentials.lock"]);

  using other = new InProcess();
  other.write(THREE.replaceAll("https://cloud.arcade.dev", "http://127.0.0.1:1"));
  const ended = await other.run(["logout"]);
  assert.match(ended.stderr, /The active context is now "old", where you are not logged in/);
  assert.match(other.read(), /active_context: old/);
});

Deno.test("`logout --all` removes the file and revokes every login", async () => {
  await using two = await TwoArcades.start();
  const { home, first, second } = two;
  assert.equal((await home.run(["logout", "--all"])).code, 0);
  assert.deepEqual(home.files(), [".credentials.lock"]);
  for (const { requests } of [first, second]) {
    assert(requests.some(({ path }) => path === "/oauth2/revoke"));
  }
  assert.equal((await home.run(["logout", "--all", "--context", "x"])).code, 2);
});

Deno.test("a login in one context becomes active and keeps the others", async () => {
  await using arcade = await InProcessArcade.start();
  const { home } = arcade;
  home.write(THREE);
  assert.equal((await home.run([...LOGIN, "--context", "work"])).code, 0);
  const { contexts } = JSON.parse((await home.run(["context", "list", "--json"])).stdout);
  assert.deepEqual(
    contexts.map(({ name, active, email }: Record<string, unknown>) => [name, active, email]),
    [
      ["default", false, "one@example.com"],
      ["work", true, "developer@arcade.local"],
      ["old", false, null],
    ],
  );
  // Nothing of the previous login is left in its context.
  assert.equal(contexts[1].dashboard_url, null);
  assert.equal(contexts[1].coordinator_url, arcade.arcade.url);
});

Deno.test("`login --local` finds the user's local Arcade, and otherwise explains how to start one", async () => {
  using home = new InProcess();
  const args = ["login", "--local", "--callback-port", "0"];
  const { code, stderr } = await home.run(args);
  assert.equal(code, 1);
  assert.match(stderr, /No local Arcade is running\n.*`arcade local serve`/);
  for (const more of [["--url", "http://127.0.0.1:1"], ["--host", "localhost"]]) {
    assert.equal((await home.run([...args, ...more])).code, 2);
  }
  const stop = new AbortController();
  const started = Promise.withResolvers<void>();
  const serving = home.run(["local", "serve", "--port", "0", "--auto-approve"], {
    interruption: stop.signal,
    onStdout: () => started.resolve(),
  });
  await Promise.race([started.promise, serving]);
  try {
    const nowhere = "http://127.0.0.1:2";
    const { stdout: advice } = await home.run(["doctor"], {
      env: { ARCADE_COORDINATOR_URL: nowhere, ARCADE_ENGINE_URL: nowhere },
    });
    const local = /Run `arcade login`, or `arcade login --local` for the local Arcade\n/;
    assert.match(advice, local);
    for (const line of ["whoami", "secret list", "org list", "tool list", "context list"]) {
      assert.match((await home.run(line.split(" "))).stderr, local, line);
    }
    const named = await home.run(["secret", "list", "--context", "work"]);
    assert.doesNotMatch(named.stderr, /--local/);
    const login = await home.run(args);
    assert.equal(login.code, 0, login.stderr);
    assert.equal((await home.run(["secret", "list"])).code, 0);
    const whoami = JSON.parse((await home.run(["whoami", "--json"])).stdout);
    assert.deepEqual([whoami.context, whoami.kind], ["127.0.0.1", "self_hosted"]);
    assert.match(whoami.dashboard_url, /^http:\/\/127\.0\.0\.1:\d+/);
    assert.equal((await home.run(["logout"])).code, 0);
  } finally {
    stop.abort();
    await serving;
  }
  assert.match((await home.run(["whoami"])).stderr, /Run `arcade login`\n$/);
});

/** An installation with this discovery document. */
function discovery(document: unknown, init?: ResponseInit): Answers {
  return new Answers(({ path }) =>
    path === "/.well-known/arcade" ? json(document, init) : json({}, { status: 404 })
  );
}

Deno.test("`login --url` discovers the services of the installation", async (t) => {
  await using arcade = await InProcessArcade.start();
  const { home, arcade: { url } } = arcade;
  home.env = {};
  const documents: Record<string, unknown> = {
    "at the top": { engine: `${url}/`, coordinator: `${url}/api/v1`, dashboard: `${url}/ui` },
    "beside unusable urls": { engine: url, coordinator: url, dashboard: `${url}/ui`, urls: "none" },
    "within urls": { engine: "", urls: { engine: url, coordinator: url, dashboard: `${url}/ui` } },
  };
  for (const [where, document] of Object.entries(documents)) {
    for (const line of [["login", "--url"], ["context", "add"]]) {
      await t.step(`${line.join(" ")}, with addresses ${where}`, async () => {
        await home.run(["logout", "--all"]);
        await using installation = discovery(document);
        const args = [...line, installation.url, "--callback-port", "0"];
        const { code, stderr } = await home.run(args);
        assert.equal(code, 0, stderr);
        const whoami = JSON.parse((await home.run(["whoami", "--json"])).stdout);
        assert.deepEqual(
          [
            whoami.context,
            whoami.kind,
            whoami.coordinator_url,
            whoami.engine_url,
            whoami.dashboard_url,
          ],
          ["127.0.0.1", "self_hosted", url, url, `${url}/ui`],
        );
        assert.equal((await home.run(["secret", "list"])).code, 0);
        assert.deepEqual(
          installation.seen.map(({ path, authorization }) => [path, authorization]),
          [
            ["/.well-known/arcade", null],
          ],
        );
      });
    }
  }
});

for (
  const [deployments, warning] of [
    [{ enabled: false, reason: "Licence\u001b[2J expired" }, /: Licence.* expired\n/],
    [{ enabled: false }, /^Warning: http\S+ accepts no deployments\n/],
    [{ enabled: true, reason: "" }, undefined],
    [undefined, undefined],
  ] as const
) {
  Deno.test(`\`login --url\` warns about disabled deployments only: ${JSON.stringify(deployments)}`, async () => {
    await using arcade = await InProcessArcade.start();
    const { home, arcade: { url } } = arcade;
    home.env = {};
    await using installation = discovery({ engine: url, coordinator: url, deployments });
    const args = ["login", "--url", installation.url, "--callback-port", "0"];
    const { code, stderr } = await home.run(args);
    assert.equal(code, 0, stderr);
    if (warning) assert.match(stderr, warning);
    else assert.doesNotMatch(stderr, /Warning/);
    assert(!stderr.includes("\u001b"), "An escape sequence was printed");
  });
}

Deno.test("`login` uses discovery at ARCADE_URL, unless a coordinator is given", async () => {
  await using arcade = await InProcessArcade.start();
  const { home, arcade: { url } } = arcade;
  await using installation = discovery({ engine: url, coordinator: url });
  const env = { ARCADE_URL: installation.url };
  assert.equal((await home.run(LOGIN, { env })).code, 0);
  assert.deepEqual(installation.seen, []);
  home.env = {};
  assert.equal((await home.run(LOGIN, { env })).code, 0);
  assert.equal(installation.seen.length, 1);
  const whoami = JSON.parse((await home.run(["whoami", "--json"])).stdout);
  assert.equal(whoami.context, "127.0.0.1");
});

for (
  const [name, addresses] of [
    ["engine", { engine: "https://evil.example/x" }],
    ["dashboard", { dashboard: "https://evil.example/x" }],
  ] as const
) {
  for (const line of [["login", "--url"], ["context", "add"]]) {
    for (const way of ["the browser", "a code"]) {
      Deno.test(`\`${line.join(" ")}\` shows another ${name} before it logs in with ${way}`, async () => {
        await using arcade = await InProcessArcade.start();
        const { home, arcade: { url } } = arcade;
        await using installation = discovery({ engine: url, coordinator: url, ...addresses });
        const args = [...line, installation.url, "--callback-port", "0"];
        let shown = "";
        let shownBefore: string | undefined;
        const { code } = await home.run(way === "a code" ? [...args, "--device"] : args, {
          env: { ARCADE_COORDINATOR_URL: "", ARCADE_ENGINE_URL: "" },
          onStderr: (stderr) => {
            shown = stderr;
            if (stderr.includes("Your code")) shownBefore ??= stderr;
          },
          browse: (address) => {
            shownBefore = shown;
            return follow(address);
          },
        });
        assert.equal(code, 0, shown);
        assert.match(
          shownBefore ?? "",
          new RegExp(`^This login uses several servers.*\n {2}coordinator +${url}\n`),
        );
        assert.match(
          shownBefore ?? "",
          new RegExp(`\n {2}${name} +https://evil\\.example/x\n {2}(?:dashboard|sign-in) `),
        );
      });
    }
  }
}

Deno.test("`login` does not list services that share one address", async () => {
  await using arcade = await InProcessArcade.start();
  const { stderr } = await arcade.home.run(LOGIN);
  assert.doesNotMatch(stderr, /several servers/);
});

const refusals: [what: string, document: unknown, init: ResponseInit, reason: RegExp][] = [
  ["no document", {}, { status: 404 }, /has no discovery document/],
  ["a list", [], {}, /has no discovery document/],
  ["an invalid address", { coordinator: "nowhere" }, {}, /has no discovery document/],
  [
    "no coordinator",
    { engine: "http://127.0.0.1:1" },
    {},
    /does not name a coordinator to log in to/,
  ],
  [
    "an unsafe address for the browser",
    { coordinator: "http://127.0.0.1:1", dashboard: "javascript:alert(1)" },
    {},
    /has no discovery document/,
  ],
  [
    "an address with a password",
    { coordinator: "http://user:secret@127.0.0.1:1" },
    {},
    /has no discovery document/,
  ],
  [
    "a long address",
    { coordinator: `http://127.0.0.1:1/${"a".repeat(3_000_000)}` },
    {},
    /^.{0,99} has no discovery document\n.{0,200}\n$/,
  ],
  [
    "a long address in `urls`",
    { coordinator: "", urls: { coordinator: `http://${"a.".repeat(30_000)}example` } },
    {},
    /^.{0,99} has no discovery document\n.{0,200}\n$/,
  ],
  ["a failure", {}, { status: 403 }, /does not allow this \(403\)/],
  [
    "the coordinator of the cloud with another engine",
    { coordinator: "https://cloud.arcade.dev", engine: "https://evil.example" },
    {},
    /mixes services of Arcade Cloud with others/,
  ],
  [
    "the services of the cloud with another dashboard",
    {
      coordinator: "https://cloud.arcade.dev",
      engine: "https://api.arcade.dev",
      dashboard: "https://evil.example",
    },
    {},
    /mixes services of Arcade Cloud with others/,
  ],
];
for (const [what, document, init, reason] of refusals) {
  Deno.test(`\`login --url\` rejects an installation with ${what}`, async () => {
    using home = new InProcess();
    await using installation = discovery(document, init);
    const browse = () => assert.fail("A browser was opened");
    const { code, stderr } = await home.run(["login", "--url", installation.url], { browse });
    assert.equal(code, what === "a failure" ? 4 : 1, "What a server says is no wrong usage");
    assert.match(stderr, reason);
    assert.deepEqual(home.files(), []);
  });
}

Deno.test("`login --url` replaces a context of another installation only after confirmation", async () => {
  await using arcade = await InProcessArcade.start();
  const { home, arcade: { url } } = arcade;
  home.env = {};
  const stored = THREE.replace("    work:", "    127.0.0.1:");
  home.write(stored);
  await using installation = discovery({ engine: url, coordinator: url });
  const args = ["login", "--url", installation.url, "--callback-port", "0"];
  const { code, stderr } = await home.run(args);
  assert.equal(code, 2);
  assert.match(
    stderr,
    /The context "127\.0\.0\.1" is a login at https:\/\/own\.example\n.*--context/,
  );
  assert.equal(home.read(), stored);
  assert.equal((await home.run([...args, "--context", "mine"])).code, 0);
});

for (
  const url of ["ftp://x", "http://user:secret@localhost", "", "https://a b", "http://own.example"]
) {
  Deno.test(`\`login --url ${url}\` is refused before any request`, async () => {
    using home = new InProcess();
    const { code, stderr } = await home.run(["login", "--url", url], {
      fetch: () => assert.fail("A request was sent"),
    });
    assert.equal(code, 2);
    assert(!stderr.includes("secret"));
  });
}

Deno.test("`login` at another local Arcade replaces the context of the previous one", async () => {
  await using before = await InProcessArcade.start();
  await using after = await InProcessArcade.start();
  const { home } = before;
  home.env = {};
  for (const { arcade: { url } } of [before, after]) {
    const { code, stderr } = await home.run([...LOGIN, "--url", url]);
    assert.equal(code, 0, stderr);
    const whoami = JSON.parse((await home.run(["whoami", "--json"])).stdout);
    assert.deepEqual([whoami.context, whoami.coordinator_url], ["127.0.0.1", url]);
  }
});

Deno.test("`login` with an existing login explains how to switch to its context", async () => {
  await using two = await TwoArcades.start();
  const { home } = two;
  const login = await home.run([...LOGIN, "--context", "second"]);
  assert.equal(login.code, 0);
  assert.match(
    login.stderr,
    /Already logged in as .*\nTo work there, run `arcade context set second`\n/,
  );
  assert.doesNotMatch((await home.run(LOGIN)).stderr, /To work there/);
});

for (const variable of ["ARCADE_API_KEY", "ARCADE_TOKEN"]) {
  Deno.test(`--context is rejected while ${variable} takes precedence`, async () => {
    using home = new InProcess();
    home.write(THREE);
    const { code, stderr } = await home.run(["secret", "list", "--context", "work"], {
      env: { [variable]: "CANARY" },
      fetch: () => assert.fail("A request was sent"),
    });
    assert.equal(code, 2);
    assert.match(stderr, new RegExp(`${variable} is used instead of a context's login`));
  });
}

Deno.test("`context delete` asks on a terminal, unless `--yes` is given", async () => {
  const line = ["context", "delete", "old"];
  const cases = [[[], "n\r", true], [[], "y\r", false], [["--yes"], "", false], [
    ["-y"],
    "",
    false,
  ]] as const;
  for (const [flags, typed, stays] of cases) {
    using home = new InProcess();
    home.write(THREE.replaceAll("https://cloud.arcade.dev", "http://127.0.0.1:1"));
    const { code, stderr } = await home.run([...line, ...flags], {
      terminal: true,
      stdin: [typed],
    });
    assert.equal(code, 0, stderr);
    assert.equal(/\bold:/.test(home.read()), stays, stderr);
    assert.equal(/Delete the context old\?/.test(stderr), flags.length === 0);
  }
});
