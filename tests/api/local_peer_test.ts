import assert from "node:assert/strict";
import {
  listRunning,
  PROOF_PATH,
  proofOf,
  readRunning,
  register,
} from "../../src/files/running.ts";
import { throughPeer } from "../../src/api/local_peer.ts";
import { closeSocketClients } from "../../src/api/socket_client.ts";
import { NetworkTime } from "../../src/api/network_time.ts";
import { Failure } from "../../src/failure.ts";
import { isProven } from "../../src/files/proven_logins.ts";
import { Sensitive } from "../../src/secrecy/sensitive.ts";
import { startLocalArcade } from "../../src/local/mod.ts";
import { saveIdentity } from "../../src/store/hub_identities_changes.ts";
import { Answers, json } from "../support/answers.ts";
import { InProcess, InProcessArcade } from "../support/in_process.ts";
import { Services } from "../support/services.ts";

// As the executable sets it: the runtime must not treat the socket as a proxy that these hosts do not need.
Deno.env.set("NO_PROXY", "localhost,127.0.0.0/8,::1,0.0.0.0");

const onUnix = Deno.build.os !== "windows";

/** The requests to another user who listens at the port of a stopped local Arcade. */
class Thief extends Services {
  constructor(port: number, hostname?: string) {
    super(
      ({ path }) =>
        path === "/.well-known/arcade"
          ? json({ coordinator: this.url, engine: this.url })
          : undefined,
      { port, ...(hostname && { hostname }) },
    );
  }

  /** Fails if a token, a key or a code arrived. */
  assertNothing(): void {
    const all = this.seen.map(({ path, authorization, body }) =>
      `${path} ${authorization} ${body}`
    );
    assert.deepEqual(all.filter((one) => /arcl_|arc_local_|CANARY/.test(one)), []);
  }
}

async function apiKeyOf(playground: InProcessArcade): Promise<string> {
  const { stdout } = await playground.home.run(["whoami", "--json"]);
  const { organization, project } = JSON.parse(stdout);
  const path = `/api/v1/orgs/${organization.id}/projects/${project.id}/api_keys`;
  return (await playground.post(path, {})).api_key ?? "";
}

const WITH_LOGIN = [
  ["secret", "list"],
  ["secret", "set", "KEY=CANARY-value"],
  ["org", "list"],
  ["project", "set", "Default project"],
  ["server", "logs", "x"],
  ["api", "GET", "/v1/health"],
];

Deno.test("the tokens of a login at a local Arcade do not reach a program that takes its port", async () => {
  await using playground = await InProcessArcade.loggedIn();
  const { home, arcade } = playground;
  // As after a kill -9: the registration is still there.
  const registration = readRunning(home.folder, arcade.port);
  assert(registration);
  await arcade.stop();
  for (const isRegistered of [false, true]) {
    if (isRegistered) register(home.folder, registration);
    await using thief = new Thief(arcade.port);
    for (const args of WITH_LOGIN) {
      const { code, stdout, stderr } = await home.run(args);
      assert.equal(code, 7, `${args.join(" ")}: ${stdout}${stderr}${JSON.stringify(thief.seen)}`);
      assert.match(stderr, /You have no local Arcade running at http.*\n {2}Start it with/);
    }
    await home.complete(["3", "arcade", "secret", "unset", ""]);
    thief.assertNothing();
  }
});

Deno.test("a renewal is not sent to a program that takes the port", async () => {
  await using playground = await InProcessArcade.loggedIn();
  const { home, arcade } = playground;
  await arcade.stop();
  await using thief = new Thief(arcade.port);
  const now = () => new Date(Date.now() + 24 * 60 * 60 * 1000);
  assert.equal((await home.run(["secret", "list"], { now })).code, 7);
  thief.assertNothing();
});

Deno.test("a logout revokes nothing at a program that takes the port", async () => {
  await using playground = await InProcessArcade.loggedIn();
  const { home, arcade } = playground;
  await arcade.stop();
  await using thief = new Thief(arcade.port);
  const { code, stderr } = await home.run(["logout"]);
  assert.equal(code, 0);
  assert.match(stderr, /Could not revoke the login/);
  thief.assertNothing();
});

