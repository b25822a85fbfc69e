import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { LocalArcadeError, startLocalArcade } from "../../src/local/mod.ts";
import { apiKeyOf, call, refresh, secretsUrl, signIn, start, whoAmI } from "./harness.ts";

const VALUE = "a-value-that-nobody-may-find-~zQ~";
const onUnix = Deno.build.os !== "windows";

async function failure(dataDir: string, port = 0): Promise<LocalArcadeError> {
  try {
    await (await startLocalArcade({ dataDir, port })).stop();
  } catch (error) {
    assert(error instanceof LocalArcadeError, String(error));
    assert.match(error.message, /^[A-Z].*[^.]$/);
    return error;
  }
  assert.fail("The local Arcade started");
}

function keyIn(dataDir: string): Promise<Uint8Array | undefined> {
  return Deno.readFile(`${dataDir}/encryption.key`).catch(() => undefined);
}

/** Stops the server, applies `change` to its files, and returns the reason why it does not start again. */
async function failureAfter(change: (dataDir: string) => Promise<void>): Promise<string> {
  await using fixture = await start();
  const session = await signIn(fixture.url);
  const url = `${secretsUrl(fixture.url, session)}/KEY`;
  await call(url, { method: "PUT", token: session.access, json: { value: VALUE } });
  await fixture.arcade.stop();
  await change(fixture.dataDir);
  const damaged = await keyIn(fixture.dataDir);
  const { reason } = await failure(fixture.dataDir);
  assert.deepEqual(await keyIn(fixture.dataDir), damaged);
  return reason;
}

Deno.test(
  "the data is private to its owner, also in an existing folder, which keeps its mode",
  {
    ignore: !onUnix,
  },
  async () => {
    await using fixture = await start();
    await signIn(fixture.url);
    const modes = () => {
      const mode = (path: string) => ((Deno.statSync(path).mode ?? 0) & 0o777).toString(8);
      const files = [...Deno.readDirSync(fixture.dataDir)].map(({ name }) => name).sort();
      return [
        mode(fixture.dataDir),
        ...files.map((name) => `${name} ${mode(`${fixture.dataDir}/${name}`)}`),
      ];
    };
    const expected = [
      "700",
      "arcade.address 600",
      "arcade.db 600",
      "arcade.db-shm 600",
      "arcade.db-wal 600",
      "arcade.lock 600",
      "arcade.sock 600",
      "encryption.key 600",
      "env.json 600",
    ];
    assert.deepEqual(modes(), expected);
    await fixture.arcade.stop();
    for (const name of ["", "/arcade.db", "/encryption.key", "/env.json", "/arcade.lock"]) {
      await Deno.chmod(fixture.dataDir + name, 0o755);
    }
    await fixture.restart();
    await signIn(fixture.url);
    assert.deepEqual(modes(), ["755", ...expected.slice(1)]);
  },
);

Deno.test(
  "a data folder that is created is private to its owner",
  { ignore: !onUnix },
  async () => {
    const parent = await Deno.makeTempDir();
    const arcade = await startLocalArcade({ dataDir: `${parent}/a/b`, port: 0 });
    await arcade.stop();
    assert.equal((Deno.statSync(`${parent}/a/b`).mode ?? 0) & 0o777, 0o700);
    await Deno.remove(parent, { recursive: true });
  },
);

Deno.test("no file contains a value, a token or an API key in clear text", async () => {
  await using fixture = await start();
  const session = await signIn(fixture.url);
  const url = secretsUrl(fixture.url, session);
  await call(`${url}/KEY`, { method: "PUT", token: session.access, json: { value: VALUE } });
  const contents = () =>
    [...Deno.readDirSync(fixture.dataDir)].filter(({ isFile }) => isFile).map(({ name }) =>
      new TextDecoder("latin1").decode(Deno.readFileSync(`${fixture.dataDir}/${name}`))
    ).join("");
  const assertHidden = () => {
    assert(contents().includes(session.account), "The search finds nothing at all");
    for (const secret of [VALUE, VALUE.slice(-8), session.access, session.refresh]) {
      assert(!contents().includes(secret));
    }
  };
  assertHidden();
  await fixture.arcade.stop();
  assertHidden();
});

Deno.test("an encrypted value cannot be read under another key", async () => {
  await using fixture = await start();
  const session = await signIn(fixture.url);
  const url = secretsUrl(fixture.url, session);
  await call(`${url}/A`, { method: "PUT", token: session.access, json: { value: VALUE } });
  await fixture.arcade.stop();
  const database = new DatabaseSync(`${fixture.dataDir}/arcade.db`);
  database.exec("UPDATE secrets SET key = 'B'");
  database.close();
  assert.equal((await failure(fixture.dataDir)).reason, "data-unreadable");
});

Deno.test("the same value is encrypted to different bytes each time", async () => {
  await using fixture = await start();
  const session = await signIn(fixture.url);
  const url = `${secretsUrl(fixture.url, session)}/KEY`;
  const seen = new Set<string>();
  for (let i = 0; i < 3; i++) {
    await call(url, { method: "PUT", token: session.access, json: { value: VALUE } });
    const database = new DatabaseSync(`${fixture.dataDir}/arcade.db`, { readOnly: true });
    const row = database.prepare("SELECT hex(nonce) n, hex(ciphertext) c FROM secrets").get();
    seen.add(`${row?.n}`).add(`${row?.c}`);
    database.close();
  }
  assert.equal(seen.size, 6);
});

