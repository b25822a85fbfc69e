import assert from "node:assert/strict";
import {
  addressOf,
  assertRefused,
  isAvailable,
  open,
  type ProcessOptions,
  ServerProcess,
  succeeds,
  TestMachine,
} from "../../support/test_machine.ts";
import { Answers, json } from "../../support/answers.ts";
import { SmallDisk, withoutMounts } from "../../support/small_disk.ts";
import { namesIn } from "../../support/in_process.ts";

const REFRESHED = "200 POST /oauth2/token";
const LOGIN = ["login", "--callback-port", "0", "--no-browser"];

const isPosix = Deno.build.os !== "windows";
const isRoot = Deno.uid() === 0;

/** Root drops the capability to write everywhere. */
const ORDINARY: ProcessOptions = isRoot
  ? { through: ["setpriv", "--bounding-set=-dac_override,-dac_read_search,-fowner"] }
  : {};
const withoutOrdinary = !isAvailable(
  "enforced file permissions: not Windows, and setpriv for root",
  () => isPosix && (!isRoot || succeeds("setpriv", "--version")),
);

Deno.test(
  { name: "on a full disk no file and no token is lost", ignore: withoutMounts },
  async (t) => {
    await using machine = new TestMachine();
    using disk = new SmallDisk(machine.home);
    const server = await machine.serveInProcess();
    const full = /the disk is full\n {2}Free some space and try again/;

    await t.step("a login fails before it opens the browser", async () => {
      disk.fill();
      assertRefused(await machine.run(LOGIN), 1, full);
      assert.equal(await server.count("302 GET /oauth2/authorize"), 0);
      disk.free();
    });

    await t.step("a login that cannot store its tokens revokes them", async () => {
      const login = machine.start(LOGIN);
      const address = await addressOf(login);
      disk.fill();
      assert.match(await open(address), /Login failed/);
      const { code, stderr } = await login.end();
      assert.equal(code, 1);
      assert.match(stderr, full);
      assert.equal(await server.count("200 POST /oauth2/revoke"), 1);
      disk.free();
      assert.equal((await machine.run(["whoami"])).code, 4);
    });

    await t.step("a refresh is not attempted", async () => {
      await machine.logIn();
      machine.makeTokenDue();
      const before = await Deno.readTextFile(machine.credentials);
      const refreshes = await server.count(REFRESHED);
      disk.fill();
      for (const args of [["org", "list"], ["secret", "list"], ["secret", "set", "KEY=value"]]) {
        assertRefused(await machine.run(args), 1, full);
      }
      assert.equal(await server.count(REFRESHED), refreshes);
      assert.equal(await Deno.readTextFile(machine.credentials), before);
      assert.equal((await machine.run(["whoami"])).code, 0);
      disk.free();
      assert.equal((await machine.run(["secret", "list"])).code, 0);
      assert.equal(await server.count(REFRESHED), refreshes + 1);
    });

    await t.step("a switch of the organization changes nothing", async () => {
      const { organization_id = "" } = await machine.post("/api/v1/orgs", { name: "Second" });
      const before = await Deno.readTextFile(machine.credentials);
      disk.fill();
      assertRefused(await machine.run(["org", "set", organization_id]), 1, full);
      assert.equal(await Deno.readTextFile(machine.credentials), before);
      assert.deepEqual(namesIn(machine.folder), [".credentials.lock", "credentials.yaml"]);
    });

    await t.step("a logout works", async () => {
      const { code, stderr } = await machine.run(["logout"]);
      assert.equal(code, 0, stderr);
      assert.deepEqual(namesIn(machine.folder), [".credentials.lock"]);
    });
  },
);

