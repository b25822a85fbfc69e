import assert from "node:assert/strict";
import { closedPort } from "../../support/answers.ts";
import { Kills } from "../../support/kills.ts";
import { Delay, ServerProcess, TestMachine, WireTap } from "../../support/test_machine.ts";
import { namesIn } from "../../support/in_process.ts";

const LOCK = ".credentials.lock";
/** The signals of Ctrl-C, `kill`, and a closed terminal. */
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

Deno.test("`org set` killed at any moment leaves complete credentials", async () => {
  await using machine = await TestMachine.loggedIn();
  const first = machine.stored("org_id");
  const { organization_id: second = "" } = await machine.post("/api/v1/orgs", { name: "Second" });
  // The complete credentials of each organization.
  const complete: string[] = [];
  for (const id of [second, first]) {
    assert.equal((await machine.run(["org", "set", id])).code, 0);
    const whoami = await machine.runJson(["whoami"]);
    assert(typeof whoami === "object" && whoami !== null && "organization" in whoami);
    const name = id === first ? "Default organization" : "Second";
    assert.deepEqual(whoami.organization, { id, name });
    complete.push(Deno.readTextFileSync(machine.credentials));
  }
  const kills = new Kills();
  for (let i = 0; kills.count < 30; i++) {
    await kills.next(() => machine.start(["org", "set", i % 2 ? first : second]));
    const content = Deno.readTextFileSync(machine.credentials);
    assert(complete.includes(content), `Neither the old credentials nor the new ones: ${content}`);
  }
  await assertCleanedUp(machine, ["org", "set", first]);
  assert.equal((await machine.run(["secret", "list"])).code, 0);
});

Deno.test("a refresh killed at any moment leaves complete credentials", async () => {
  await using machine = await TestMachine.loggedIn();
  const kills = new Kills();
  while (kills.count < 15) {
    machine.makeTokenDue();
    await kills.next(() => machine.start(["org", "list"]));
    const next = await machine.run(["org", "list"]);
    if (next.code === 0) continue;
    // If it was killed before the new token was stored, that token is lost, and the error says what to do.
    assert.equal(next.code, 4);
    assert.match(
      next.stderr,
      /^Error: The login at http\S+ has expired[^\n]*\n {2}Run `arcade login`\n$/,
    );
    assert.equal((await machine.run(["logout"])).code, 0);
    await machine.logIn();
  }
  await assertCleanedUp(machine, ["org", "set", machine.stored("org_id")]);
});

/** Fails unless the next write removes what a killed writer left, and nothing else. */
async function assertCleanedUp(machine: TestMachine, write: readonly string[]): Promise<void> {
  const leftover = `credentials.yaml.${crypto.randomUUID()}.tmp`;
  await Deno.writeTextFile(`${machine.folder}/${leftover}`, "cloud:\n  auth:\n    access_tok");
  await Deno.writeTextFile(`${machine.folder}/notes.tmp`, "of the user");
  assert.equal((await machine.run(write)).code, 0);
  assert.deepEqual(namesIn(machine.folder), [LOCK, "credentials.yaml", "notes.tmp"]);
}

Deno.test("a killed lock holder does not block others", async () => {
  await using machine = await TestMachine.loggedIn();
  machine.makeTokenDue();
  // This coordinator never answers, so the command holds the lock until it is killed.
  using silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const connected = silent.accept();
  machine.moveLogin({ coordinator: `http://127.0.0.1:${silent.addr.port}` });
  const stuck = machine.start(["org", "list"]);
  using _connection = await connected;
  stuck.kill("SIGKILL");
  machine.moveLogin({ coordinator: machine.server.url });
  const { code, stderr } = await machine.run(["org", "list"]);
  assert.equal(code, 0, stderr);
});

