import assert from "node:assert/strict";
import {
  changeTelemetryIdentity,
  newTelemetryIdentity,
  readTelemetryIdentity,
  telemetryIdentityPath,
} from "../../src/telemetry/identity.ts";
import { InProcess } from "../support/in_process.ts";

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const ID = "0b8e7e0c-8b9f-4f5e-9d5c-1f0c8a7b6d5e";
const timeoutMs = 5000;

function load(folder: string) {
  return changeTelemetryIdentity(folder, (current) => current, { timeoutMs });
}

function write(home: InProcess, content: string | Uint8Array): void {
  Deno.mkdirSync(home.folder, { recursive: true, mode: 0o700 });
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  Deno.writeFileSync(telemetryIdentityPath(home.folder), bytes, { mode: 0o600 });
}

Deno.test("an identity is created once, private, with both keys of the contract", async () => {
  using home = new InProcess();
  const { after } = await load(home.folder);
  assert.match(after.anonId, UUID);
  assert.deepEqual((await load(home.folder)).after, after);
  assert.deepEqual(readTelemetryIdentity(home.folder), after);
  const path = telemetryIdentityPath(home.folder);
  const stored = JSON.parse(Deno.readTextFileSync(path));
  assert.deepEqual(stored, { anon_id: after.anonId, linked_principal_id: null });
  assert.equal((Deno.statSync(path).mode ?? 0) & 0o777, 0o600);
  assert.equal((Deno.statSync(home.folder).mode ?? 0) & 0o777, 0o700);
});

Deno.test("concurrent creation results in one identity", async () => {
  using home = new InProcess();
  const all = await Promise.all(Array.from({ length: 30 }, () => load(home.folder)));
  assert.equal(new Set(all.map(({ after }) => after.anonId)).size, 1);
});

Deno.test("reading an identity creates none", () => {
  using home = new InProcess();
  assert.equal(readTelemetryIdentity(home.folder), undefined);
  assert.throws(() => Deno.statSync(home.folder), Deno.errors.NotFound);
});

Deno.test("a file of the Python CLI is read, and unknown keys are kept", async () => {
  using home = new InProcess();
  write(home, JSON.stringify({ anon_id: ID, linked_principal_id: "p1", extra: [1] }, null, 2));
  const { before } = await load(home.folder);
  assert.deepEqual(before, { anonId: ID, linkedPrincipalId: "p1" });
  await changeTelemetryIdentity(
    home.folder,
    (current) => ({ ...current, linkedPrincipalId: "p2" }),
    {
      timeoutMs,
    },
  );
  assert.deepEqual(JSON.parse(Deno.readTextFileSync(telemetryIdentityPath(home.folder))), {
    anon_id: ID,
    linked_principal_id: "p2",
    extra: [1],
  });
});

Deno.test("an unchanged identity is not rewritten", async () => {
  using home = new InProcess();
  await load(home.folder);
  const { ino } = Deno.statSync(telemetryIdentityPath(home.folder));
  await load(home.folder);
  assert.equal(Deno.statSync(telemetryIdentityPath(home.folder)).ino, ino);
});

const unusable = [
  "",
  " ",
  "{",
  "null",
  "[]",
  "1",
  '"text"',
  `{"anon_id": "${ID}"`,
  '{"anon_id": 7, "linked_principal_id": null}',
  '{"anon_id": "", "linked_principal_id": null}',
  '{"anon_id": "nobody", "linked_principal_id": null}',
  '{"linked_principal_id": null}',
  `{"anon_id": "${ID}", "linked_principal_id": 7}`,
  `{"anon_id": "${ID}", "linked_principal_id": ""}`,
  `{"anon_id": "${ID}", "linked_principal_id": {}}`,
  `["${ID}"]`,
  `{\n  "anon_id": "${ID.slice(0, 20)}`,
  "anon_id: 1\n",
  "\u0000\u0001",
  "\u0000".repeat(4096),
  " ".repeat(1_000_000),
  new Uint8Array([0xff, 0xfe, 0x00, 0x7b]),
];
for (const content of unusable) {
  Deno.test(`${Deno.inspect(content, { strAbbreviateSize: 80 })} is replaced by a fresh identity`, async () => {
    using home = new InProcess();
    write(home, content);
    assert.equal(readTelemetryIdentity(home.folder), undefined);
    const { after } = await load(home.folder);
    assert.match(after.anonId, UUID);
    assert.notEqual(after.anonId, ID);
    assert.deepEqual(readTelemetryIdentity(home.folder), after);
  });
}

Deno.test("a missing link counts as not linked", async () => {
  using home = new InProcess();
  write(home, `{"anon_id": "${ID}"}`);
  const { after } = await load(home.folder);
  assert.deepEqual(after, { anonId: ID, linkedPrincipalId: undefined });
});

Deno.test("a symlink in place of the file is neither read nor written", async () => {
  using home = new InProcess();
  Deno.mkdirSync(home.folder, { mode: 0o700 });
  const target = `${home.path}/target`;
  Deno.writeTextFileSync(target, JSON.stringify({ anon_id: ID, linked_principal_id: null }));
  Deno.symlinkSync(target, telemetryIdentityPath(home.folder));
  assert.equal(readTelemetryIdentity(home.folder), undefined);
  await assert.rejects(changeTelemetryIdentity(home.folder, newTelemetryIdentity, { timeoutMs }));
  assert.match(Deno.readTextFileSync(target), new RegExp(ID));
});

Deno.test("a missing home folder is not created", async () => {
  using home = new InProcess();
  const folder = `${home.path}/missing/.arcade`;
  await assert.rejects(load(folder));
  assert.throws(() => Deno.statSync(`${home.path}/missing`), Deno.errors.NotFound);
});
