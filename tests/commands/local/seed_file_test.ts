import assert from "node:assert/strict";
import * as fc from "fast-check";
import { load } from "js-yaml";
import { readSeed } from "../../../src/commands/local/seed_file.ts";
import { isName } from "../../../src/contract/coordinator.ts";
import { isUser } from "../../../src/contract/grants.ts";
import { Failure } from "../../../src/failure.ts";
import type { Seed } from "../../../src/local/model/seed.ts";
import { Sensitive } from "../../../src/secrecy/sensitive.ts";
import { InProcess, InProcessArcade } from "../../support/in_process.ts";
import { startLocalArcade } from "../../../src/local/mod.ts";

/** Reads a seed from a file in a separate folder, from another working directory. */
async function read(text: string, variables: Readonly<Record<string, string>> = {}) {
  using home = new InProcess();
  Deno.mkdirSync(`${home.path}/seeds`);
  Deno.writeTextFileSync(`${home.path}/seeds/seed.yaml`, text);
  Deno.writeTextFileSync(`${home.path}/seeds/value.txt`, "from the file\n");
  return await readSeed(home.context({ variables }), "seeds/seed.yaml");
}

Deno.test("a seed is read with every key, and its values are texts exactly as written", async () => {
  const { users, organizations, secrets } = await read(
    `version: 1
users:
  - first@example.com # the user of logins
  - {id: user_2, email: "second@example.com"}
organizations:
  - id: org_1
    name: Example
    projects:
      - {id: proj_1, name: Shop}
      - name: Other
  - name: Without projects
secrets:
  PLAIN: value with spaces
  NUMBER: 007
  SWITCH: true
  LINES: |
    one
    two
  VARIABLE: env:OF_THE_USER
  FILE: file:value.txt
`,
    { OF_THE_USER: "from the variable" },
  );
  assert.deepEqual(users, [
    { email: "first@example.com" },
    { id: "user_2", email: "second@example.com" },
  ]);
  assert.deepEqual(organizations, [
    {
      id: "org_1",
      name: "Example",
      projects: [{ id: "proj_1", name: "Shop" }, { id: undefined, name: "Other" }],
    },
    { id: undefined, name: "Without projects", projects: [] },
  ]);
  assert.deepEqual([...secrets].map(([key, value]) => [key, value.reveal()]), [
    ["PLAIN", "value with spaces"],
    ["NUMBER", "007"],
    ["SWITCH", "true"],
    ["LINES", "one\ntwo\n"],
    ["VARIABLE", "from the variable"],
    ["FILE", "from the file"],
  ]);
});

Deno.test("an empty seed is valid, and so is one without the version", async () => {
  for (const text of ["", "# nothing\n", "users:\nsecrets:\n", "{}"]) {
    const { users, organizations, secrets } = await read(text);
    assert.deepEqual([users, organizations, secrets.size], [[], [], 0]);
  }
});