Deno.test("a login elsewhere revokes nothing at a program that took the port of the previous one", async () => {
  await using playground = await InProcessArcade.loggedIn();
  await using other = await InProcessArcade.start({ alsoFor: [playground.home] });
  const { home, arcade } = playground;
  await arcade.stop();
  await using thief = new Thief(arcade.port);
  const elsewhere = await home.run(["login", "--callback-port", "0"], { env: other.home.env });
  assert.equal(elsewhere.code, 0, elsewhere.stderr);
  assert.match(elsewhere.stderr, /Could not revoke the login/);
  thief.assertNothing();
});

Deno.test("the keys and tokens of a local Arcade in variables reach only a registered one", async () => {
  await using playground = await InProcessArcade.loggedIn();
  const { home, arcade } = playground;
  const variables = [
    [{ ARCADE_API_KEY: await apiKeyOf(playground) }, ["tool", "list"]],
    [{ ARCADE_TOKEN: playground.accessToken }, ["org", "list"]],
  ] as const;
  using stranger = new InProcess();
  stranger.env = home.env;
  for (const [env, args] of variables) {
    const { code, stderr } = await home.run(args, { env });
    assert.equal(code, 0, stderr);
    const unknown = await stranger.run(args, { env });
    assert.equal(unknown.code, 4);
    assert.match(unknown.stderr, /is for a local Arcade, and you have none running at http/);
  }
  await arcade.stop();
  await using thief = new Thief(arcade.port);
  const hub = new URL(arcade.url).host;
  await saveIdentity({ path: `${stranger.folder}/identity.toml` }, hub, {
    token: new Sensitive(playground.accessToken),
  });
  for (const env of [...variables.map(([env]) => env), {}]) {
    for (const one of [home, stranger]) {
      for (const args of [["tool", "list"], ["secret", "set", "A=CANARY-value"]]) {
        assert.notEqual((await one.run(args, { env })).code, 0);
      }
    }
  }
  thief.assertNothing();
});

Deno.test("`--host` is the only exception: it sends requests where the user says", async () => {
  await using playground = await InProcessArcade.loggedIn();
  const { home, arcade } = playground;
  await using other = new Answers(() => json({ items: [] }));
  const named = ["secret", "list", "--host", new URL(other.url).host];
  assert.equal((await home.run(named)).code, 0);
  assert.match(other.seen[0]?.authorization ?? "", /^Bearer arcl_at_/);
  await arcade.stop();
  await using thief = new Thief(arcade.port);
  assert.equal((await home.run(named)).code, 0);
  const own = await home.run(["secret", "list", "--host", `127.0.0.1:${arcade.port}`]);
  assert.equal(own.code, 7);
  thief.assertNothing();
});

Deno.test("a login through a forwarded port continues through that port", async () => {
  using home = new InProcess();
  await using playground = await InProcessArcade.start();
  home.env = playground.home.env;
  const { code, stderr } = await home.run(["login", "--callback-port", "0"]);
  assert.equal(code, 0, stderr);
  assert.equal((await home.run(["secret", "set", "A=b"])).code, 0);
});

Deno.test("a login at another address forgets the proof of the previous one", async () => {
  await using playground = await InProcessArcade.loggedIn();
  const { home, arcade } = playground;
  const logins = `${home.folder}/running/logins.json`;
  assert.deepEqual(JSON.parse(Deno.readTextFileSync(logins)), { default: arcade.url });
  await using other = await InProcessArcade.start();
  const env = other.home.env;
  assert.equal((await home.run(["login", "--callback-port", "0"], { env })).code, 0);
  assert.deepEqual(JSON.parse(Deno.readTextFileSync(logins)), {});
});

Deno.test("requests go through the socket, even if something else listens at the address", {
  ignore: !onUnix,
}, async () => {
  await using playground = await InProcessArcade.loggedIn();
  const { home, arcade } = playground;
  await using thief = new Thief(arcade.port, "::1");
  const env = {
    ARCADE_COORDINATOR_URL: `http://localhost:${arcade.port}`,
    ARCADE_ENGINE_URL: `http://localhost:${arcade.port}`,
  };
  const { code, stderr } = await home.run(["login", "--callback-port", "0"], { env });
  assert.equal(code, 0, stderr);
  assert.equal((await home.run(["secret", "set", "A=CANARY-value"], { env })).code, 0);
  thief.assertNothing();
});