Deno.test("a restart keeps accounts, tokens and secrets", async () => {
  await using fixture = await start();
  const session = await signIn(fixture.url);
  const list = () => call(secretsUrl(fixture.url, session), { token: session.access });
  await call(`${secretsUrl(fixture.url, session)}/KEY`, {
    method: "PUT",
    token: session.access,
    json: { value: VALUE },
  });
  const before = await list();
  await fixture.restart();
  assert.equal((await list()).text, before.text);
  assert.equal(
    (await whoAmI(fixture.url, session.access)).at("data", "account_id"),
    session.account,
  );
  assert.equal((await refresh(fixture.url, session.refresh)).status, 200);
});

Deno.test("an acknowledged write survives a server that is not closed", async () => {
  await using fixture = await start();
  const session = await signIn(fixture.url);
  const url = `${secretsUrl(fixture.url, session)}/KEY`;
  await call(url, { method: "PUT", token: session.access, json: { value: VALUE } });
  // A copy of the files is what a kill would leave behind.
  const copy = await Deno.makeTempDir();
  for (const name of ["arcade.db", "arcade.db-wal", "encryption.key"]) {
    await Deno.copyFile(`${fixture.dataDir}/${name}`, `${copy}/${name}`);
  }
  const revived = await startLocalArcade({ dataDir: copy, port: 0, now: () => new Date(0) });
  const list = await call(secretsUrl(revived.url, session), { token: session.access });
  assert.equal(list.at("items", 0, "key"), "KEY");
  await revived.stop();
  await Deno.remove(copy, { recursive: true });
});

Deno.test("a second server on the same data is refused, until the first has stopped", async () => {
  await using fixture = await start();
  assert.equal((await failure(fixture.dataDir)).reason, "data-in-use");
  await fixture.restart();
  assert.equal((await call(`${fixture.url}/v1/health`)).text, '{"healthy":true}');
});

Deno.test("a taken port is reported, and the data is released", async () => {
  await using fixture = await start();
  await using other = await start();
  await other.arcade.stop();
  const error = await failure(other.dataDir, fixture.arcade.port);
  assert.equal(error.reason, "port-taken");
  assert(error.message.includes(String(fixture.arcade.port)));
  await other.restart();
});

Deno.test("unreadable data is reported and left alone", async () => {
  const damage: Record<string, (dataDir: string) => Promise<void>> = {
    "the key is missing": (dataDir) => Deno.remove(`${dataDir}/encryption.key`),
    "the key is truncated": (dataDir) => Deno.truncate(`${dataDir}/encryption.key`, 31),
    "the key is a different one": (dataDir) =>
      Deno.writeFile(`${dataDir}/encryption.key`, new Uint8Array(32)),
    "the database is garbage": (dataDir) =>
      Deno.writeTextFile(`${dataDir}/arcade.db`, "garbage".repeat(1000)),
    "the database is newer": (dataDir) => {
      const database = new DatabaseSync(`${dataDir}/arcade.db`);
      database.exec("PRAGMA user_version = 99");
      database.close();
      return Promise.resolve();
    },
  };
  for (const [what, change] of Object.entries(damage)) {
    assert.equal(await failureAfter(change), "data-unreadable", what);
  }
});

Deno.test("a file in place of the data folder is reported", async () => {
  const file = await Deno.makeTempFile();
  assert.equal((await failure(file)).reason, "data-unreadable");
  await Deno.remove(file);
});

Deno.test("an empty key file is replaced while no secrets are stored", async () => {
  await using fixture = await start();
  await fixture.arcade.stop();
  await Deno.truncate(`${fixture.dataDir}/encryption.key`, 0);
  await fixture.restart();
  const key = await Deno.readFile(`${fixture.dataDir}/encryption.key`);
  assert.equal(key.length, 32);
});

Deno.test("finished settles when the server is stopped", async () => {
  await using fixture = await start();
  await fixture.arcade.stop();
  await fixture.arcade.finished;
});

Deno.test("stopping does not wait for a client that never ends its request", async () => {
  await using fixture = await start();
  using connection = await Deno.connect({ port: fixture.arcade.port });
  const head = `POST /oauth2/token HTTP/1.1\r\nHost: 127.0.0.1:${fixture.arcade.port}\r\n` +
    "Expect: 100-continue\r\nContent-Length: 10\r\n\r\n";
  await connection.write(new TextEncoder().encode(head));
  // The server asks for the body, so the request is in progress.
  const answer = new Uint8Array(100);
  const size = await connection.read(answer) ?? 0;
  assert.match(new TextDecoder().decode(answer.subarray(0, size)), /^HTTP\/1\.1 100 /);
  await fixture.restart();
});

Deno.test("the log has method, path without query, status, and duration", async () => {
  const lines: unknown[] = [];
  let elapsed = 0;
  await using fixture = await start({
    onRequest: (line) => lines.push(line),
    elapsedMs: () => elapsed += 7,
  });
  lines.length = 0;
  await call(`${fixture.url}/v1/health?token=hidden`);
  await call(`${fixture.url}/api/v1/auth/whoami`);
  assert.deepEqual(lines, [
    { method: "GET", path: "/v1/health", status: 200, ms: 7 },
    { method: "GET", path: "/api/v1/auth/whoami", status: 401, ms: 7 },
  ]);
});

Deno.test("the log hides a token in the path", async () => {
  await using fixture = await start();
  const session = await signIn(fixture.url);
  const key = await apiKeyOf(fixture.url, session);
  fixture.log.length = 0;
  for (const token of [session.access, session.refresh, key]) {
    await call(`${fixture.url}/v1/${token}/x`);
  }
  assert.deepEqual(fixture.log, Array(3).fill("GET /v1/[hidden]/x 404"));
});