Deno.test(
  { name: "a read-only disk is reported, and nothing changes", ignore: withoutMounts },
  async () => {
    await using machine = new TestMachine();
    using disk = new SmallDisk(machine.home);
    const server = await machine.serveInProcess();
    const reason = /read-only|permission denied/i;
    disk.remount("ro");
    assertRefused(await machine.run(LOGIN), 1, reason);
    assertRefused(await machine.run(["whoami"]), 4, /Not logged in/);
    disk.remount("rw");
    await machine.logIn();
    const before = await Deno.readTextFile(machine.credentials);
    disk.remount("ro");
    for (
      const args of [["whoami"], ["org", "list"], ["secret", "set", "KEY=value"], [
        "secret",
        "list",
      ]]
    ) {
      const { code, stderr } = await machine.run(args);
      assert.equal(code, 0, stderr);
    }
    for (const args of [["org", "set", "Default organization"], ["logout"]]) {
      assertRefused(await machine.run(args), 1, reason);
    }
    disk.remount("rw");
    machine.makeTokenDue();
    disk.remount("ro");
    const refreshes = await server.count(REFRESHED);
    assertRefused(await machine.run(["org", "list"]), 1, reason);
    assert.equal(await server.count(REFRESHED), refreshes);
    disk.remount("rw");
    assert.equal((await machine.run(["org", "list"])).code, 0);
    assert.notEqual(await Deno.readTextFile(machine.credentials), before);
  },
);

Deno.test({
  name: "an unwritable folder and an unreadable file are reported",
  ignore: withoutOrdinary,
}, async () => {
  await using machine = await TestMachine.loggedIn();
  machine.makeTokenDue();
  const before = await Deno.readTextFile(machine.credentials);
  const refreshes = await machine.server.count(REFRESHED);
  const reason = /permission denied\n {2}Check its owner/;
  Deno.chmodSync(machine.folder, 0o500);
  assert.equal((await machine.run(["whoami"], ORDINARY)).code, 0);
  for (const args of [["org", "list"], ["org", "set", "Default organization"], ["logout"]]) {
    assertRefused(await machine.run(args, ORDINARY), 1, reason);
  }
  assert.equal(await machine.server.count(REFRESHED), refreshes);
  assert.equal(await Deno.readTextFile(machine.credentials), before);

  Deno.chmodSync(machine.folder, 0o700);
  Deno.chmodSync(machine.credentials, 0o000);
  for (const args of [["whoami"], ["org", "list"], ["logout"], LOGIN]) {
    assertRefused(await machine.run(args, ORDINARY), 1, reason);
  }
  Deno.chmodSync(machine.credentials, 0o600);
  assert.equal(await Deno.readTextFile(machine.credentials), before);

  Deno.chmodSync(machine.home, 0o500);
  const env = { ARCADE_WORK_DIR: undefined, HOME: `${machine.home}/missing` };
  assertRefused(await machine.run(LOGIN, { ...ORDINARY, env }), 1, reason);
  assertRefused(await machine.run(["whoami"], { ...ORDINARY, env }), 4, /Not logged in/);
  Deno.chmodSync(machine.home, 0o700);
});

Deno.test(
  { name: "files and folders that were open to others become private", ignore: !isPosix },
  async () => {
    await using machine = await TestMachine.loggedIn();
    const modeOf = (path: string) => (Deno.statSync(path).mode ?? 0) & 0o777;
    Deno.chmodSync(machine.folder, 0o755);
    Deno.chmodSync(machine.credentials, 0o644);
    assert.equal((await machine.run(["org", "set", "Default organization"])).code, 0);
    assert.equal(modeOf(machine.folder), 0o700);
    assert.equal(modeOf(machine.credentials), 0o600);
    for (const name of ["arcade.db", "encryption.key"]) {
      assert.equal(modeOf(`${machine.server.data}/${name}`), 0o600);
    }
  },
);