for (
  const [text, line, message] of [
    ["usres: []", 1, "Unknown key usres; expected version, users"],
    ["users:\n  - {id: a, mail: a@b.c}", 2, "Unknown key mail; expected id, email"],
    ["users:\n  - id: a", 2, "The key email is missing"],
    ["users:\n  - a@b.c\n  - nobody", 3, "This is not an e-mail address"],
    ["users:\n  - a@b.c\n  - A@B.C", 3, "This user is listed twice"],
    ["users: a@b.c", 1, "Expected a list of users"],
    ["users:\n  - [a@b.c]", 2, "Expected a mapping with id, email"],
    ["version: 2", 1, "The only version is 1"],
    ["organizations:\n  - projects: []", 2, "The key name is missing"],
    ["organizations:\n  - {id: a/b, name: x}", 2, "An id has only letters"],
    [
      "organizations:\n- {id: a, name: x}\n- {id: a, name: y}",
      3,
      "This id of an organization is listed twice",
    ],
    ["organizations:\n  - name: ''", 2, "A name has 1 to 100"],
    ["servers:\n  - {name: a, url: 'ftp://x'}", 2, "Expected an address, such as"],
    [
      "servers:\n  - name: a\n    url: http://x/mcp\n    folder: .",
      4,
      "A server has either a url or",
    ],
    ["servers:\n  - {name: a, folder: missing, command: [x]}", 2, "No such folder"],
    ["servers:\n  - {name: a, folder: ., command: x y}", 2, "Expected a list: the program"],
    ["servers:\n  - {name: a, command: [x]}", 2, "The key folder is missing"],
    ["grants:\n  - {user: a, provider: b, token: env:MISSING}", 2, "The variable MISSING is not"],
    ["grants:\n  - {user: a, provider: b, expires: soon}", 2, "Expected a duration such as 15m"],
    ["grants:\n  - {user: a, scopes: [x]}", 2, "The key provider is missing"],
    ["grants:\n  - {user: '', provider: b}", 2, "A user has 1 to 256 characters"],
    ["grants:\n  - {user: a, provider: b/value-of-it}", 2, "A provider has 1 to 100 letters"],
    ["grants:\n  - {user: a, provider: b, scopes: [value of-it]}", 2, "A scope has 1 to 500"],
    ["servers:\n  - {name: a, url: env:MISSING}", 2, "The variable MISSING is not set"],
    ["gateways:\n  - {slug: a}", 2, "The key name is missing"],
    ["gateways:\n  - {name: a, slug: a/b}", 2, "A slug has only letters"],
    ["gateways:\n  - {name: a, slug: b}\n  - {name: a, slug: B}", 3, "This slug is listed twice"],
    ["gateways:\n  - {name: a, auth: none}", 2, "Expected oauth or header"],
    ["gateways:\n  - {name: a, status: open}", 2, "Expected active or inactive"],
    ["gateways:\n  - {name: a, tools: Demo.Add}", 2, "Expected a list of tools"],
    [`gateways:\n  - {name: ${"a".repeat(101)}}`, 2, "A name has 1 to 100 characters"],
    ["secrets:\n  A B: value-of-it", 2, "This is not a valid secret key"],
    ["secrets:\n  A: [value-of-it]", 2, "Expected a value, env:NAME or file:PATH"],
    ["secrets:\n  A:", 2, "The value of A is empty"],
    ["secrets:\n  B: value-of-it\n  A: env:MISSING", 3, "The variable MISSING is not set"],
    ["secrets:\n  A: file:missing", 2, "The file with this value cannot be used: "],
    ["secrets:\n  A: value-of-it\n  A: value-of-it", 3, "This key is listed twice"],
    [`secrets:\n  A: ${"value-of-it".repeat(500)}`, 2, "The value of A has more than 5000"],
    ["secrets:\n  A: &a value-of-it\n  B: *a", 2, "Anchors and tags are not supported"],
    ["secrets:\n  A: !!str value-of-it", 2, "Anchors and tags are not supported"],
    ['secrets:\n  A: "value-of-it', 2, "This is not valid YAML"],
    ["users: []\n---\nusers: []", 1, "Only one document is supported"],
  ] as const
) {
  Deno.test(`an error in a seed names its line and no value: ${message}`, async () => {
    await assert.rejects(read(text), (error: unknown) => {
      assert(error instanceof Failure);
      assert(error.message.startsWith(`seeds/seed.yaml, line ${line}: ${message}`), error.message);
      assert.doesNotMatch(`${error.message}${error.next}`, /value-of-it/);
      return true;
    });
  });
}

Deno.test("a seed and the seed that it exports give the same local Arcade", async () => {
  const seed = `version: 1
users:
  - id: user_b
    email: b@example.com
  - id: user_a
    email: a@example.com
organizations:
  - id: org_2
    name: Second
    projects:
      - id: proj_2
        name: Zoo
      - id: proj_1
        name: Ant
  - id: org_1
    name: First
    projects:
      - id: proj_3
        name: Only
secrets:
  KEY: env:KEY
  a.b: env:a_b
servers:
  - name: elsewhere
    url: http://127.0.0.1:9/mcp
  - name: signed
    url: http://127.0.0.1:9
    secret: env:signed_SECRET
grants:
  - user: b@example.com
    provider: github
    scopes:
      - repo
      - user
    expires: '2999-01-01T00:00:00.000Z'
  - user: b@example.com
    provider: google
    scopes: []
gateways:
  - name: All tools
    slug: all
    auth: oauth
  - name: Some tools
    slug: some
    description: For tests
    auth: header
    status: inactive
    tools:
      - Demo.Add
`;
  const variables = { KEY: "value-of-key", a_b: "value-of-a.b", signed_SECRET: "value" };
  const exported = async (text: string) => {
    await using arcade = await InProcessArcade.start({ seed: await read(text, variables) });
    const { home } = arcade;
    const file = `${home.path}/exported.yaml`;
    Deno.writeTextFileSync(file, "# an older one\n");
    const { code, stdout, stderr } = await home.run(["local", "export", "exported.yaml"]);
    assert.deepEqual([code, stdout, stderr], [0, "", "Wrote exported.yaml\n"]);
    const { environment } = arcade.arcade;
    assert.equal(environment.ARCADE_USER_ID, "b@example.com");
    const list = await home.run(["secret", "list", "--json"], { env: environment });
    assert.deepEqual(JSON.parse(list.stdout).secrets.map(({ key }: { key: string }) => key), [
      "KEY",
      "a.b",
    ]);
    return Deno.readTextFileSync(file);
  };
  assert.equal(await exported(seed), seed);
});