Deno.test("the socket and the registration are private, and removed at the end", {
  ignore: !onUnix,
}, async () => {
  await using playground = await InProcessArcade.start();
  const { home, arcade } = playground;
  const [registered] = listRunning(home.folder);
  assert(registered?.socket);
  assert.equal(registered.address, arcade.url);
  const mode = (path: string) => (Deno.lstatSync(path).mode ?? 0) & 0o777;
  assert.equal(mode(registered.socket), 0o600);
  assert.equal(mode(`${home.folder}/running`), 0o700);
  assert.equal(mode(`${home.folder}/running/${arcade.port}.json`), 0o600);
  await arcade.stop();
  assert.deepEqual(listRunning(home.folder), []);
  assert.throws(() => Deno.lstatSync(registered.socket ?? ""), Deno.errors.NotFound);
});

Deno.test("a local Arcade that starts at another port replaces the registration of one that was killed", async () => {
  using home = new InProcess();
  const dataDir = `${home.path}/data`;
  const options = { dataDir, port: 0, registerIn: [home.folder], autoApprove: true };
  const killed = await startLocalArcade(options);
  const registration = readRunning(home.folder, killed.port);
  assert(registration);
  await killed.stop();
  register(home.folder, registration);
  const again = await startLocalArcade(options);
  assert.deepEqual(listRunning(home.folder).map(({ address }) => address), [again.url]);
  await again.stop();
});

Deno.test("a file at the path of the socket is not removed", { ignore: !onUnix }, async () => {
  using home = new InProcess();
  const dataDir = `${home.path}/data`;
  Deno.mkdirSync(dataDir, { mode: 0o700 });
  Deno.writeTextFileSync(`${dataDir}/arcade.sock`, "of the user");
  await assert.rejects(
    startLocalArcade({ dataDir, port: 0 }),
    (error) => error instanceof Failure && /exists where a socket should be/.test(error.message),
  );
  assert.equal(Deno.readTextFileSync(`${dataDir}/arcade.sock`), "of the user");
});

Deno.test("a local Arcade starts again over the socket of one that was killed", {
  ignore: !onUnix,
}, async () => {
  await using playground = await InProcessArcade.loggedIn();
  const { home, arcade } = playground;
  const socket = readRunning(home.folder, arcade.port)?.socket ?? "";
  const dataDir = socket.slice(0, socket.lastIndexOf("/"));
  Deno.linkSync(socket, `${socket}-left`);
  await arcade.stop();
  Deno.renameSync(`${socket}-left`, socket);
  const again = await startLocalArcade({
    dataDir,
    port: arcade.port,
    registerIn: [home.folder],
    autoApprove: true,
  });
  assert.equal((await home.run(["secret", "list"])).code, 0);
  await again.stop();
});

/** A local Arcade whose data folder has too long a path for a socket. */
async function withoutSocket(home: InProcess, port = 0) {
  const dataDir = `${home.path}/${"long/".repeat(25)}data`;
  const arcade = await startLocalArcade({
    dataDir,
    port,
    registerIn: [home.folder],
    autoApprove: true,
  });
  home.env = { ARCADE_COORDINATOR_URL: arcade.url, ARCADE_ENGINE_URL: arcade.url };
  assert.equal(readRunning(home.folder, arcade.port)?.socket, undefined);
  return arcade;
}

Deno.test("without a socket, a local Arcade proves its identity before anything is sent", async () => {
  using home = new InProcess();
  const arcade = await withoutSocket(home);
  const { code, stderr } = await home.run(["login", "--callback-port", "0"]);
  assert.equal(code, 0, stderr);
  assert.equal((await home.run(["secret", "set", "A=b"])).code, 0);
  await arcade.stop();
  const registration = readRunning(home.folder, arcade.port);
  assert.equal(registration, undefined);
  register(home.folder, {
    address: arcade.url,
    socket: undefined,
    key: "key",
    pid: 1,
    data: "/",
  });
  await using thief = new Thief(arcade.port);
  const stolen = await home.run(["secret", "list"]);
  assert.equal(stolen.code, 7);
  // In this process, a connection to the old server may still be pooled; its end is found first then.
  assert.match(
    stolen.stderr,
    /Another program listens at http|You have no local Arcade running/,
  );
  thief.assertNothing();
});

