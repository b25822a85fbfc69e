/** Addresses that users type or set. What can hold a token in one is never shown: its user, its query and its fragment. */

import assert from "node:assert/strict";
import { json } from "../support/answers.ts";
import { InProcess, InProcessArcade, type World } from "../support/in_process.ts";
import { SessionServer } from "../support/mcp_servers.ts";
import { ProtectedMcpServer } from "../support/protected_mcp_server.ts";
import { ScriptedEngine } from "../support/services.ts";

const CANARY = "cAnArY-of-an-address";

/** An address with a token in each place that can have one. */
function formsOf(address: string): string[] {
  const url = new URL(address);
  const { protocol, host, pathname } = url;
  return [
    `${protocol}//${CANARY}@${host}${pathname}`,
    `${protocol}//user:${CANARY}@${host}${pathname}`,
    `${protocol}//${host}${pathname}?key=${CANARY}`,
    `${protocol}//${host}${pathname}#${CANARY}`,
    `${protocol}//${host}${pathname}?${CANARY}=1#${CANARY}`,
    `ftp://${CANARY}@${host}${pathname}?${CANARY}`,
    `${CANARY}@${host}?${CANARY}`,
  ];
}

function requireHidden({ stdout, stderr }: { stdout: string; stderr: string }, line: string): void {
  assert.ok(!`${stdout}${stderr}`.includes(CANARY), `${line}: ${stdout}${stderr}`);
}

const NOWHERE = "http://127.0.0.1:9/mcp";
const WORDS: readonly ((address: string) => readonly string[])[] = [
  (address) => ["gateway", "test", address],
  (address) => ["gateway", "test", address, "--json"],
  (address) => ["mcp", "proxy", address],
  (address) => ["mcp", "logout", address],
  (address) => ["tool", "call", "A_B", "--server", address],
  (address) => ["tool", "call", "A_B", "--server", address, "--dry-run"],
  (address) => ["login", "--url", address, "--callback-port", "0", "--timeout", "1"],
  (address) => ["login", "--host", address],
  (address) => ["context", "add", address],
  (address) => ["org", "list", "--host", address],
  (address) => ["secret", "list", "--host", address],
  (address) => ["api", "GET", address],
  (address) => ["identity", "add", "--hub", address, "--token", "t"],
  (address) => ["identity", "show", "--hub", address],
  (address) => ["identity", "remove", "--hub", address],
  (address) => ["identity", "token", "--hub", address],
  (address) => ["configure", "cursor", "--url", address],
  (address) => ["configure", "goose", "--transport", "http", "--url", address, "--dry-run"],
];
const VARIABLES = [
  "ARCADE_COORDINATOR_URL",
  "ARCADE_ENGINE_URL",
  "ARCADE_URL",
  "ARCADE_DOWNLOAD_URL",
  "HTTP_PROXY",
] as const;

for (const words of WORDS) {
  const name = words("ADDRESS").join(" ");
  Deno.test(`\`${name}\` shows no user, query or fragment of an address`, async () => {
    for (const address of formsOf(NOWHERE)) {
      using home = new InProcess();
      home.writeCredentials();
      const world = { env: { HOME: home.path }, timeoutMs: 500 };
      requireHidden(await home.run(words(address), world), `${name} ${address}`);
    }
  });
}

for (const variable of VARIABLES) {
  Deno.test(`no command shows the user, query or fragment of ${variable}`, async () => {
    for (const address of formsOf("http://127.0.0.1:9")) {
      using home = new InProcess();
      // A proxy is used for other machines only.
      const service = variable === "HTTP_PROXY" ? "http://a.invalid" : "http://127.0.0.1:9";
      const env = {
        ARCADE_COORDINATOR_URL: service,
        ARCADE_ENGINE_URL: service,
        [variable]: address,
        ARCADE_API_KEY: "arc_o1_key",
      };
      for (const line of ["secret list", "org list", "doctor", "whoami", "login --no-wait"]) {
        const world: World = { env, timeoutMs: 500 };
        requireHidden(await home.run(line.split(" "), world), `${line} with ${address}`);
      }
    }
  });
}

Deno.test("a walk to a server and a login there show no query of its address", async () => {
  using home = new InProcess();
  await using open = new SessionServer();
  await using closed = new ProtectedMcpServer();
  for (const { url } of [open, closed]) {
    const address = `${url}?key=${CANARY}`;
    for (const words of [["gateway", "test", address], ["gateway", "test", address, "--json"]]) {
      requireHidden(await home.run(words), words.join(" "));
    }
    requireHidden(await home.run(["mcp", "logout", `${url}?other`]), "mcp logout of another");
    requireHidden(await home.run(["mcp", "logout", address]), "mcp logout");
    requireHidden(await home.run(["gateway", "test", address]), "again");
  }
  requireHidden(await home.run(["logout"]), "logout");
});

Deno.test("a list of MCP clients shows no query of their servers", async () => {
  await using playground = await InProcessArcade.loggedIn();
  const { home } = playground;
  const env = { HOME: home.path };
  const added = ["configure", "cursor", "--url", `https://a.example/mcp?key=${CANARY}`];
  assert.equal((await home.run([...added, "--name", "a"], { env })).code, 0);
  for (const words of [["configure", "--list"], ["configure", "--list", "--json"], ["doctor"]]) {
    requireHidden(await home.run(words, { env }), words.join(" "));
  }
  requireHidden(
    await home.run(["configure", "cursor", "--remove", "--name", "a"], { env }),
    "remove",
  );
});

Deno.test("the servers of a project are shown without the user, query or fragment of their addresses", async () => {
  const plain = "https://plain.example.com";
  const addresses = [plain, ...formsOf("https://a.example.com/mcp").slice(0, 5)];
  const servers = addresses.map((uri, i) => ({
    id: `server-${i}`,
    type: "mcp",
    enabled: true,
    managed: false,
    mcp: { uri },
  }));
  await using engine = new ScriptedEngine({
    "GET /workers": () => json({ items: servers, total_count: servers.length }),
    ...Object.fromEntries(servers.map((one) => [`GET /workers/${one.id}`, () => json(one)])),
  });
  const list = await engine.home.run(["server", "list"]);
  requireHidden(list, "server list");
  assert.match(list.stdout, / https:\/\/plain\.example\.com\n/);
  assert.match(list.stdout, / https:\/\/a\.example\.com\/mcp\?…\n/);
  for (const { id } of servers) {
    const shown = await engine.home.run(["server", "get", id]);
    requireHidden(shown, `server get ${id}`);
    assert.match(shown.stdout, /^Address +https:/m);
  }
});