/** Texts that YAML, a variable or a file could change. */
const ODD = [
  "null",
  "~",
  "007",
  "0x1F",
  "1e3",
  "true",
  "- a",
  "a: b #c",
  "{}",
  "'\"",
  "👩‍👩‍👧",
  "ארגון",
  "\u2028",
  "e\u0301",
];

/** A seed with texts that are easily misread, and with ids, so that both local Arcades are equal. */
const seeds = fc.record({
  names: fc.array(fc.oneof(fc.constantFrom(...ODD), fc.string({ unit: "grapheme" })), {
    minLength: 4,
    maxLength: 4,
  }).filter((names) => names.every(isName)),
  ids: fc.uniqueArray(
    fc.oneof(fc.stringMatching(/^[A-Za-z0-9][\w.-]{0,9}$/), fc.constantFrom("007", "null", "1e3")),
    {
      minLength: 5,
      maxLength: 5,
      selector: (id) => id.toLowerCase(),
    },
  ),
  keys: fc.uniqueArray(
    fc.oneof(
      fc.constantFrom("a.b", "a-b", "a_b", "__proto__", "1", "_1", "NULL"),
      fc.stringMatching(/^[\w-]{1,9}$/),
    ),
    { maxLength: 6 },
  ),
  values: fc.array(fc.string({ unit: "grapheme", minLength: 1 }), { minLength: 6, maxLength: 6 }),
  queries: fc.constantFrom("", "?key=of-the-user"),
  users: fc.uniqueArray(
    fc.oneof(fc.constantFrom(...ODD), fc.string({ unit: "grapheme" })).filter(isUser),
    { maxLength: 4 },
  ),
  scopes: fc.uniqueArray(fc.constantFrom("repo", "https://x.example/a", "007", "user:read", "'~"), {
    maxLength: 3,
  }),
}).map(({ names, ids, keys, values, queries, users, scopes }): Seed => {
  const [org, project, other, first, second] = ids;
  const [orgName = "", projectName = "", otherName = "", secondName = ""] = names;
  const valueOf = (i: number) =>
    new Sensitive(`${values[i]}-which-is-long-${i}`.replaceAll("\0", ""));
  return {
    users: [{ id: first, email: "o'b+1@x.example" }, { id: second, email: "null@~" }],
    organizations: [{
      id: org,
      name: orgName.trim(),
      projects: [{ id: project, name: projectName.trim() }, { id: other, name: otherName.trim() }],
    }, { id: `${org}-2`, name: secondName.trim(), projects: [] }],
    secrets: new Map(keys.map((key, i) => [key, valueOf(i)])),
    servers: [
      { name: "a.b", url: `http://127.0.0.1:2/mcp${queries}` },
      { name: "a-b", url: "http://127.0.0.1:2", secret: valueOf(0) },
    ],
    grants: users.map((user, i) => ({
      user,
      provider: ["github", "007", "x.y-z", "null"][i] ?? "",
      scopes,
      token: i % 2 === 0 ? undefined : new Sensitive(`token-of-user-${i}`),
      expiresAt: i < 2 ? undefined : new Date("2999-01-01T00:00:00.123Z"),
    })),
    gateways: [
      { name: "weather", slug: "a-b", description: orgName, auth: "oauth", status: "active" },
      { name: "null", slug: "007", auth: "header", status: "inactive", tools: ["A.B", "null"] },
    ],
  };
});

/** Everything that programs see of a seeded local Arcade, and its export. */
async function seen(seed: Seed) {
  await using arcade = await InProcessArcade.start({ seed });
  const { environment, url } = arcade.arcade;
  const ask = async (path: string, body?: unknown) => {
    const answer = await fetch(`${url}/v1/${path}`, {
      method: body === undefined ? "GET" : "POST",
      headers: { authorization: environment.ARCADE_API_KEY ?? "" },
      body: body === undefined ? null : JSON.stringify(body),
    });
    return await answer.json();
  };
  const tokens = seed.grants.map(async ({ user, provider, scopes }) => {
    const auth_requirement = { provider_id: provider, oauth2: { scopes } };
    const { status, context } = await ask("auth/authorize", { user_id: user, auth_requirement });
    return [user, [status, context.token]] as const;
  });
  const { items: secrets } = await ask("admin/secrets");
  const { items: workers } = await ask("workers");
  const { code, stdout, stderr } = await arcade.home.run(["local", "export", "-"]);
  assert.equal(code, 0, stderr);
  return {
    text: stdout,
    tokens: Object.fromEntries(await Promise.all(tokens)),
    secrets: secrets.map((one: { key: string; hint: string }) => [one.key, one.hint]),
    workers,
  };
}

