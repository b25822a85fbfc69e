import assert from "node:assert/strict";
import { AwaitedLocks } from "../support/locks.ts";
import { Failure } from "../../src/failure.ts";
import { withLock } from "../../src/files/lock.ts";
import { areInstalled, withoutPipes } from "../support/programs.ts";
import { assertMode } from "../support/modes.ts";

const NAME = ".credentials.lock";

Deno.test("withLock() runs one holder at a time and returns its result", async () => {
  const folder = Deno.makeTempDirSync();
  let inside = 0;
  const results = await Promise.all([1, 2, 3, 4].map((n) =>
    withLock(folder, NAME, async () => {
      inside++;
      assert.equal(inside, 1);
      await Promise.resolve();
      inside--;
      return n;
    })
  ));
  assert.deepEqual(results, [1, 2, 3, 4]);
  assertMode(`${folder}/${NAME}`, 0o600);
  Deno.removeSync(folder, { recursive: true });
});

Deno.test("withLock() releases the lock when the work fails", async () => {
  const folder = Deno.makeTempDirSync();
  await assert.rejects(withLock(folder, NAME, () => Promise.reject(new Error("failed"))), /failed/);
  assert.equal(await withLock(folder, NAME, () => "free", { timeoutMs: 5000 }), "free");
  Deno.removeSync(folder, { recursive: true });
});

Deno.test("withLock() times out while another process holds the lock", async () => {
  await using _locks = new AwaitedLocks();
  const folder = Deno.makeTempDirSync();
  const release = Promise.withResolvers<void>();
  const held = Promise.withResolvers<void>();
  const holder = withLock(folder, NAME, () => {
    held.resolve();
    return release.promise;
  });
  await held.promise;
  await assert.rejects(
    withLock(folder, NAME, () => assert.fail("The work ran without the lock"), { timeoutMs: 20 }),
    (error) =>
      error instanceof Failure && error.kind === "file" && /Another process/.test(error.message),
  );
  release.resolve();
  await holder;
  assert.equal(await withLock(folder, NAME, () => "free"), "free");
  Deno.removeSync(folder, { recursive: true });
});

Deno.test({
  name: "withLock() excludes programs that use flock",
  ignore: Deno.build.os !== "linux" || !areInstalled("flock"),
}, async () => {
  await using _locks = new AwaitedLocks();
  const folder = Deno.makeTempDirSync();
  // Like Python's fcntl.flock. `flock` of util-linux holds the lock until its input ends.
  const holder = new Deno.Command("flock", {
    args: [`${folder}/${NAME}`, "sh", "-c", "echo held; cat"],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const output = holder.stdout.getReader();
  await output.read();
  await assert.rejects(withLock(folder, NAME, () => "in", { timeoutMs: 20 }), Failure);
  await holder.stdin.close();
  await output.cancel();
  await holder.status;
  await withLock(folder, NAME, async () => {
    const { success } = await new Deno.Command("flock", {
      args: ["-n", `${folder}/${NAME}`, "true"],
    }).output();
    assert.equal(success, false);
  });
  Deno.removeSync(folder, { recursive: true });
});

Deno.test({
  name: "withLock() neither waits for a pipe nor follows a symlink at the path of the lock",
  ignore: withoutPipes,
}, async () => {
  for (const place of ["pipe", "symlink"]) {
    const folder = Deno.makeTempDirSync();
    if (place === "symlink") Deno.symlinkSync(`${folder}/elsewhere`, `${folder}/${NAME}`);
    else new Deno.Command("mkfifo", { args: [`${folder}/${NAME}`] }).outputSync();
    await assert.rejects(withLock(folder, NAME, () => "never"), Failure);
    assert.throws(() => Deno.statSync(`${folder}/elsewhere`), Deno.errors.NotFound);
    Deno.removeSync(folder, { recursive: true });
  }
});
