/** Lists on a terminal of 80 columns, with names as long as they are in practice. */

import assert from "node:assert/strict";
import { allCommands } from "../../src/cli/declaration.ts";
import { ROUTES } from "../../src/commands/routes.ts";
import { json } from "../support/answers.ts";
import { InProcessArcade } from "../support/in_process.ts";
import { ScriptedEngine } from "../support/services.ts";

const ID = "4c1d6e2b-9f0a-4b7e-8d2c-3a5f6b7c8d9e";
const LONG = "a-rather-long-name-of-something";
const AT = "2026-11-01T10:00:00Z";
const SERVERS = [1, 2].map((i) => ({
  id: `${LONG}-${i}`,
  name: `${LONG}-${i}`,
  type: i === 1 ? "arcade" : "mcp",
  enabled: true,
  managed: i === 1,
  http: { uri: `https://${LONG}.example.com/worker` },
}));
const LISTS: Readonly<Record<string, readonly unknown[]>> = {
  "/tools": [1, 2].map((i) => ({
    name: `SendAMessageToSomebody${i}`,
    qualified_name: `GoogleCalendarAndMail.SendAMessageToSomebody${i}`,
    fully_qualified_name: `GoogleCalendarAndMail.SendAMessageToSomebody${i}@1.10.${i}`,
    description: "Sends a message to somebody, and waits until it has arrived there",
    toolkit: { name: "GoogleCalendarAndMail", version: `1.10.${i}` },
    input: { parameters: [] },
    requirements: { secrets: [{ key: "A_LONG_NAME_OF_A_SECRET" }] },
  })),
  "/workers": SERVERS,
  "/gateways": [1, 2].map((i) => ({
    id: `gw_${ID}`,
    slug: `gateway-of-the-support-team-${i}`,
    name: `The tools of the support team in region ${i}`,
    status: i === 1 ? "active" : "inactive",
    auth_type: i === 1 ? "arcade" : "arcade_header",
    tool_filter: { allowed_tools: ["A.B"] },
  })),
  "/admin/user_connections": [1, 2].map((i) => ({
    id: `uc_${ID}`,
    user_id: `a.person.with.a.long.name${i}@example.com`,
    provider_id: i === 1 ? "github" : "google",
    scopes: ["https://www.googleapis.com/auth/gmail.readonly"],
  })),
  "/secrets": [1, 2].map((i) => ({
    id: ID,
    key: `A_LONG_NAME_OF_A_SECRET_OF_THE_SUPPORT_TEAM_${i}`,
    binding: { type: "project" },
    description: "The key of the service that the support team uses for its messages",
    created_at: AT,
  })),
  "/scheduled_tools": [1, 2].map((i) => ({
    id: `te_${ID}`,
    tool_name: `GoogleCalendarAndMail.SendAMessageToSomebody${i}`,
    user_id: "a.person.with.a.long.name@example.com",
    execution_status: "completed",
    execution_type: "scheduled",
    run_at: AT,
    created_at: AT,
    updated_at: AT,
  })),
};

const OF_ENGINE = ["tool list", "tool search send", "tool runs list", "server list"];
OF_ENGINE.push("gateway list", "auth list", "secret list", "show");
const OF_MACHINE = ["context list", "identity list", "configure --list", "local status"];
const OF_LOGIN = ["org list", "project list"];

function requireNarrow(stdout: string, line: string): void {
  const wide = stdout.split("\n").filter(({ length }) => length > 80);
  assert.deepEqual(wide, [], line);
}

for (const line of OF_ENGINE) {
  Deno.test(`\`${line}\` fits a terminal of 80 columns`, async () => {
    const routes = Object.entries(LISTS).map(([path, items]) =>
      [`GET ${path}`, () => json({ items, total_count: items.length })] as const
    );
    await using engine = new ScriptedEngine(Object.fromEntries(routes));
    const { code, stdout, stderr } = await engine.home.run(line.split(" "), { terminal: true });
    assert.equal(code, 0, stderr);
    assert.ok(stdout.split("\n").length > 3, stdout);
    requireNarrow(stdout, line);
  });
}

for (const line of [...OF_MACHINE, ...OF_LOGIN]) {
  Deno.test(`\`${line}\` fits a terminal of 80 columns`, async () => {
    await using playground = await InProcessArcade.loggedIn();
    const { home } = playground;
    const named = ["login", "--callback-port", "0", "--context", `${LONG}.example.com`];
    assert.equal((await home.run(named)).code, 0);
    const identity = ["--hub", `${LONG}.example.com`, "--id", ID, "--name", LONG, "--token", "t"];
    assert.equal((await home.run(["identity", "add", ...identity])).code, 0);
    const { stdout } = await home.run(line.split(" "), { terminal: true });
    requireNarrow(stdout, line);
  });
}

Deno.test("all commands that list something are tested with 80 columns", async () => {
  const tested = [...OF_ENGINE, ...OF_MACHINE, ...OF_LOGIN];
  for (const { words } of await allCommands(ROUTES)) {
    if (words.at(-1) !== "list") continue;
    const line = words.join(" ");
    assert.ok(tested.includes(line), `${line} is not tested`);
  }
});
