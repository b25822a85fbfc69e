import assert from "node:assert/strict";
import { succeeds } from "../../support/test_machine.ts";
import { SmallDisk, withoutMounts } from "../../support/small_disk.ts";
import {
  type Identity,
  only,
  TelemetryMachine,
  withoutSenders,
} from "../../support/telemetry_machine.ts";

const ignore = withoutSenders;

const ignoreMounts = ignore || withoutMounts;

/** Runs a command that succeeds and one that fails; they do both as if there were no telemetry. */
async function commandsWork(machine: TelemetryMachine): Promise<void> {
  const status = await machine.run(["telemetry", "status"]);
  assert.deepEqual([status.code, status.stderr], [0, ""]);
  const stderr = "Error: Not logged in\n  Run `arcade login`\n";
  assert.deepEqual(await machine.run(["org", "list"]), { code: 4, stdout: "", stderr });
}

const ANON_ID = "0b0e5f2c-7f6e-4a54-9d3c-2f6d6e1f0a11";
/** More of these are in the test in process. */
const NOT_AN_IDENTITY: Record<string, string | Uint8Array<ArrayBuffer>> = {
  "an empty file": "",
  "a file without its end": `{\n  "anon_id": "${ANON_ID}",\n  "linked_principal_id": null\n`,
  "bytes that are no text": new Uint8Array([0xff, 0xfe, 0x00, 0x7b]),
  "a megabyte": `${" ".repeat(1_000_000)}`,
};

Deno.test(
  { name: "an identity that cannot be used is replaced, in silence", ignore },
  async (t) => {
    await using machine = await TelemetryMachine.start();
    assert.equal((await machine.report(["whoami"])).arrived.length, 1);
    const ids = new Set<string>();
    for (const [name, content] of Object.entries(NOT_AN_IDENTITY)) {
      await t.step(name, async () => {
        if (typeof content === "string") await Deno.writeTextFile(machine.identityFile, content);
        else await Deno.writeFile(machine.identityFile, content);
        const { code, stdout, stderr, arrived } = await machine.report(["whoami"]);
        assert.deepEqual([code, stdout], [4, ""]);
        assert.equal(stderr, "Error: Not logged in\n  Run `arcade login`\n");
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
  { name: "something else in the place of a file of telemetry is left as it is", ignore },
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
      "a symlink to nothing": (path) => Deno.symlinkSync(`${machine.path}/nothing`, path),
      "a pipe": (path) => assert(succeeds("mkfifo", path)),
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
          // Where it cannot be kept, nothing is sent, and where an opt-out may stand, neither.
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

Deno.test({ name: "a file that the Python CLI wrote, with keys of its own", ignore }, async () => {
  await using machine = await TelemetryMachine.start();
  Deno.mkdirSync(machine.folder);
  const written = `{\n  "anon_id": "${ANON_ID}",\n  "linked_principal_id": null\n}`;
  await Deno.writeTextFile(machine.identityFile, written, { mode: 0o644 });
  const { arrived } = await machine.report(["whoami"]);
  assert.equal(only(arrived).distinct_id, ANON_ID);
  assert.equal(await Deno.readTextFile(machine.identityFile), written, "It was good as it was");

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
  { name: "a home that is missing: nothing is created, nothing is sent", ignore },
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
    const { api_key } = await keyOf(machine);
    const env = { ARCADE_API_KEY: api_key, ARCADE_WORK_DIR: undefined, HOME: undefined };
    const { code, stderr, arrived } = await machine.report(["secret", "list"], { env });
    assert.deepEqual([code, arrived], [0, []], stderr);
  },
);

async function keyOf(machine: TelemetryMachine): Promise<Record<string, string>> {
  machine.writeCredentials(await machine.credentialsOf("ada@example.com"));
  const [org, project] = [machine.stored("org_id"), machine.stored("project_id")];
  return await machine.post(`/api/v1/orgs/${org}/projects/${project}/api_keys`, {});
}

Deno.test(
  { name: "a home that is read-only, and one that is full", ignore: ignoreMounts },
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
      // What cannot be put on record is not sent.
      assert.deepEqual(await machine.arrived(), []);
      assert.equal(await Deno.readTextFile(machine.identityFile), before);
      assert.deepEqual(machine.files(), files);
      disk.free();
      assert.equal((await machine.report(["whoami"])).arrived.length, 1);
    });
  },
);
