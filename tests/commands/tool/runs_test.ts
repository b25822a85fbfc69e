import assert from "node:assert/strict";
import { json } from "../../support/answers.ts";
import { ScriptedEngine } from "../../support/services.ts";

const RUN = {
  id: "te_1",
  tool_name: "SetStarred",
  toolkit_name: "Github",
  toolkit_version: "1.2.0",
  user_id: "ada@example.com",
  execution_type: "scheduled",
  execution_status: "completed",
  run_at: "2026-11-20T15:00:00.000Z",
};
const ANSWER = JSON.stringify({
  ...RUN,
  input: { id: "NUMBER" },
  attempts: [
    {
      id: "a",
      started_at: "2026-11-20T15:00:00Z",
      success: false,
      system_error_message: "No\u001b[2J",
    },
    { id: "b", started_at: "2026-11-20T15:00:01Z", success: true, output: { value: "starred" } },
  ],
}).replace('"NUMBER"', "12345678901234567890");

Deno.test("a scheduled call is shown with its attempts, and its numbers as they are written", async () => {
  await using engine = new ScriptedEngine({
    "GET /scheduled_tools/te_1": () => new Response(ANSWER),
  });
  const { code, stdout } = await engine.home.run(["tool", "runs", "get", "te_1"]);
  assert.equal(code, 0);
  assert.match(stdout, /Tool +Github\.SetStarred@1\.2\.0\n/);
  assert.match(stdout, /Input +\{"id":12345678901234567890\}\n/);
  assert.match(stdout, /Attempt +2026-.*, failed: No\ufffd\[2J\n/);
  assert.match(stdout, /Attempt +2026-.*, succeeded\nValue +"starred"\n/);
  const { stdout: whole } = await engine.home.run(["tool", "runs", "get", "te_1", "--json"]);
  assert.equal(whole, `${ANSWER}\n`);
});

Deno.test("scheduled calls are listed as a table", async () => {
  await using engine = new ScriptedEngine({
    "GET /scheduled_tools": () => json({ items: [RUN], total_count: 1 }),
  });
  const { stdout } = await engine.home.run(["tool", "runs", "list"]);
  assert.match(stdout, /^ID +Tool +Status +Runs at +User\n/);
  assert.match(stdout, /te_1 +Github\.SetStarred +completed +2026-11-.* +ada@example\.com\n/);
});