Deno.test("a proof cannot be passed on from another address", async () => {
  using home = new InProcess();
  const arcade = await withoutSocket(home);
  const registration = readRunning(home.folder, arcade.port);
  assert(registration);
  assert.equal((await home.run(["login", "--callback-port", "0"])).code, 0);
  const nonces: string[] = [];
  await using relay = new Answers(async ({ path }) => {
    if (!path.startsWith(PROOF_PATH)) return json({ items: [] });
    nonces.push(path);
    const answer = await fetch(arcade.url + path, {
      headers: { host: new URL(arcade.url).host },
    });
    return new Response(await answer.text());
  });
  // The user believes that the local Arcade has the address of the relay.
  register(home.folder, { ...registration, address: relay.url });
  const env = { ARCADE_API_KEY: "arc_local_CANARY", ARCADE_ENGINE_URL: relay.url };
  const { code, stderr } = await home.run(["secret", "list"], { env });
  assert.equal(code, 7);
  assert.match(stderr, /Another program listens at http/);
  assert.equal(nonces.length, 1);
  assert(relay.seen.every(({ authorization }) => authorization === null));
  const real = await proofOf(registration, "nonce");
  assert.equal(await (await fetch(`${arcade.url}${PROOF_PATH}?nonce=nonce`)).text(), real);
  await arcade.stop();
});

Deno.test("`dashboard` opens no page of a program that takes the port of a local Arcade", async () => {
  await using playground = await InProcessArcade.loggedIn();
  const { home, arcade } = playground;
  const opened: string[] = [];
  const browse = (url: string) => Promise.resolve(opened.push(url) > 0);
  assert.equal((await home.run(["dashboard"], { browse, terminal: true })).code, 0);
  assert.equal(opened.length, 1);
  await arcade.stop();
  await using thief = new Thief(arcade.port);
  const { code, stderr } = await home.run(["dashboard"], { browse, terminal: true });
  assert.deepEqual([code, opened.length, thief.seen], [7, 1, []], stderr);
});

Deno.test("a local Arcade is not confused with a TLS server at its port", async () => {
  await using playground = await InProcessArcade.start();
  const args = ["login", "--host", "127.0.0.1", "--port", `${playground.arcade.port}`];
  const { code, stderr } = await playground.home.run(args);
  assert.equal(code, 7, stderr);
  assert.doesNotMatch(stderr, /without TLS/);
});

Deno.test("the tokens of a local Arcade are not sent to any other address", async () => {
  await using playground = await InProcessArcade.loggedIn();
  const { home, arcade } = playground;
  await using stranger = new Answers(() => json({}));
  const files = { folder: () => home.folder };
  const http = {
    fetch,
    timeoutMs: () => 10_000,
    networkTime: new NetworkTime(() => 0),
    sleep: () => Promise.resolve(),
    random: () => 0,
    trace: undefined,
  };
  const { fetch: send } = throughPeer({ http, files }, arcade.url);
  const others = [stranger.url, "https://127.0.0.1", "https://arcade.example", "http://[::1]:1"];
  for (const url of others) {
    await assert.rejects(
      send(url),
      (error) => error instanceof Failure && /are not sent anywhere else/.test(error.message),
      url,
    );
  }
  assert.deepEqual(stranger.seen, []);
  closeSocketClients();
});

Deno.test("a registered local Arcade that does not answer is not proven, and a login continues through its port", async () => {
  await using playground = await InProcessArcade.start();
  const { home, arcade } = playground;
  const registration = readRunning(home.folder, arcade.port);
  assert(registration);
  register(home.folder, { ...registration, socket: `${home.path}/nothing` });
  const { code, stderr } = await home.run(["login", "--callback-port", "0"]);
  assert.equal(code, 0, stderr);
  const login = { contextName: "default", coordinatorUrl: arcade.url };
  assert.equal(isProven(home.folder, login), false);
});

Deno.test("every process asks for its own proof", async () => {
  using home = new InProcess();
  const nonces: string[] = [];
  await using server = new Answers(({ path }) => {
    nonces.push(new URL(path, "http://x").searchParams.get("nonce") ?? "");
    return new Response("no proof");
  });
  const address = server.url;
  register(home.folder, { address, socket: undefined, key: "key", pid: 1, data: "/" });
  const env = { ARCADE_API_KEY: "arc_local_CANARY", ARCADE_ENGINE_URL: address };
  for (let i = 0; i < 2; i++) assert.equal((await home.run(["secret", "list"], { env })).code, 7);
  assert.equal(new Set(nonces).size, 2);
  for (const nonce of nonces) assert.match(nonce, /^[\da-f-]{36}$/);
  assert(server.seen.every(({ authorization }) => authorization === null));
});