Deno.test("a missing home is created, and an unknown or invalid one is reported", async () => {
  await using machine = new TestMachine();
  await machine.serveInProcess();
  const missing = { ARCADE_WORK_DIR: undefined, HOME: `${machine.path}/missing/home` };
  assertRefused(await machine.run(["whoami"], { env: missing }), 4, /Not logged in/);
  await machine.logIn({ env: missing });
  assert.equal((await machine.run(["whoami"], { env: missing })).code, 0);

  const unknown = { ARCADE_WORK_DIR: undefined, HOME: undefined };
  for (
    const args of [["whoami"], ["org", "list"], ["secret", "set", "KEY=value"], ["logout"], LOGIN]
  ) {
    const reason = /Unknown home folder\n {2}Set HOME, or set ARCADE_WORK_DIR/;
    assertRefused(await machine.run(args, { env: unknown }), 1, reason);
  }

  await Deno.writeTextFile(`${machine.path}/file`, "of the user");
  for (const home of [`${machine.path}/file`, `${machine.path}/file/below`]) {
    const env = { ARCADE_WORK_DIR: undefined, HOME: home };
    for (const args of [["whoami"], ["org", "list"], ["logout"], LOGIN]) {
      const { code, stderr } = await machine.run(args, { env });
      assert([1, 4].includes(code), stderr);
      assert.match(stderr, /^Error: [^\n]+\n(?: {2}[^\n]+\n)?$/);
      assert.doesNotMatch(stderr, /the system refused|bug in arcade/);
    }
    assertRefused(
      await machine.run(LOGIN, { env }),
      1,
      /something else is in its place|not a folder/,
    );
  }
  assert.equal(await Deno.readTextFile(`${machine.path}/file`), "of the user");
});

Deno.test("an API key needs no home", async () => {
  await using engine = new Answers(() =>
    json({
      items: [{ id: "1", key: "KEY", binding: { type: "project" }, created_at: "2026-11-01" }],
    })
  );
  await using machine = new TestMachine();
  machine.env.ARCADE_ENGINE_URL = engine.url;
  const env = { ARCADE_API_KEY: "arc_key", ARCADE_WORK_DIR: undefined, HOME: undefined };
  for (
    const args of [["secret", "list"], ["secret", "set", "KEY=value"], ["secret", "unset", "KEY"]]
  ) {
    const { code, stderr } = await machine.run(args, { env });
    assert.equal(code, 0, `arcade ${args.join(" ")}: ${stderr}`);
  }
});

Deno.test("anything else at the path of the credentials is reported and left alone", async (t) => {
  await using machine = await TestMachine.loggedIn();
  const { credentials } = machine;
  const whole = await Deno.readTextFile(credentials);
  const elsewhere = `${machine.path}/elsewhere.yaml`;
  const places: [string, RegExp, () => void, () => void][] = [
    [
      "a symlink",
      /is a symlink, where a private file is expected\n {2}Replace the symlink with the file itself/,
      () => {
        Deno.writeTextFileSync(elsewhere, whole);
        Deno.symlinkSync(elsewhere, credentials);
      },
      () => {
        assert(Deno.lstatSync(credentials).isSymlink);
        assert.equal(Deno.readTextFileSync(elsewhere), whole);
      },
    ],
    ["a dangling symlink", /is a symlink/, () => {
      Deno.symlinkSync(`${machine.path}/nothing`, credentials);
    }, () => {
      assert.throws(() => Deno.statSync(`${machine.path}/nothing`), Deno.errors.NotFound);
    }],
    ["a folder", /is a folder, where a private file is expected\n {2}Move it away/, () => {
      Deno.mkdirSync(credentials);
    }, () => {
      assert(Deno.lstatSync(credentials).isDirectory);
    }],
    ["binary data", /is not UTF-8 text\n {2}Move it away/, () => {
      Deno.writeFileSync(credentials, new Uint8Array([0xff, 0xfe, 0x00]));
    }, () => {
      assert.deepEqual(Deno.readFileSync(credentials), new Uint8Array([0xff, 0xfe, 0x00]));
    }],
  ];
  for (const [name, reason, put, check] of places) {
    await t.step(name, async () => {
      Deno.removeSync(credentials, { recursive: true });
      put();
      const commands = [
        ["whoami"],
        ["org", "list"],
        ["org", "set", "Default organization"],
        ["secret", "set", "KEY=value"],
        ["logout"],
        LOGIN,
      ];
      for (const args of commands) {
        assertRefused(await machine.run(args), 1, reason);
        check();
      }
    });
  }
});

