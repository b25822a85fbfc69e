import assert from "node:assert/strict";
import type { Environment } from "../../src/contract/variables.ts";
import { InProcess } from "../support/in_process.ts";

/** A credentials file with one login. */
function fileOf(kind: string, addresses: Record<string, string>): string {
  const lines = Object.entries(addresses).map(([name, address]) => `      ${name}: ${address}\n`);
  return `cloud:
  active_context: work
  contexts:
    work:
      kind: ${kind}
${
    lines.join("")
  }      auth: { access_token: CANARY-at, refresh_token: CANARY-rt, expires_at: '2999-01-01T00:00:00' }
      user: { email: e@example.com, account_id: acc_1 }
      context: { org_id: o, org_name: n, project_id: p, project_name: m }
`;
}

const OWN = { coordinator_url: "https://own.example", engine_url: "https://engine.own.example" };
const ENGINE_COMMANDS = [["secret", "list"], ["secret", "set", "KEY=x"], [
  "secret",
  "unset",
  "KEY",
]];
const COORDINATOR_COMMANDS = [["org", "list"], ["org", "set", "x"], ["project", "list"]];
const CLOUD_HOSTS = [
  "api.arcade.dev",
  "cloud.arcade.dev",
  "eu.api.arcade.dev",
  "API.ARCADE.DEV",
  "api.arcade.dev.",
];

type Case = [what: string, stored: Record<string, string>, flags: string[], env: Environment];

/** Cases in which a self-hosted login must not be sent: the stored addresses, the flags and the variables. */
const CASES: Case[] = [
  ...CLOUD_HOSTS.map((host): Case => [`--host ${host}`, OWN, ["--host", host], {}]),
  ["a flag and a variable", OWN, [
    "--host",
    "api.arcade.dev",
    "--port",
    "443",
  ], {
    ARCADE_ENGINE_URL: "https://api.arcade.dev",
  }],
  ["the variables", OWN, [], {
    ARCADE_ENGINE_URL: "https://api.arcade.dev",
    ARCADE_COORDINATOR_URL: "https://cloud.arcade.dev",
  }],
  ["no stored addresses", {}, [], {}],
  [
    "addresses of the cloud in the file",
    {
      coordinator_url: "https://cloud.arcade.dev",
      engine_url: "https://api.arcade.dev",
    },
    [],
    {},
  ],
];

for (const [what, stored, flags, env] of CASES) {
  for (const command of [...ENGINE_COMMANDS, ...COORDINATOR_COMMANDS]) {
    Deno.test(`the token of a self-hosted Arcade is not sent to the cloud: ${command.join(" ")}, ${what}`, async () => {
      using home = new InProcess();
      home.write(fileOf("self_hosted", stored));
      const { code, stderr } = await home.run([...command, ...flags], {
        env,
        fetch: () => assert.fail("A request was sent"),
      });
      assert.equal(code, 4, stderr);
      assert(!stderr.includes("CANARY"));
      assert.match(
        stderr,
        /The context "work" is a self-hosted Arcade, and .* is Arcade Cloud\n {2}.*`arcade context set`/,
      );
    });
  }
}

Deno.test("the token of a self-hosted Arcade is sent to its own services, and a cloud token to the cloud", async () => {
  for (const [kind, stored] of [["self_hosted", OWN], ["cloud", {}]] as const) {
    using home = new InProcess();
    home.write(fileOf(kind, stored));
    const hosts: string[] = [];
    const fetch = (input: RequestInfo | URL) => {
      hosts.push(new URL(input instanceof Request ? input.url : input).hostname);
      return Promise.resolve(Response.json({ items: [] }));
    };
    assert.equal((await home.run(["secret", "list"], { fetch })).code, 0);
    assert.deepEqual(hosts, [kind === "cloud" ? "api.arcade.dev" : "engine.own.example"]);
  }
});

Deno.test("a login of an unknown kind is not used", async () => {
  using home = new InProcess();
  home.write(fileOf("somewhere", OWN));
  const { code, stderr } = await home.run(["whoami"]);
  assert.equal(code, 1);
  assert.match(stderr, /is corrupt \(cloud\.contexts\.work\.kind is missing or invalid\)/);
});
