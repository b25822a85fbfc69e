/** Names that a command offers to choose from a list, where the command line has none. */

import assert from "node:assert/strict";
import { allCommands } from "../../src/cli/declaration.ts";
import { ROUTES } from "../../src/commands/routes.ts";
import { json } from "../support/answers.ts";
import { InProcess } from "../support/in_process.ts";
import { ScriptedEngine } from "../support/services.ts";

const tool = (name: string) => ({
  name,
  qualified_name: `Kit.${name}`,
  fully_qualified_name: `Kit.${name}@1`,
  toolkit: { name: "Kit", version: "1" },
  input: { parameters: [] },
});
const LISTS: Readonly<Record<string, readonly unknown[]>> = {
  "/tools": [tool("First"), tool("Second")],
  "/workers": ["first", "second"].map((name) => ({ id: name, name, type: "http", enabled: true })),
  "/gateways": ["first", "second"].map((slug) => ({
    id: `gw_${slug}`,
    slug,
    name: slug,
    status: "active",
    auth_type: "arcade",
  })),
  "/admin/user_connections": ["first", "second"].map((user) => ({
    id: `uc_${user}`,
    user_id: user,
    provider_id: "github",
    scopes: [],
  })),
  "/secrets": ["FIRST", "SECOND"].map((key) => ({
    id: `s_${key}`,
    key,
    binding: { type: "project" },
    created_at: "2026-01-01T00:00:00Z",
  })),
};

function engineWithLists(): ScriptedEngine {
  const routes = Object.entries(LISTS).map(([path, items]) =>
    [`GET ${path}`, () => json({ items, total_count: items.length })] as const
  );
  return new ScriptedEngine(Object.fromEntries(routes));
}

/** A command line that lacks a name; what it asks for, what its list shows, and what the chosen item is called in its request. */
const CHOOSING: readonly {
  readonly words: readonly string[];
  readonly question: string;
  readonly shown: RegExp;
  readonly sent: string;
  readonly next: string;
}[] = [
  ...[["tool", "get"], ["tool", "call"]].map((words) => ({
    words,
    question: "Which tool?",
    shown: / 2 {2}Kit\.Second\n/,
    sent: words[1] === "call" ? "/tools/Kit.Second" : "/tools?toolkit=Kit&",
    next: "Give its name; `arcade tool list` shows yours",
  })),
  ...[["get"], ["enable"], ["disable"], ["delete", "--yes"], ["logs"]].map((words) => ({
    words: ["server", ...words],
    question: "Which server?",
    shown: / 2 {2}second\n/,
    sent: words[0] === "logs" ? "/deployments/second" : "/workers/second",
    next: "Give its name; `arcade server list` shows yours",
  })),
  ...[["get"], ["url"], ["edit", "--name", "New"], ["delete", "--yes"]].map((words) => ({
    words: ["gateway", ...words],
    question: "Which gateway?",
    shown: / 2 {2}second\n/,
    sent: words.length === 1 ? "/gateways" : "/gateways/gw_second",
    next: "Give its slug; `arcade gateway list` shows yours",
  })),
  {
    words: ["auth", "revoke", "--yes"],
    question: "Which grant?",
    shown: / 2 {2}uc_second {2}second at github\n/,
    sent: "/admin/user_connections/uc_second",
    next: "Give its id; `arcade auth list` shows it",
  },
  {
    words: ["secret", "unset"],
    question: "Which secret?",
    shown: / 2 {2}SECOND\n/,
    sent: "/secrets/s_SECOND",
    next: "Give its key; `arcade secret list` shows yours",
  },
];

for (const { words, question, shown, sent, next } of CHOOSING) {
  const line = words.join(" ");
  Deno.test(`\`${line}\` offers a list where a name is missing, and only on a terminal`, async () => {
    await using engine = engineWithLists();
    const { stderr } = await engine.home.run(words, { terminal: true, stdin: ["2\r"] });
    assert.match(stderr, shown);
    assert.ok(stderr.includes(`${question} (1-2) `), stderr);
    assert.ok(engine.asked.some((one) => one.includes(sent)), engine.asked.join());
    const before = engine.asked.length;
    const alone = await engine.home.run(words);
    assert.deepEqual([alone.code, alone.stdout], [2, ""]);
    assert.equal(alone.stderr, `Error: ${question}\n  ${next}\n`);
    assert.equal(engine.asked.length, before, "It was asked before the name was there");
  });
}

Deno.test("`context delete` offers a list where a name is missing", async () => {
  using home = new InProcess();
  home.writeCredentials();
  const alone = await home.run(["context", "delete"]);
  assert.deepEqual([alone.code, alone.stderr], [
    2,
    "Error: Which context?\n  Give its name; `arcade context list` shows yours\n",
  ]);
  const { stderr } = await home.run(["context", "delete", "--yes"], {
    terminal: true,
    stdin: ["1\r"],
  });
  assert.match(stderr, / 1 {2}default\nWhich context\? \(1-1\) /);
  assert.match(stderr, /Logged out/);
});

/** What takes an address too, which no list has. */
const ADDRESSES = ["gateway test", "mcp proxy", "mcp logout"];
/** What takes a new name too, and asks for its value. */
const NEW = ["secret set"];
const CHOSEN_ELSEWHERE = [
  "context set",
  "context show",
  "context delete",
  "org set",
  "project set",
];

Deno.test("every command whose argument Tab completes from a list offers that list", async () => {
  const known = [
    ...CHOOSING.map(({ words }) => words.slice(0, 2).join(" ")),
    ...CHOSEN_ELSEWHERE,
    ...ADDRESSES,
    ...NEW,
    "connect",
    "configure",
  ];
  for (const { words, command } of await allCommands(ROUTES)) {
    const { values } = command.argument ?? {};
    if (typeof values !== "string" || values === "files" || values === "folders") continue;
    assert.ok(known.includes(words.join(" ")), `${words.join(" ")} has no list to choose from`);
  }
});
