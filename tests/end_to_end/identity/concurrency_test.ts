import assert from "node:assert/strict";
import { namesIn } from "../../support/in_process.ts";
import { parse } from "toml";
import { isAvailable, TestMachine } from "../../support/test_machine.ts";
import { pythonWith } from "../../support/python.ts";

const COUNT = 50;
const MUSES = 12;
const python = pythonWith("tomllib, fcntl");
const hasPython = isAvailable("Python 3.11 on Unix", () => python !== undefined);

function read(machine: TestMachine): Record<string, { token: string; name?: string }> {
  return parse(Deno.readTextFileSync(`${machine.folder}/identity.toml`));
}

Deno.test(`${COUNT} \`identity add\` at once for different hubs lose none`, async () => {
  await using machine = new TestMachine();
  const hubs = Array.from({ length: COUNT }, (_, i) => `hub-${i}.example`);
  const added = await Promise.all(
    hubs.map((hub) =>
      machine.run(["identity", "add", "--hub", hub, "--name", `of ${hub}`], {
        env: { ARCADE_TOKEN: `token-of-${hub}` },
      })
    ),
  );
  for (const { code, stderr } of added) assert.equal(code, 0, stderr);
  const stored = read(machine);
  assert.deepEqual(Object.keys(stored).sort(), [...hubs].sort());
  for (const hub of hubs) {
    assert.equal(stored[hub]?.token, `token-of-${hub}`);
    assert.equal(stored[hub]?.name, `of ${hub}`);
  }
  assert.deepEqual(namesIn(machine.folder), [
    ".identity.lock",
    "identity.toml",
  ]);
});

Deno.test("concurrent changes are all applied, and readers always see a complete file", async () => {
  await using machine = new TestMachine();
  const hubs = Array.from({ length: 10 }, (_, i) => `hub-${i}.example`);
  const add = (hub: string) =>
    machine.run(["identity", "add", "--hub", hub], { env: { ARCADE_TOKEN: "x" } });
  for (const hub of hubs) await add(hub);
  const ran = await Promise.all(hubs.flatMap((hub) => [
    machine.run(["identity", "remove", "--hub", hub]),
    add(`new-${hub}`),
    machine.run(["identity", "list", "--json"]),
  ]));
  for (const { code, stderr } of ran) assert.equal(code, 0, stderr);
  assert.deepEqual(Object.keys(read(machine)).sort(), hubs.map((hub) => `new-${hub}`).sort());
});

/** Stores an identity like Muse: rewrites the whole file, under flock on the lock file. */
const MUSE = `
import fcntl, os, sys, tempfile, tomllib
folder, hub = sys.argv[1:]
path = os.path.join(folder, "identity.toml")
with open(os.path.join(folder, ".identity.lock"), "a") as lock:
    fcntl.flock(lock, fcntl.LOCK_EX)
    entries = {}
    if os.path.isfile(path):
        with open(path, "rb") as file:
            entries = tomllib.load(file)
    entries[hub] = {"type": "human", "token": "of-" + hub}
    lines = []
    for name in sorted(entries):
        lines.append('["%s"]' % name)
        for key in ("type", "name", "id", "token"):
            if key in entries[name]:
                lines.append('%s = "%s"' % (key, entries[name][key]))
        lines.append("")
    fd, temporary = tempfile.mkstemp(dir=folder, prefix=".identity-tmp-")
    with os.fdopen(fd, "w") as file:
        file.write("\\n".join(lines))
    os.replace(temporary, path)
`;

Deno.test({
  name: "Muse and arcade can write the same file at once without losing changes",
  ignore: !hasPython,
}, async () => {
  await using machine = new TestMachine();
  const folder = `${machine.home}/.muse`;
  Deno.mkdirSync(folder, { mode: 0o755 });
  machine.env.ARCADE_IDENTITY_FILE = "~/.muse/identity.toml";
  const names = Array.from({ length: MUSES }, (_, i) => i);
  const muses = names.map((i) =>
    machine.startProgram([python ?? "", "-c", MUSE, folder, `muse-${i}.example`]).end()
  );
  const arcades = names.map((i) =>
    machine.run(["identity", "add", "--hub", `arcade-${i}.example`], {
      env: { ARCADE_TOKEN: `of-arcade-${i}.example` },
    })
  );
  for (const { code, stderr } of await Promise.all([...muses, ...arcades])) {
    assert.equal(code, 0, stderr);
  }
  const stored: Record<string, { token: string }> = parse(
    Deno.readTextFileSync(`${folder}/identity.toml`),
  );
  const hubs = names.flatMap((i) => [`muse-${i}.example`, `arcade-${i}.example`]);
  assert.deepEqual(Object.keys(stored).sort(), hubs.sort());
  for (const hub of hubs) assert.equal(stored[hub]?.token, `of-${hub}`);
  assert.equal((Deno.statSync(folder).mode ?? 0) & 0o777, 0o700);
});
