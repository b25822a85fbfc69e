import assert from "node:assert/strict";
import { LocalArcadeError, startLocalArcade } from "../../src/local/mod.ts";
import { defaultDataFolder } from "../../src/local/model/data_folder.ts";
import { isAvailable, succeeds } from "../support/test_machine.ts";

const onUnix = Deno.build.os !== "windows";
const withoutRoot = !isAvailable(
  "root, to give files to another user",
  () => onUnix && Deno.uid() === 0,
);
const withoutPipes = !isAvailable("mkfifo", () => onUnix && succeeds("mkfifo", "--version"));

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
class Place implements Disposable {
  readonly path = Deno.realPathSync(Deno.makeTempDirSync());
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
      using place = new Place();
      await Deno.writeFile(place.elsewhere, KEY, { mode: 0o755 });
      await Deno.chmod(place.elsewhere, 0o755);
      await Deno.symlink(place.elsewhere, `${place.data}/${name}`);
      assert.match(await place.refusal(), new RegExp(`/data/${name} is a symlink`));
      assert.equal(modeOf(place.elsewhere), 0o755);
      assert.deepEqual(await Deno.readFile(place.elsewhere), KEY);
      assert.deepEqual(place.names(), [name]);
    },
  );

  Deno.test({ name: `a dangling symlink at ${name} is refused`, ignore: !onUnix }, async () => {
    using place = new Place();
    await Deno.symlink(place.elsewhere, `${place.data}/${name}`);
    assert.match(await place.refusal(), /is a symlink/);
    assert.throws(() => Deno.lstatSync(place.elsewhere), Deno.errors.NotFound);
  });

  Deno.test({ name: `a hard link at ${name} is refused`, ignore: !onUnix }, async () => {
    using place = new Place();
    await Deno.writeFile(place.elsewhere, KEY, { mode: 0o755 });
    await Deno.chmod(place.elsewhere, 0o755);
    await Deno.link(place.elsewhere, `${place.data}/${name}`);
    assert.match(await place.refusal(), new RegExp(`/data/${name} is a hard link`));
    assert.equal(modeOf(place.elsewhere), 0o755);
  });

  Deno.test(
    { name: `a pipe at ${name} is refused without waiting for it`, ignore: withoutPipes },
    async () => {
      using place = new Place();
      assert(succeeds("mkfifo", `${place.data}/${name}`));
      assert.match(await place.refusal(), new RegExp(`/data/${name} is not a regular file`));
    },
  );

  Deno.test({ name: `a folder at ${name} is refused`, ignore: !onUnix }, async () => {
    using place = new Place();
    await Deno.mkdir(`${place.data}/${name}`);
    assert.match(await place.refusal(), new RegExp(`/data/${name} is a folder`));
  });

  Deno.test(
    { name: `${name} is refused if it belongs to another user`, ignore: withoutRoot },
    async () => {
      using place = new Place();
      await Deno.writeFile(`${place.data}/${name}`, KEY, { mode: 0o600 });
      await Deno.chown(`${place.data}/${name}`, 65534, 65534);
      assert.match(await place.refusal(), new RegExp(`/data/${name} belongs to another user`));
      assert.deepEqual(await Deno.readFile(`${place.data}/${name}`), KEY);
      assert.deepEqual(place.names(), [name]);
    },
  );
}

Deno.test(
  {
    name: "the home in the data folder must be a folder, not a symlink or a file",
    ignore: !onUnix,
  },
  async () => {
    using place = new Place();
    const home = `${place.data}/home`;
    await Deno.mkdir(place.elsewhere, { mode: 0o755 });
    await Deno.chmod(place.elsewhere, 0o755);
    await Deno.symlink(place.elsewhere, home);
    assert.match(await place.refusal(), /\/data\/home is not a folder/);
    assert.equal(modeOf(place.elsewhere), 0o755);
    await Deno.remove(home);
    await Deno.writeTextFile(home, "");
    assert.match(await place.refusal(), /\/data\/home is not a folder/);
  },
);

Deno.test(
  {
    name: "the home in the data folder is refused if it belongs to another user",
    ignore: withoutRoot,
  },
  async () => {
    using place = new Place();
    await Deno.mkdir(`${place.data}/home`, { mode: 0o700 });
    await Deno.chown(`${place.data}/home`, 65534, 65534);
    assert.match(await place.refusal(), /\/data\/home belongs to another user/);
  },
);

Deno.test({
  name: "a data folder that others can write to is refused and unchanged",
  ignore: !onUnix,
}, async () => {
  using place = new Place();
  for (const mode of [0o777, 0o1777, 0o775, 0o702]) {
    await Deno.chmod(place.data, mode);
    assert.match(await place.refusal(), /other users can write to it; run `chmod go-w \S+\/data`/);
    assert.equal((Deno.statSync(place.data).mode ?? 0) & 0o7777, mode);
    assert.deepEqual(place.names(), []);
  }
});

Deno.test({ name: "a data folder of another user is refused", ignore: withoutRoot }, async () => {
  using place = new Place();
  await Deno.chown(place.data, 65534, 65534);
  assert.match(await place.refusal(), /\/data belongs to another user/);
  assert.deepEqual(place.names(), []);
});

Deno.test(
  { name: "a symlink to the user's own data folder is followed", ignore: !onUnix },
  async () => {
    using place = new Place();
    await Deno.symlink(place.data, place.elsewhere);
    const arcade = await startLocalArcade({ dataDir: place.elsewhere, port: 0 });
    await arcade.stop();
    assert.deepEqual(place.names(), ["arcade.db", "arcade.lock", "encryption.key"]);
  },
);

Deno.test("a start that is interrupted while it waits for the lock leaves the data alone", async () => {
  using place = new Place();
  const owner = await startLocalArcade({ dataDir: place.data, port: 0 });
  const interruption = new AbortController();
  const waiting = startLocalArcade({ dataDir: place.data, port: 0, signal: interruption.signal });
  const reason = new Error("interrupted");
  interruption.abort(reason);
  await assert.rejects(waiting, reason);
  await owner.stop();
  const next = await startLocalArcade({ dataDir: place.data, port: 0 });
  await next.stop();
});

Deno.test("the data is in the Arcade folder, unless that is inside the data itself", async () => {
  using place = new Place();
  const { data } = place;
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
