import assert from "node:assert/strict";
import { AGENT_AND_HUMAN, HUB, Identities, NOW, TOKEN } from "./support.ts";

const GET = ["token", "--hub", HUB];

Deno.test("`identity token` prints only the token and a line end", async () => {
  using home = Identities.of(AGENT_AND_HUMAN);
  const { code, stdout, stderr } = await home.identity(GET);
  assert.deepEqual([code, stdout, stderr], [0, `${TOKEN}\n`, ""]);
});

Deno.test("`identity token` refuses to print to a terminal without --force", async () => {
  using home = Identities.of(AGENT_AND_HUMAN);
  const { code, stdout, stderr } = await home.identity(GET, { terminal: true });
  assert.equal(code, 2);
  assert.equal(stdout, "");
  assert.match(stderr, /^Error: Refusing to print a token to a terminal\n {2}.*`--force`\n$/);
  const forced = await home.identity([...GET, "--force"], { terminal: true });
  assert.deepEqual([forced.code, forced.stdout], [0, `${TOKEN}\n`]);
});

const none: [what: string, content: string | undefined, message: RegExp][] = [
  ["the file is missing", undefined, /No identity for musehub\.ai/],
  ["the identity is missing", '["b.example"]\ntoken = "b"\n', /No identity for musehub\.ai/],
  ["the token is missing", '["musehub.ai"]\nname = "A"\n', /No token is stored for musehub\.ai/],
  ["the token is empty", '["musehub.ai"]\ntoken = ""\n', /No token is stored for musehub\.ai/],
  [
    "the token has expired",
    `["musehub.ai"]\ntoken = "CANARY"\nexpires_at = "${NOW.toISOString()}"\n`,
    /The token for musehub\.ai expired on 2026-11-20 12:00 UTC/,
  ],
];
for (const [what, content, message] of none) {
  Deno.test(`\`identity token\` exits with 4 when ${what}, also with --force`, async () => {
    using home = new Identities();
    if (content !== undefined) home.writeFile(content);
    for (const args of [GET, [...GET, "--force"]]) {
      const { code, stdout, stderr } = await home.identity(args);
      assert.equal(code, 4);
      assert.equal(stdout, "");
      assert.match(stderr, message);
      assert.match(stderr, /\n {2}Store one with `arcade identity add --hub musehub\.ai`\n$/);
      assert(!stderr.includes("CANARY"));
    }
  });
}

Deno.test("`identity token` needs a hub", async () => {
  using home = Identities.of('["musehub.ai"]\ntoken = "CANARY"\n');
  for (const args of [["token"], ["token", "--hub", "http://musehub.ai"], ["token", "--hub", ""]]) {
    const { code, stdout } = await home.identity(args);
    assert.equal(code, 2);
    assert.equal(stdout, "");
  }
});

// Capabilities.

const EXPIRED = `expires_at = "${NOW.toISOString()}"\n`;
const AGENT = `["musehub.ai"]\ntype = "agent"\ntoken = "CANARY"\n`;
const CAN = `${AGENT}capabilities = ["read:*", "commit"]\n`;
const HUMAN = `["musehub.ai"]\ntype = "human"\ntoken = "CANARY"\n`;
const judgements: [content: string, capability: string, allowed: boolean, reason: RegExp][] = [
  [CAN, "read:x", true, /read:x is covered by the agent's capabilities: read:\*, commit$/],
  [CAN, "commit", true, /commit is covered/],
  [CAN, "write:x", false, /write:x is not covered by the agent's capabilities: read:\*, commit$/],
  [AGENT, "read:x", false, /not covered by the agent's capabilities: none$/],
  [`${AGENT}capabilities = ["*"]\n`, "write:x", true, /covered .*: \*$/],
  [HUMAN, "write:x", true, /humans are not restricted; the hub decides$/],
  [`${HUMAN}capabilities = ["commit"]\n`, "write:x", true, /humans are not restricted/],
  [`${CAN}${EXPIRED}`, "read:x", false, /expired on/],
  [`${HUMAN}${EXPIRED}`, "read:x", false, /expired on/],
  [`["musehub.ai"]\ntype = "human"\n`, "read:x", false, /No token is stored/],
];
for (const [content, capability, allowed, reason] of judgements) {
  Deno.test(`\`identity can ${capability}\`: ${allowed}, because ${reason.source}`, async () => {
    using home = Identities.of(content);
    const { code, stdout, stderr } = await home.identity(["can", capability, "--hub", HUB]);
    assert.equal(code, allowed ? 0 : 1);
    assert.equal(stdout, "");
    assert.match(stderr, allowed ? /^Allowed: / : /^Not allowed: /);
    assert.match(stderr.trimEnd(), reason);
    const json = await home.identity(["can", capability, "--hub", HUB, "--json"]);
    assert.equal(json.code, allowed ? 0 : 1);
    const answer = JSON.parse(json.stdout);
    assert.deepEqual(Object.keys(answer), ["allowed", "reason"]);
    assert.equal(answer.allowed, allowed);
    assert.match(answer.reason, reason);
  });
}

Deno.test("`identity can` exits with 4 without an identity, and with 2 after a usage error", async () => {
  using home = new Identities();
  const { code, stdout } = await home.identity(["can", "read:x", "--hub", HUB, "--json"]);
  assert.deepEqual([code, stdout], [4, ""]);
  for (
    const args of [["can"], ["can", "--hub", HUB], ["can", "x"], [
      "can",
      "x",
      "--hub",
      "http://a.b",
    ]]
  ) {
    assert.equal((await home.identity(args)).code, 2);
  }
});
