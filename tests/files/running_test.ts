import assert from "node:assert/strict";
import { Failure } from "../../src/failure.ts";
import { isProven, noteProof } from "../../src/files/proven_logins.ts";
import { runningFolder } from "../../src/files/arcade_folder.ts";
import { listRunning, readRunning, register, type RunningArcade } from "../../src/files/running.ts";
import { ORDINARY, withoutOtherOwners } from "../support/users.ts";

const ARCADE: RunningArcade = {
  address: "http://127.0.0.1:9099",
  socket: "/tmp/x/arcade.sock",
  key: "key",
  pid: 1,
  data: "/tmp/x",
};
const LOGIN = { contextName: "local", coordinatorUrl: ARCADE.address };

async function inFolder(test: (folder: string) => void): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Everything that uses the folder of the registrations refuses it. */
function assertRefused(folder: string, message: RegExp): void {
  const isRefused = (error: unknown) =>
    error instanceof Failure && error.kind === "file" && message.test(error.message);
  assert.throws(() => readRunning(folder, 9099), isRefused);
  assert.throws(() => register(folder, ARCADE), isRefused);
  assert.throws(() => isProven(folder, LOGIN), isRefused);
  assert.throws(() => noteProof(folder, LOGIN, true), isRefused);
  assert.deepEqual(listRunning(folder), []);
}

Deno.test({
  name: "a folder of registrations that another user made is not used",
  ignore: withoutOtherOwners,
}, () =>
  inFolder((folder) => {
    const running = runningFolder(folder);
    Deno.mkdirSync(running);
    Deno.chownSync(running, ORDINARY, ORDINARY);
    assertRefused(folder, /running belongs to another user$/);
    assert.deepEqual([...Deno.readDirSync(running)], []);
  }));

Deno.test({
  name: "a symlink in place of the folder of registrations is not followed",
  ignore: Deno.build.os === "windows",
}, () =>
  inFolder((folder) => {
    Deno.mkdirSync(`${folder}/elsewhere`);
    Deno.symlinkSync(`${folder}/elsewhere`, runningFolder(folder));
    assertRefused(folder, /running is a symlink or a file/);
    assert.deepEqual([...Deno.readDirSync(`${folder}/elsewhere`)], []);
  }));

Deno.test({
  name: "a socket in a folder that another user made is not used",
  ignore: withoutOtherOwners,
}, () =>
  inFolder((folder) => {
    const data = `${folder}/data`;
    Deno.mkdirSync(data, { mode: 0o700 });
    register(folder, { ...ARCADE, socket: `${data}/arcade.sock`, data });
    assert.ok(readRunning(folder, 9099));
    Deno.chownSync(data, ORDINARY, ORDINARY);
    assert.throws(() => readRunning(folder, 9099), /data belongs to another user$/);
    assert.deepEqual(listRunning(folder), []);
    Deno.removeSync(data);
    assert.ok(readRunning(folder, 9099)); // no program can be reached there
  }));

Deno.test({
  name: "a registration makes its folder private, whatever registrations are in it",
  ignore: Deno.build.os === "windows",
}, () =>
  inFolder((folder) => {
    register(folder, ARCADE);
    noteProof(folder, LOGIN, true);
    Deno.chmodSync(runningFolder(folder), 0o777);
    register(folder, { ...ARCADE, address: "http://127.0.0.1:9100", data: "/tmp/y" });
    assert.equal((Deno.statSync(runningFolder(folder)).mode ?? 0) & 0o777, 0o700);
    assert.deepEqual(listRunning(folder).map(({ address }) => address), [
      "http://127.0.0.1:9099",
      "http://127.0.0.1:9100",
    ]);
    assert.ok(isProven(folder, LOGIN));
  }));

Deno.test("a local Arcade that stops removes only its own registration", () => {
  const folder = Deno.makeTempDirSync();
  const arcade = { address: "http://127.0.0.1:5123", socket: undefined, pid: 1, data: "/" };
  const remove = register(folder, { ...arcade, key: "first" });
  const removeNext = register(folder, { ...arcade, key: "second" });
  remove();
  assert.equal(readRunning(folder, 5123)?.key, "second");
  removeNext();
  assert.equal(readRunning(folder, 5123), undefined);
  Deno.removeSync(folder, { recursive: true });
});
