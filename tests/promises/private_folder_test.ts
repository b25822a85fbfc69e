/** Tests how commands restrict folders on Windows before they store secrets, with fake Windows programs. */

import assert from "node:assert/strict";
import { InProcess, InProcessArcade } from "../support/in_process.ts";
import { FakeWindows } from "../support/fake_windows.ts";

const IDENTITY = ["identity", "add", "--hub", "musehub.ai", "--agent", "--name", "a", "--id", "1"];

function names(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
}

/** Runs a test with fake Windows programs and the paths of another system. */
function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, ignore: Deno.build.os === "windows", fn });
}

test("`login` restricts the folder before it stores a token", async () => {
  await using arcade = await InProcessArcade.start();
  const { home } = arcade;
  const windows = new FakeWindows();
  windows.onRun = () => assert(!home.files().includes("credentials.yaml"));
  const { code, stderr, givenUp } = await home.run(["login", "--callback-port", "0"], { windows });
  assert.equal(code, 0, stderr);
  assert.equal(windows.restricted[0]?.[0], Deno.realPathSync(home.folder));
  assert(!givenUp.includes("run"));
});

test("`login` stores nothing in a folder that cannot be restricted, and `logout` still removes a login", async () => {
  await using arcade = await InProcessArcade.start();
  const { home } = arcade;
  const windows = new FakeWindows();
  windows.failing.add("icacls.exe");
  const login = await home.run(["login", "--callback-port", "0"], { windows });
  assert.equal(login.code, 1);
  assert.match(login.stderr, /Cannot restrict .*NTFS/s);
  assert(!home.files().includes("credentials.yaml"));
  assert.deepEqual(arcade.requests.filter(({ path }) => path.includes("token")), []);
  await arcade.logIn();
  const logout = await home.run(["logout"], { windows });
  assert.equal(logout.code, 0, logout.stderr);
  assert(!home.files().includes("credentials.yaml"));
});

test("`identity add` restricts the folder of ARCADE_IDENTITY_FILE, and keeps the permission to do so", async () => {
  using home = new InProcess();
  const folder = `${home.path}/elsewhere`;
  const windows = new FakeWindows();
  windows.onRun = () => assert(!names(folder).includes("identity.toml"));
  const world = {
    windows,
    env: { ARCADE_IDENTITY_FILE: `${folder}/identity.toml` },
    stdin: ["a-token\n"],
  };
  const add = await home.run([...IDENTITY, "--token-stdin"], world);
  assert.equal(add.code, 0, add.stderr);
  assert(!add.givenUp.includes("run"));
  assert.deepEqual(windows.restricted.map(([path]) => path), [Deno.realPathSync(folder)]);
  windows.failing.add("icacls.exe");
  windows.onRun = () => {};
  Deno.writeTextFileSync(`${folder}/notes.txt`, "");
  const again = await home.run([...IDENTITY, "--token-stdin"], { ...world, stdin: ["other\n"] });
  assert.equal(again.code, 1);
  assert.match(again.stderr, /Other users may be able to read/);
  assert.doesNotMatch(Deno.readTextFileSync(`${folder}/identity.toml`), /other/);
  const removal = await home.run(["identity", "remove", "--hub", "musehub.ai", "--yes"], world);
  assert.equal(removal.code, 0, removal.stderr);
});

test("`local serve` restricts its data before it creates the key, or does not start", async () => {
  for (const isRefused of [false, true]) {
    using home = new InProcess();
    const data = `${home.path}/data`;
    const windows = new FakeWindows();
    windows.onRun = () => assert.deepEqual(names(data), []);
    if (isRefused) windows.failing.add("icacls.exe");
    const stop = new AbortController();
    const { code, stderr } = await home.run(["local", "serve", "--data", data, "--port", "0"], {
      windows,
      interruption: stop.signal,
      onStdout: () => stop.abort(),
    });
    assert.deepEqual(windows.restricted.map(([path]) => path), [Deno.realPathSync(data)]);
    if (!isRefused) continue;
    assert.equal(code, 1);
    assert.match(stderr, /Cannot restrict .* to you/);
    assert.deepEqual(names(data), []);
  }
});
