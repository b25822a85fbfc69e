import assert from "node:assert/strict";
import { localTime } from "../../../src/text/time.ts";
import { Answers, json } from "../../support/answers.ts";
import { InProcess } from "../../support/in_process.ts";

const items = [
  {
    id: "id-1",
    key: "FULL",
    binding: { type: "project" },
    description: "What it is for",
    hint: "cdef",
    last_accessed_at: "2026-11-20T10:00:00Z",
    created_at: "2026-01-02T03:04:05.678Z",
    something: "else",
  },
  {
    id: "id-2",
    key: "BARE",
    binding: { type: "static" },
    hint: null,
    created_at: "2026-01-02T03:04:05Z",
  },
];

function homeAt(server: Answers): InProcess {
  const home = new InProcess();
  home.writeCredentials();
  home.moveLogin({ engine: server.url });
  return home;
}

Deno.test("`secret list` shows hints, never-accessed secrets and local times", async () => {
  await using server = new Answers(() => json({ items }));
  using home = homeAt(server);
  const { code, stdout } = await home.run(["secret", "list"]);
  assert.equal(code, 0);
  const [heading, full, bare] = stdout.split("\n").map((line) => line.split(/ {2,}/));
  assert.deepEqual(heading, ["Key", "Type", "Description", "Hint", "Last Accessed", "Created At"]);
  const time = localTime(new Date("2026-01-02T03:04:05Z"));
  assert.deepEqual(full, [
    "FULL",
    "project",
    "What it is for",
    "...cdef",
    localTime(new Date("2026-11-20T10:00:00Z")),
    time,
  ]);
  assert.deepEqual(bare, ["BARE", "static", "-", "Never", time]);
});

Deno.test("`secret list --json` has stable keys and nothing else on stdout", async () => {
  await using server = new Answers(() => json({ items }));
  using home = homeAt(server);
  const { stdout } = await home.run(["secret", "list", "--json"]);
  assert.deepEqual(JSON.parse(stdout), {
    secrets: [
      {
        id: "id-1",
        key: "FULL",
        type: "project",
        description: "What it is for",
        hint: "cdef",
        last_accessed_at: "2026-11-20T10:00:00Z",
        created_at: "2026-01-02T03:04:05.678Z",
      },
      {
        id: "id-2",
        key: "BARE",
        type: "static",
        description: null,
        hint: null,
        last_accessed_at: null,
        created_at: "2026-01-02T03:04:05Z",
      },
    ],
  });
});

Deno.test("`secret list` without secrets prints a message on stderr, and an empty list with --json", async () => {
  await using server = new Answers(() => json({ items: [] }));
  using home = homeAt(server);
  const text = await home.run(["secret", "list"]);
  assert.equal(text.stdout, "");
  assert.match(text.stderr, /No secrets yet/);
  assert.deepEqual(JSON.parse((await home.run(["secret", "list", "--json"])).stdout), {
    secrets: [],
  });
});

Deno.test("`secret list` fits the terminal, and is complete elsewhere", async () => {
  const long = { ...items[0], description: "漢字 and more ".repeat(20) };
  await using server = new Answers(() => json({ items: [long] }));
  using home = homeAt(server);
  const terminal = await home.run(["secret", "list"], { terminal: true, columns: 70 });
  assert(terminal.stdout.includes("…"));
  for (const line of terminal.stdout.trimEnd().split("\n")) assert(line.length <= 70, line);
  const pipe = await home.run(["secret", "list"]);
  assert(pipe.stdout.includes(long.description.trim()));
});

Deno.test("`secret list` escapes hostile names", async () => {
  const hostile = { ...items[0], key: "\x1b]0;owned\x07KEY\n\u202e", description: "\x9b2J\r" };
  await using server = new Answers(() => json({ items: [hostile] }));
  using home = homeAt(server);
  const { stdout } = await home.run(["secret", "list"]);
  // deno-lint-ignore no-control-regex
  assert.doesNotMatch(stdout, /[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/);
  assert.equal(stdout.trimEnd().split("\n").length, 2);
});

Deno.test("`secret list` lists the active project with the stored token", async () => {
  await using server = new Answers(() => json({ items }));
  using home = homeAt(server);
  await home.run(["secret", "list"]);
  assert.deepEqual(server.seen, [{
    method: "GET",
    path: "/v1/orgs/org_1/projects/proj_1/secrets",
    authorization: "Bearer access-token-of-the-test",
    body: "",
  }]);
});

Deno.test("`secret list` uses the engine stored with the login by default", async () => {
  await using stored = new Answers(() => json({ items }));
  await using other = new Answers(() => json({ items: [] }));
  using home = new InProcess();
  home.writeCredentials();
  home.write(home.read().replace("  auth:", `  engine_url: ${stored.url}\n  auth:`));
  assert.match((await home.run(["secret", "list"])).stdout, /FULL/);
  const { host } = new URL(other.url);
  assert.equal((await home.run(["secret", "list", "--host", host])).stdout, "");
});