Deno.test("corrupt credentials are kept and not shown", async () => {
  await using machine = new TestMachine();
  await machine.serveInProcess();
  Deno.mkdirSync(machine.folder, { recursive: true, mode: 0o700 });
  const contents = [
    "cloud: [access_token: CANARY",
    "CANARY",
    "- CANARY\n",
    "cloud: {auth: {access_token: 5}}",
  ];
  for (const content of contents) {
    await Deno.writeTextFile(machine.credentials, content);
    for (const args of [["whoami"], ["org", "list"], ["org", "set", "x"], ["logout"]]) {
      const ran = await machine.run(args);
      assertRefused(
        ran,
        1,
        /is corrupt \(.*\)\n {2}Run `arcade login`, which moves the file aside/,
      );
      assert(!ran.stderr.includes("CANARY"));
      assert.equal(await Deno.readTextFile(machine.credentials), content);
    }
  }
  await machine.logIn();
  assert.equal((await machine.run(["whoami"])).code, 0);
  const aside = namesIn(machine.folder).find((name) => name.includes("unreadable")) ?? "";
  assert.equal(await Deno.readTextFile(`${machine.folder}/${aside}`), contents.at(-1));
  assert.equal((Deno.statSync(`${machine.folder}/${aside}`).mode ?? 0) & 0o777, 0o600);
});

Deno.test("unusable data of a local Arcade is reported", async () => {
  await using machine = await TestMachine.loggedIn();
  assert.equal((await machine.run(["secret", "set", "KEY=value"])).code, 0);
  const { data } = machine.server;
  const serve = (folder: string) =>
    machine.run(["local", "serve", "--port", "0", "--data", folder]);
  assertRefused(await serve(data), 1, /Stop the other local Arcade|--data/);
  assert.equal(await machine.server.stop(), 0);

  const key = await Deno.readFile(`${data}/encryption.key`);
  await Deno.writeFile(`${data}/encryption.key`, key.map((byte) => byte ^ 1));
  assertRefused(await serve(data), 1, /cannot be used.*\n.*--data/);
  await Deno.remove(`${data}/encryption.key`);
  assertRefused(await serve(data), 1, /cannot be used.*\n.*--data/);
  await Deno.writeFile(`${data}/encryption.key`, key);

  await Deno.writeTextFile(`${machine.path}/file`, "of the user");
  assertRefused(await serve(`${machine.path}/file`), 1, /--data/);
  await Deno.mkdir(`${machine.path}/broken`);
  await Deno.writeTextFile(`${machine.path}/broken/arcade.db`, "this is no database".repeat(100));
  assertRefused(await serve(`${machine.path}/broken`), 1, /cannot be used.*\n.*--data/);

  await ServerProcess.start(machine, { data });
});

Deno.test({
  name: "a local Arcade on a full disk loses no acknowledged secret",
  ignore: withoutMounts,
}, async () => {
  await using machine = new TestMachine();
  const data = `${machine.path}/small`;
  await Deno.mkdir(data);
  using disk = new SmallDisk(data);
  // The database is larger than a credentials file.
  if (!succeeds("mount", "-o", "remount,size=1m", data)) throw new Error("Cannot remount");
  const { process } = await machine.serve({ data });
  await machine.logIn();
  assert.equal((await machine.run(["secret", "set", "BEFORE=value"])).code, 0);
  disk.fill();
  const lines = Array.from({ length: 40 }, (_, i) => `AFTER_${i}=${"x".repeat(4900)}`);
  assert.match((await machine.run(["secret", "list"])).stdout, /^BEFORE /m);
  const set = await machine.run(["secret", "set", "-f", "-"], { stdin: lines.join("\n") });
  assert.equal(set.code, 1, set.stderr);
  const acknowledged = set.stderr.match(/^Created AFTER_\d+$/mg) ?? [];
  disk.free();
  process.kill("SIGKILL");
  await process.end();
  await machine.serve({ data });
  const { stdout } = await machine.run(["secret", "list"]);
  assert.match(stdout, /^BEFORE /m);
  for (const line of acknowledged) {
    assert(stdout.includes(`${line.slice("Created ".length)} `), `${line}, and it is gone`);
  }
});
