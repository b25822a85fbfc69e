import assert from "node:assert/strict";
import { Answers, json } from "../../support/answers.ts";
import { succeeds } from "../../support/test_machine.ts";
import { SmallDisk, withoutMounts } from "../../support/small_disk.ts";
import {
  type Identity,
  only,
  TelemetryMachine,
  withoutSenders,
} from "../../support/telemetry_machine.ts";
import { withoutPipes } from "../../support/programs.ts";
import { NOT_LOGGED_IN } from "../../support/not_logged_in.ts";

const ignore = withoutSenders;

const ignoreMounts = ignore || withoutMounts;

/** Fails unless commands, one that succeeds and one that fails, behave as they do without telemetry. */
async function commandsWork(machine: TelemetryMachine): Promise<void> {
  const status = await machine.run(["telemetry", "status"]);
  assert.deepEqual([status.code, status.stderr], [0, ""]);
  const { code, stdout, stderr } = await machine.run(["org", "list"]);
  assert.deepEqual([code, stdout], [4, ""]);
  assert.match(stderr, NOT_LOGGED_IN);
}

const ANON_ID = "0b0e5f2c-7f6e-4a54-9d3c-2f6d6e1f0a11";
/** More cases are in tests/telemetry/identity_test.ts. */
const INVALID_IDENTITIES: Record<string, string | Uint8Array<ArrayBuffer>> = {
  "an empty file": "",
  "a truncated file": `{\n  "anon_id": "${ANON_ID}",\n  "linked_principal_id": null\n`,
  "binary data": new Uint8Array([0xff, 0xfe, 0x00, 0x7b]),
  "a megabyte": `${" ".repeat(1_000_000)}`,
};

Deno.test(
  { name: "an unusable identity is replaced silently", ignore },
  async (t) => {
    await using machine = await TelemetryMachine.start();
    assert.equal((await machine.report(["whoami"])).arrived.length, 1);
    const ids = new Set<string>();
    for (const [name, content] of Object.entries(INVALID_IDENTITIES)) {
      await t.step(name, async () => {
        if (typeof content === "string") await Deno.writeTextFile(machine.identityFile, content);
        else await Deno.writeFile(machine.identityFile, content);
        const { code, stdout, stderr, arrived } = await machine.report(["whoami"]);
        assert.deepEqual([code, stdout], [4, ""]);
        assert.match(stderr, NOT_LOGGED_IN);
        const { anon_id: anonId, linked_principal_id } = machine.identity();
        assert.equal(linked_principal_id, null);
        assert.notEqual(anonId, ANON_ID);
        assert(!ids.has(anonId));
        ids.add(anonId);
        assert.equal(only(arrived).distinct_id, anonId);
        assert.equal((Deno.statSync(machine.identityFile).mode ?? 0) & 0o777, 0o600);
      });
    }
  },
);

Deno.test(
  { name: "anything else at the path of a telemetry file is left alone", ignore },
  async (t) => {
    await using machine = await TelemetryMachine.start();
    assert.equal((await machine.report(["whoami"])).arrived.length, 1);
    const identity = await Deno.readTextFile(machine.identityFile);
    const elsewhere = `${machine.path}/elsewhere`;
    const places: Record<string, (path: string) => void> = {
      "a folder": (path) => Deno.mkdirSync(path),
      "a symlink": (path) => {
        Deno.writeTextFileSync(elsewhere, identity);
        Deno.symlinkSync(elsewhere, path);
      },
      "a dangling symlink": (path) => Deno.symlinkSync(`${machine.path}/nothing`, path),
      ...(withoutPipes ? {} : { "a pipe": (path) => assert(succeeds("mkfifo", path)) }),
    };
    for (const file of ["usage.json", "usage-sent.json", "usage-settings.json"]) {
      for (const [name, put] of Object.entries(places)) {
        await t.step(`${file} is ${name}`, async () => {
          const path = `${machine.folder}/${file}`;
          await Deno.writeTextFile(machine.identityFile, identity);
          await Deno.remove(path, { recursive: true }).catch(() => {});
          put(path);
          const before = Deno.lstatSync(path);
          await commandsWork(machine);
          // Without a stored identity, or with an opt-out that may exist, nothing is sent.
          assert.deepEqual(await machine.arrived(), []);
          const after = Deno.lstatSync(path);
          assert.deepEqual([after.isFile, after.ino], [before.isFile, before.ino]);
          if (name === "a symlink") assert.equal(await Deno.readTextFile(elsewhere), identity);
          await Deno.remove(path, { recursive: true });
        });
      }
    }
    assert.throws(() => Deno.statSync(`${machine.path}/nothing`), Deno.errors.NotFound);
  },
);