Deno.test("secrets acknowledged by a local Arcade survive kill -9", async () => {
  await using machine = new TestMachine();
  let server = await machine.serve();
  await machine.logIn();
  const { data } = server;
  const acknowledged = new Set<string>();
  for (let round = 0; round < 3; round++) {
    const secrets = Array.from(
      { length: 60 },
      (_, i) => `KEY_${round}_${i}=value-${round}-${i}-tail`,
    );
    await using tap = new Delay(server.url, /KEY_\d_59$/);
    const words = ["secret", "set", ...secrets, "--concurrency", "4", ...hostOf(tap)];
    const setting = machine.start(words);
    // The server is killed after some responses and before the last one.
    await server.process.printed(new RegExp(`200 PUT \\S+KEY_${round}_${10 + round * 20}\n`));
    server.process.kill("SIGKILL");
    await server.process.end();
    tap.end();
    const { stderr, code } = await setting.end();
    assert.equal(code, 1);
    for (const [, key = ""] of stderr.matchAll(/^Created (\S+)/mg)) acknowledged.add(key);
    server = await machine.serve({ data });
    const list: { secrets: { key: string; hint: string | null }[] } = JSON.parse(
      (await machine.run(["secret", "list", "--json"])).stdout,
    );
    const stored = new Map(list.secrets.map(({ key, hint }) => [key, hint]));
    for (const key of acknowledged) assert.equal(stored.get(key), "tail", `${key} was lost`);
  }
  assert(acknowledged.size > 30);
  const { code, stderr } = await machine.run(["secret", "set", "LAST=one"]);
  assert.equal(code, 0, stderr);
});

Deno.test("a kill -9 during 200 acknowledged writes of every kind loses none", async () => {
  await using machine = new TestMachine();
  const server = await machine.serve();
  const place = `http://127.0.0.1:${closedPort()}`;
  const mcp = { uri: place, timeout: 1, retry: 0 };
  const writes: readonly [method: string, path: (name: string) => string, body: object][] = [
    ["PUT", (name) => `admin/secrets/${name}`, { value: "value" }],
    ["POST", () => "admin/user_connections", { provider_id: "github", scopes: [] }],
    ["POST", () => "admin/auth_providers", { oauth2: { client_id: "client" } }],
    ["POST", () => "workers", { mcp }],
  ];
  const headers = { authorization: server.environment.ARCADE_API_KEY ?? "" };
  const acknowledged: string[] = [];
  const write = async (worker: number) => {
    for (let i = 0;; i++) {
      const [method, path, body] = writes[i % writes.length] ?? assert.fail();
      const name = `n${worker}-${i}`;
      const json = JSON.stringify({ ...body, id: name, user_id: name });
      const url = `${server.url}/v1/${path(name)}`;
      const answer = await fetch(url, { method, headers, body: json }).catch(() => undefined);
      if (answer === undefined) return; // it was killed
      assert(answer.ok, await answer.text());
      acknowledged.push(name);
      // The other writers are in the middle of a write.
      if (acknowledged.length === 200) server.process.kill("SIGKILL");
      await answer.body?.cancel().catch(() => {});
    }
  };
  await Promise.all(Array.from({ length: 8 }, (_, worker) => write(worker)));
  await server.process.end();
  assert(acknowledged.length >= 200);

  const { url } = await machine.serve({ data: server.data });
  const stored = new Set<string>();
  for (
    const path of ["admin/secrets", "admin/user_connections", "admin/auth_providers", "workers"]
  ) {
    const answer = await fetch(`${url}/v1/${path}?limit=1000`, { headers });
    const { items } = await answer.json();
    for (const { key, user_id, id } of items) stored.add(key ?? user_id ?? id);
  }
  assert.deepEqual(acknowledged.filter((name) => !stored.has(name)), []);
});

/** The flags that use a tap as the engine. */
function hostOf({ url }: { readonly url: string }): string[] {
  return ["--host", new URL(url).host, "--no-tls"];
}

for (const signal of SIGNALS) {
  Deno.test(`${signal} ends \`local serve\` with exit code 0, and a restart has the stored data`, async () => {
    await using machine = new TestMachine();
    const { process, data } = await machine.serve();
    await machine.logIn();
    assert.equal((await machine.run(["secret", "set", "KEY=value"])).code, 0);
    process.kill(signal);
    const { code, signal: endedBy, stderr } = await process.end();
    assert.deepEqual([code, endedBy], [0, null]);
    assert.match(stderr, /Local Arcade stopped\n$/);
    await machine.serve({ data });
    assert.match((await machine.run(["secret", "list"])).stdout, /^KEY /m);
  });

  Deno.test(`${signal} removes the folder of an ephemeral local Arcade`, async () => {
    await using machine = new TestMachine();
    const temporary = `${machine.path}/tmp`;
    await Deno.mkdir(temporary);
    const { process, data } = await ServerProcess.start(machine, {
      args: ["--ephemeral"],
      env: { TMPDIR: temporary },
    });
    assert(data.startsWith(`${temporary}/`) && Deno.statSync(`${data}/arcade.lock`).isFile);
    process.kill(signal);
    assert.equal((await process.end()).code, 0);
    assert.throws(() => Deno.statSync(data), Deno.errors.NotFound);
  });
}