/** The variables that an export reads, with the values of the seed that was exported. */
function variablesOf(text: string, { secrets, servers, grants }: Seed): Record<string, string> {
  const exported = Object(load(text));
  const read = new Map<unknown, string | undefined>();
  for (const [key, source] of Object.entries(exported.secrets ?? {})) {
    read.set(source, secrets.get(key)?.reveal());
  }
  for (const { name, url, secret } of exported.servers) {
    const server = servers.find((one) => one.name === name);
    assert(server && "url" in server);
    if (/^env:/.test(url)) read.set(url, server.url);
    if (secret) read.set(secret, server.secret?.reveal());
  }
  for (const { user, token } of exported.grants ?? []) {
    if (token) read.set(token, grants.find((one) => one.user === user)?.token?.reveal());
  }
  return Object.fromEntries(
    [...read].map(([source, value]) => [String(source).slice(4), value ?? ""]),
  );
}

Deno.test("any seed and the seed that it exports give the same local Arcade, without values in the export", async () => {
  await fc.assert(
    fc.asyncProperty(seeds, async (seed) => {
      const before = await seen(seed);
      for (
        const value of [
          ...seed.secrets.values(),
          ...seed.grants.flatMap(({ token }) => token ?? []),
        ]
      ) {
        assert(!before.text.includes(value.reveal()), before.text);
      }
      assert.doesNotMatch(before.text, /of-the-user/);
      const again = await read(before.text, variablesOf(before.text, seed));
      assert.deepEqual(await seen(again), before);
    }),
    { numRuns: 15 },
  );
});

Deno.test("the API key of a seeded local Arcade is for the first project, and logins are for the first user", async () => {
  const seed = await read(
    "users: [x@y.z]\norganizations: [{id: o, name: O, projects: [{id: p, name: P}]}]",
  );
  await using arcade = await InProcessArcade.loggedIn({ seed });
  const who = JSON.parse((await arcade.home.run(["whoami", "--json"])).stdout);
  assert.match(JSON.stringify(who), /"x@y\.z".*"o".*"p"/s);
});

Deno.test("with automatic approval too, the user of a seed is its first one, not the default one", async () => {
  const seed = await read(
    "users: [x@y.z, developer@arcade.local]\nsecrets: {KEY: value}\n" +
      "organizations: [{id: o, name: O, projects: [{id: p, name: P}]}]",
  );
  await using arcade = await InProcessArcade.loggedIn({ seed, autoApprove: true });
  const { environment } = arcade.arcade;
  assert.equal(environment.ARCADE_USER_ID, "x@y.z");
  const list = await arcade.home.run(["secret", "list", "--json"], { env: environment });
  assert.match(list.stdout, /"KEY"/);
  const who = JSON.parse((await arcade.home.run(["whoami", "--json"])).stdout);
  assert.match(JSON.stringify(who), /"x@y\.z".*"o".*"p"/s);
});

Deno.test("a seed renames existing items with its ids, and keeps the rest", async () => {
  const dataDir = Deno.makeTempDirSync();
  try {
    const names = [];
    for (const name of ["Before", "After"]) {
      const seed = await read(
        `organizations: [{id: o, name: ${name}, projects: [{id: p, name: P}]}]`,
      );
      const arcade = await startLocalArcade({ dataDir, port: 0, seed });
      const key = arcade.environment.ARCADE_API_KEY;
      const answer = await fetch(`${arcade.url}/.well-known/arcade/seed`, {
        headers: { authorization: `Bearer ${key}` },
      });
      names.push((await answer.json()).organizations.map((one: { name: string }) => one.name));
      await arcade.stop();
    }
    assert.deepEqual(names, [["Before"], ["After"]]);
  } finally {
    Deno.removeSync(dataDir, { recursive: true });
  }
});

Deno.test("only the API keys of a local Arcade can export its content", async () => {
  await using arcade = await InProcessArcade.start();
  const answer = await fetch(`${arcade.arcade.url}/.well-known/arcade/seed`);
  await answer.body?.cancel();
  assert.equal(answer.status, 401);
});
