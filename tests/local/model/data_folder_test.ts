import assert from "node:assert/strict";
import { LocalArcadeError, startLocalArcade } from "../../../src/local/mod.ts";
import { defaultDataFolder } from "../../../src/local/model/data_folder.ts";
import { succeeds } from "../../support/test_machine.ts";
import { shellWord } from "../../../src/text/shell_word.ts";
import { ORDINARY, withoutOtherOwners } from "../../support/users.ts";
import { withoutPipes } from "../../support/programs.ts";

const onUnix = Deno.build.os !== "windows";

const FILES = [
  "arcade.address",
  "arcade.db",
  "arcade.db-journal",
  "arcade.db-shm",
  "arcade.db-wal",
  "arcade.lock",
  "encryption.key",
];
const KEY = new Uint8Array(32).fill(7);

/** A data folder, and a path outside it. */
class Fixture implements Disposable {
  readonly path = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "a blank ü " }));
  readonly data = `${this.path}/data`;
  readonly elsewhere = `${this.path}/elsewhere`;

  constructor() {
    Deno.mkdirSync(this.data, { mode: 0o700 });
  }

  /** The message with which the local Arcade refuses to start. */
  async refusal(): Promise<string> {
    try {
      const arcade = await startLocalArcade({ dataDir: this.data, port: 0 });
      await arcade.stop();
    } catch (error) {
      assert(error instanceof LocalArcadeError, String(error));
      assert.equal(error.reason, "data-unreadable");
      return error.message;
    }
    assert.fail("The local Arcade started");
  }

  names(): string[] {
    return [...Deno.readDirSync(this.data)].map(({ name }) => name).sort();
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.path, { recursive: true });
  }
}

function modeOf(path: string): number {
  return (Deno.statSync(path).mode ?? 0) & 0o777;
}

for (const name of FILES) {
  Deno.test(
    { name: `a symlink at ${name} is refused, and its target is unchanged`, ignore: !onUnix },
    async () => {
      using fixture = new Fixture();
      await Deno.writeFile(fixture.elsewhere, KEY, { mode: 0o755 });
      await Deno.chmod(fixture.elsewhere, 0o755);
      await Deno.symlink(fixture.elsewhere, `${fixture.data}/${name}`);
      assert.match(await fixture.refusal(), new RegExp(`/data/${name} is a symlink`));
      assert.equal(modeOf(fixture.elsewhere), 0o755);
      assert.deepEqual(await Deno.readFile(fixture.elsewhere), KEY);
      assert.deepEqual(fixture.names(), [name]);
    },
  );

  Deno.test({ name: `a dangling symlink at ${name} is refused`, ignore: !onUnix }, async () => {
    using fixture = new Fixture();
    await Deno.symlink(fixture.elsewhere, `${fixture.data}/${name}`);
    assert.match(await fixture.refusal(), /is a symlink/);
    assert.throws(() => Deno.lstatSync(fixture.elsewhere), Deno.errors.NotFound);
  });

  Deno.test({ name: `a hard link at ${name} is refused`, ignore: !onUnix }, async () => {
    using fixture = new Fixture();
    await Deno.writeFile(fixture.elsewhere, KEY, { mode: 0o755 });
    await Deno.chmod(fixture.elsewhere, 0o755);
    await Deno.link(fixture.elsewhere, `${fixture.data}/${name}`);
    assert.match(await fixture.refusal(), new RegExp(`/data/${name} is a hard link`));
    assert.equal(modeOf(fixture.elsewhere), 0o755);
  });

  Deno.test(
    { name: `a pipe at ${name} is refused without waiting for it`, ignore: withoutPipes },
    async () => {
      using fixture = new Fixture();
      assert(succeeds("mkfifo", `${fixture.data}/${name}`));
      assert.match(await fixture.refusal(), new RegExp(`/data/${name} is not a regular file`));
    },
  );

  Deno.test({ name: `a folder at ${name} is refused`, ignore: !onUnix }, async () => {
    using fixture = new Fixture();
    await Deno.mkdir(`${fixture.data}/${name}`);
    assert.match(await fixture.refusal(), new RegExp(`/data/${name} is a folder`));
  });

  Deno.test(
    { name: `${name} is refused if it belongs to another user`, ignore: withoutOtherOwners },
    async () => {
      using fixture = new Fixture();
      await Deno.writeFile(`${fixture.data}/${name}`, KEY, { mode: 0o600 });
      await Deno.chown(`${fixture.data}/${name}`, ORDINARY, ORDINARY);
      assert.match(await fixture.refusal(), new RegExp(`/data/${name} belongs to another user`));
      assert.deepEqual(await Deno.readFile(`${fixture.data}/${name}`), KEY);
      assert.deepEqual(fixture.names(), [name]);
    },
  );
}