Deno.test("a signal ends a login, frees its port and leaves nothing behind", async () => {
  await using machine = new TestMachine();
  await machine.serveInProcess();
  for (const signal of SIGNALS) {
    const login = machine.start(["login", "--callback-port", "0", "--no-browser"]);
    const [, port = ""] = await login.printed(/redirect_uri=http%3A%2F%2F127\.0\.0\.1%3A(\d+)/);
    login.kill(signal);
    const { code, stderr } = await login.end();
    assert.equal(code, 130, stderr);
    assert.match(stderr, /\nCancelled\n$/);
    assert.deepEqual(namesIn(machine.folder), [LOCK]);
    Deno.listen({ hostname: "127.0.0.1", port: Number(port) }).close();
  }
});

Deno.test("Ctrl-C while secrets are stored reports which are stored", async () => {
  await using machine = await TestMachine.loggedIn();
  const secrets = Array.from({ length: 400 }, (_, i) => `KEY_${i}=value of ${i}`);
  await using tap = new Delay(machine.server.url, /KEY_30$/);
  const words = ["secret", "set", ...secrets, "--concurrency", "1", ...hostOf(tap)];
  const setting = machine.start(words);
  await machine.server.output.printed(/200 PUT \S+KEY_20\n/);
  setting.kill("SIGINT");
  const { code, stderr } = await setting.end();
  assert.equal(code, 130, stderr);
  const reported = stderr.matchAll(/^Created (\S+)/mg).map(([, key]) => key).toArray();
  assert(reported.length >= 20 && reported.length <= 30, `${reported.length} were reported`);
  const { stdout } = await machine.run(["secret", "list"]);
  const stored = new Set(stdout.matchAll(/^KEY_\d+/mg).map(([key]) => key));
  for (const key of reported) {
    assert(key && stored.has(key), `${key} was reported and is not stored`);
  }
  // The request in flight may have been stored as well.
  assert(stored.size <= reported.length + 1);
});

for (const signal of SIGNALS) {
  Deno.test(`${signal} during a renewal does not lose the new tokens`, async () => {
    await using machine = await TestMachine.loggedIn();
    const { url } = machine.server;
    const rotated = Promise.withResolvers<void>();
    const answered = Promise.withResolvers<void>();
    // The server has rotated the refresh token, but its response is delayed.
    await using tap = new WireTap(url, async ({ path, body }) => {
      if (path !== "/oauth2/token") return undefined;
      const response = await fetch(url + path, { method: "POST", body: new URLSearchParams(body) });
      const text = await response.text();
      rotated.resolve();
      await answered.promise;
      return new Response(text, { headers: { "content-type": "application/json" } });
    });
    machine.makeTokenDue();
    machine.moveLogin({ coordinator: tap.url });
    const running = machine.start(["org", "list"]);
    await rotated.promise;
    running.kill(signal);
    answered.resolve();
    const { code, signal: killedBy } = await running.ended;
    // The signal and the response can arrive in either order. Once the new tokens are stored, a signal ends the command.
    assert(killedBy === signal || code === 130 || code === 0, `Exit code ${code}, ${killedBy}`);
    machine.moveLogin({ coordinator: url });
    const after = await machine.run(["org", "list"]);
    assert.equal(after.code, 0, after.stderr);
  });
}

for (const isIgnored of [false, true]) {
  const end = isIgnored ? "continues under nohup" : "reports what is stored";
  Deno.test(`\`secret set\` ${end} when its terminal is closed`, async () => {
    await using machine = await TestMachine.loggedIn();
    const asked = Promise.withResolvers<void>();
    const answered = Promise.withResolvers<void>();
    await using tap = new WireTap(machine.server.url, async ({ method }) => {
      if (method !== "PUT") return undefined;
      asked.resolve();
      await answered.promise;
      return undefined;
    });
    const set = ["secret", "set", "ONE=1", "TWO=2", "--concurrency", "1"];
    const setting = machine.start([...set, ...hostOf(tap)], {
      through: isIgnored ? ["sh", "-c", `trap '' HUP; exec "$0" "$@"`] : [],
    });
    await asked.promise;
    setting.kill("SIGHUP");
    if (isIgnored) answered.resolve();
    const { code, signal, stderr } = await setting.end();
    answered.resolve();
    assert.deepEqual([code, signal], [isIgnored ? 0 : 130, null], stderr);
    assert.match(stderr, isIgnored ? /Created ONE.*\nCreated TWO/ : /^Cancelled/m);
  });
}
