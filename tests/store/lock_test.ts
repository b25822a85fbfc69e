import assert from "node:assert/strict";
import { Failure } from "../../src/failure.ts";
import { withLock } from "../../src/store/lock.ts";

const NAME = ".credentials.lock";

Deno.test("withLock() lets one in at a time, and gives the result on", async () => {
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
  assert.equal((Deno.statSync(`${folder}/${NAME}`).mode ?? 0) & 0o777, 0o600);
  Deno.removeSync(folder, { recursive: true });
});

Deno.test("withLock() frees the lock when the work fails", async () => {
  const folder = Deno.makeTempDirSync();
  await assert.rejects(withLock(folder, NAME, () => Promise.reject(new Error("failed"))), /failed/);
  assert.equal(await withLock(folder, NAME, () => "free", { timeoutMs: 5000 }), "free");
  Deno.removeSync(folder, { recursive: true });
});

Deno.test("withLock() gives up after its time, while another holds the lock", async () => {
  const folder = Deno.makeTempDirSync();
  const release = Promise.withResolvers<void>();
  const held = Promise.withResolvers<void>();
  const holder = withLock(folder, NAME, () => {
    held.resolve();
    return release.promise;
  });
  await held.promise;
  await assert.rejects(
    withLock(folder, NAME, () => assert.fail("came in"), { timeoutMs: 20 }),
    (error) =>
      error instanceof Failure && error.kind === "file" && /Another process/.test(error.message),
  );
  release.resolve();
  await holder;
  assert.equal(await withLock(folder, NAME, () => "free"), "free");
  Deno.removeSync(folder, { recursive: true });
});

Deno.test({
  name: "withLock() waits for flock of another program, and is seen by it",
  ignore: Deno.build.os !== "linux", // elsewhere there is no program for it
}, async () => {
  const folder = Deno.makeTempDirSync();
  // As Python's fcntl.flock does it: `flock` of util-linux holds the lock until its input ends.
  const holder = new Deno.Command("flock", {
    args: [`${folder}/${NAME}`, "sh", "-c", "echo held; cat"],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  await holder.stdout.getReader().read();
  await assert.rejects(withLock(folder, NAME, () => "in", { timeoutMs: 20 }), Failure);
  await holder.stdin.close();
  await holder.status;
  await withLock(folder, NAME, async () => {
    const { success } = await new Deno.Command("flock", {
      args: ["-n", `${folder}/${NAME}`, "true"],
    }).output();
    assert.equal(success, false);
  });
  Deno.removeSync(folder, { recursive: true });
});

Deno.test("withLock() does not wait for a pipe, or follow a symlink, where the lock belongs", async () => {
  for (const place of ["pipe", "symlink"]) {
    const folder = Deno.makeTempDirSync();
    if (place === "symlink") Deno.symlinkSync(`${folder}/elsewhere`, `${folder}/${NAME}`);
    else new Deno.Command("mkfifo", { args: [`${folder}/${NAME}`] }).outputSync();
    await assert.rejects(withLock(folder, NAME, () => "never"), Failure);
    assert.throws(() => Deno.statSync(`${folder}/elsewhere`), Deno.errors.NotFound);
    Deno.removeSync(folder, { recursive: true });
  }
});