Deno.test({ name: "a file written by the Python CLI keeps its extra keys", ignore }, async () => {
  await using machine = await TelemetryMachine.start();
  Deno.mkdirSync(machine.folder, { recursive: true });
  const written = `{\n  "anon_id": "${ANON_ID}",\n  "linked_principal_id": null\n}`;
  await Deno.writeTextFile(machine.identityFile, written, { mode: 0o644 });
  const { arrived } = await machine.report(["whoami"]);
  assert.equal(only(arrived).distinct_id, ANON_ID);
  assert.equal(
    await Deno.readTextFile(machine.identityFile),
    written,
    "A valid file was rewritten",
  );

  const extra = { installed: "2024-05-06", nested: { list: [1, "two", null] } };
  const more = { first: true, anon_id: ANON_ID, linked_principal_id: null, ...extra };
  await Deno.writeTextFile(machine.identityFile, JSON.stringify(more));
  await machine.logInAs("ada@example.com");
  await machine.arrived();
  const principalId = machine.stored("account_id");
  const linked: Identity = machine.identity();
  assert.deepEqual(linked, { ...more, linked_principal_id: principalId });
  await machine.report(["logout"]);
  const { anon_id: next, ...others } = machine.identity();
  assert.notEqual(next, ANON_ID);
  assert.deepEqual(others, { first: true, linked_principal_id: null, ...extra });
});

Deno.test(
  { name: "with a missing home folder nothing is created or sent", ignore },
  async () => {
    await using machine = await TelemetryMachine.start();
    const missing = `${machine.path}/missing/home`;
    const homes = [
      { ARCADE_WORK_DIR: undefined, HOME: missing },
      { ARCADE_WORK_DIR: missing },
      { ARCADE_WORK_DIR: undefined, HOME: undefined },
    ];
    for (const env of homes) {
      const { code, stderr, arrived } = await machine.report(["whoami"], { env });
      assert.deepEqual(arrived, []);
      assert.match(stderr, /^Error: (?:Not logged in|Unknown home folder)\n {2}[^\n]*\n$/);
      assert([1, 4].includes(code));
    }
    assert.throws(() => Deno.statSync(`${machine.path}/missing`), Deno.errors.NotFound);
    await using engine = new Answers(() => json({ items: [] }));
    const env = {
      ARCADE_API_KEY: "arc_key",
      ARCADE_ENGINE_URL: engine.url,
      ARCADE_WORK_DIR: undefined,
      HOME: undefined,
    };
    const { code, stderr, arrived } = await machine.report(["secret", "list"], { env });
    assert.deepEqual([code, arrived], [0, []], stderr);
  },
);

Deno.test(
  { name: "a read-only home folder and a full disk do not affect commands", ignore: ignoreMounts },
  async (t) => {
    await using machine = await TelemetryMachine.start();
    using disk = new SmallDisk(machine.home);

    await t.step("read-only and empty", async () => {
      disk.remount("ro");
      await commandsWork(machine);
      assert.deepEqual(await machine.arrived(), []);
      assert.deepEqual([...Deno.readDirSync(machine.home)], []);
      disk.remount("rw");
    });

    await t.step("read-only, with an identity", async () => {
      assert.equal((await machine.report(["whoami"])).arrived.length, 1);
      const before = await Deno.readTextFile(machine.identityFile);
      const files = machine.files();
      disk.remount("ro");
      await commandsWork(machine);
      assert.deepEqual(await machine.arrived(), []);
      disk.remount("rw");
      assert.equal(await Deno.readTextFile(machine.identityFile), before);
      assert.deepEqual(machine.files(), files);
    });

    await t.step("full", async () => {
      const before = await Deno.readTextFile(machine.identityFile);
      const files = machine.files();
      disk.fill();
      await commandsWork(machine);
      // An event that cannot be recorded is not sent.
      assert.deepEqual(await machine.arrived(), []);
      assert.equal(await Deno.readTextFile(machine.identityFile), before);
      assert.deepEqual(machine.files(), files);
      disk.free();
      assert.equal((await machine.report(["whoami"])).arrived.length, 1);
    });
  },
);