Deno.test(
  {
    name: "the home in the data folder must be a folder, not a symlink or a file",
    ignore: !onUnix,
  },
  async () => {
    using fixture = new Fixture();
    const home = `${fixture.data}/home`;
    await Deno.mkdir(fixture.elsewhere, { mode: 0o755 });
    await Deno.chmod(fixture.elsewhere, 0o755);
    await Deno.symlink(fixture.elsewhere, home);
    assert.match(await fixture.refusal(), /\/data\/home is not a folder/);
    assert.equal(modeOf(fixture.elsewhere), 0o755);
    await Deno.remove(home);
    await Deno.writeTextFile(home, "");
    assert.match(await fixture.refusal(), /\/data\/home is not a folder/);
  },
);

Deno.test(
  {
    name: "the home in the data folder is refused if it belongs to another user",
    ignore: withoutOtherOwners,
  },
  async () => {
    using fixture = new Fixture();
    await Deno.mkdir(`${fixture.data}/home`, { mode: 0o700 });
    await Deno.chown(`${fixture.data}/home`, ORDINARY, ORDINARY);
    assert.match(await fixture.refusal(), /\/data\/home belongs to another user/);
  },
);

Deno.test({
  name: "a data folder that others can write to is refused and unchanged",
  ignore: !onUnix,
}, async () => {
  using fixture = new Fixture();
  for (const mode of [0o777, 0o1777, 0o775, 0o702]) {
    await Deno.chmod(fixture.data, mode);
    const refusal = await fixture.refusal();
    const command = `chmod go-w ${shellWord(fixture.data)}`;
    assert(refusal.includes(`other users can write to it; run \`${command}\``), refusal);
    assert.equal((Deno.statSync(fixture.data).mode ?? 0) & 0o7777, mode);
    assert.deepEqual(fixture.names(), []);
  }
});

Deno.test(
  { name: "a data folder of another user is refused", ignore: withoutOtherOwners },
  async () => {
    using fixture = new Fixture();
    await Deno.chown(fixture.data, ORDINARY, ORDINARY);
    assert.match(await fixture.refusal(), /\/data belongs to another user/);
    assert.deepEqual(fixture.names(), []);
  },
);

Deno.test(
  { name: "a symlink to the user's own data folder is followed", ignore: !onUnix },
  async () => {
    using fixture = new Fixture();
    await Deno.symlink(fixture.data, fixture.elsewhere);
    const arcade = await startLocalArcade({ dataDir: fixture.elsewhere, port: 0 });
    await arcade.stop();
    assert.deepEqual(fixture.names(), ["arcade.db", "arcade.lock", "encryption.key", "env.json"]);
  },
);

Deno.test("a start that is interrupted while it waits for the lock leaves the data alone", async () => {
  using fixture = new Fixture();
  const owner = await startLocalArcade({ dataDir: fixture.data, port: 0 });
  const interruption = new AbortController();
  const waiting = startLocalArcade({ dataDir: fixture.data, port: 0, signal: interruption.signal });
  const reason = new Error("interrupted");
  interruption.abort(reason);
  await assert.rejects(waiting, reason);
  await owner.stop();
  const next = await startLocalArcade({ dataDir: fixture.data, port: 0 });
  await next.stop();
});

Deno.test("the data is in the Arcade folder, unless that is inside the data itself", async () => {
  using fixture = new Fixture();
  const { data } = fixture;
  assert.equal(defaultDataFolder("/home/me/.arcade"), "/home/me/.arcade/local");
  assert.equal(defaultDataFolder(data), `${data}/local`);
  const inside = [`${data}/home`, `${data}/home/.arcade`];
  // There is no data yet.
  for (const folder of inside) assert.equal(defaultDataFolder(folder), `${folder}/local`);
  await (await startLocalArcade({ dataDir: data, port: 0 })).stop();
  for (const folder of inside) assert.equal(defaultDataFolder(folder), data);
  assert.equal(defaultDataFolder(data), `${data}/local`);
  assert.equal(defaultDataFolder(`${data}/home/other`), `${data}/home/other/local`);
});
