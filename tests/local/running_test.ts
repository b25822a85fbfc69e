import assert from "node:assert/strict";
import { LocalArcadeError, startLocalArcade } from "../../src/local/mod.ts";
import { type Fixture, start } from "./harness.ts";
import { AwaitedLocks } from "../support/locks.ts";

function addressFile(dataDir: string): string {
  return `${dataDir}/arcade.address`;
}

function isFile(path: string): boolean {
  try {
    return Deno.lstatSync(path).isFile;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return false;
  }
}

async function refusal(dataDir: string, port = 0): Promise<LocalArcadeError> {
  try {
    await (await startLocalArcade({ dataDir, port })).stop();
  } catch (error) {
    assert(error instanceof LocalArcadeError, String(error));
    return error;
  }
  assert.fail("The local Arcade started");
}

/** A data folder with the address of a local Arcade that no longer runs. */
async function abandoned(address: string): Promise<Fixture> {
  const fixture = await start();
  await fixture.arcade.stop();
  await Deno.writeTextFile(addressFile(fixture.dataDir), address, { mode: 0o600 });
  return fixture;
}

/** Locks a data folder, as another process does. */
async function hold(dataDir: string): Promise<Deno.FsFile> {
  const file = await Deno.open(`${dataDir}/arcade.lock`, { write: true });
  await file.lock(true);
  return file;
}

/** An address where nothing listens. */
function unusedAddress(): string {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  listener.close();
  return `http://127.0.0.1:${listener.addr.port}`;
}

Deno.test("a second start reports the address of the first, also on the same port", async () => {
  await using _locks = new AwaitedLocks();
  await using fixture = await start();
  for (const port of [0, fixture.arcade.port]) {
    const { reason, address, message } = await refusal(fixture.dataDir, port);
    assert.deepEqual([reason, address], ["data-in-use", fixture.url]);
    assert.equal(message, `A local Arcade is already running at ${fixture.url}`);
  }
});

Deno.test("the address left by a killed local Arcade is ignored", async () => {
  await using other = await start();
  for (const address of [other.url, unusedAddress()]) {
    await using fixture = await abandoned(address);
    await fixture.restart();
    assert.equal(await Deno.readTextFile(addressFile(fixture.dataDir)), `${fixture.url}\n`);
  }
});

Deno.test("the lock decides, even if the local Arcade does not listen", async () => {
  await using _locks = new AwaitedLocks();
  const address = unusedAddress();
  await using fixture = await abandoned(address);
  const lock = await hold(fixture.dataDir);
  const refused = await refusal(fixture.dataDir);
  assert.deepEqual([refused.reason, refused.address], ["data-in-use", address]);
  lock.close();
});

Deno.test("an invalid address is not reported", async () => {
  await using _locks = new AwaitedLocks();
  const texts = [
    "http://127.0.0.1",
    "https://127.0.0.1:1",
    "http://user@127.0.0.1:1",
    "http://[::1:1",
    "http://127.0.0.1:99999",
    "http://127.0.0.1:1\nhttp://127.0.0.1:1",
  ];
  await Promise.all(texts.map(async (text) => {
    await using fixture = await abandoned(text);
    const lock = await hold(fixture.dataDir);
    const { reason, address, message } = await refusal(fixture.dataDir);
    assert.deepEqual([reason, address], ["data-in-use", undefined], text);
    assert.match(message, /is in use by another local Arcade$/);
    lock.close();
  }));
});

Deno.test("a server removes only its own address, as soon as it is asked to stop", async () => {
  await using fixture = await start();
  const file = addressFile(fixture.dataDir);
  const first = fixture.arcade;
  assert(isFile(file));
  const stopping = first.stop();
  assert(!isFile(file));
  await stopping;
  await fixture.restart();
  await first.stop();
  assert(isFile(file));
});

Deno.test("a start that fails leaves no address", async () => {
  await using fixture = await start();
  await using other = await abandoned(fixture.url);
  assert.equal((await refusal(other.dataDir, fixture.arcade.port)).reason, "port-taken");
  assert(!isFile(addressFile(other.dataDir)));
});
