import assert from "node:assert/strict";
import { shellWord } from "../../../src/text/shell_word.ts";
import {
  assertRefused,
  BINARY,
  isAvailable,
  succeeds,
  TestMachine,
} from "../../support/test_machine.ts";

const ignore = !isAvailable("a POSIX shell", () => succeeds("/bin/sh", "-c", "true"));
const ADD = "identity add --hub musehub.ai";

function modeOf(path: string): number {
  return (Deno.lstatSync(path).mode ?? 0) & 0o7777;
}

/** Stores an identity with this umask. */
async function addWithUmask(machine: TestMachine, umask: string, env: Record<string, string> = {}) {
  const { code, stderr } = await machine.startProgram(
    ["/bin/sh", "-c", `umask ${umask}; exec ${shellWord(BINARY)} ${ADD}`],
    { env: { ARCADE_TOKEN: "token", ...env } },
  ).end();
  assert.equal(code, 0, stderr);
}

function assertPrivate(folder: string): void {
  assert.equal(modeOf(folder), 0o700, folder);
  const names = [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
  assert.deepEqual(names, [".identity.lock", "identity.toml"]);
  for (const name of names) assert.equal(modeOf(`${folder}/${name}`), 0o600, name);
}

Deno.test(
  { name: "the file and its folder are private with any umask", ignore },
  async () => {
    for (const umask of ["000", "022", "077"]) {
      await using machine = new TestMachine();
      await addWithUmask(machine, umask);
      assertPrivate(machine.folder);
    }
  },
);

Deno.test(
  { name: "a folder and a file that were open to others become private", ignore },
  async () => {
    await using machine = new TestMachine();
    Deno.mkdirSync(machine.folder, { recursive: true });
    Deno.writeTextFileSync(`${machine.folder}/identity.toml`, '["b.example"]\ntoken = "b"\n');
    Deno.chmodSync(machine.folder, 0o755);
    Deno.chmodSync(`${machine.folder}/identity.toml`, 0o644);
    await addWithUmask(machine, "000");
    assertPrivate(machine.folder);
  },
);

Deno.test(
  { name: "ARCADE_IDENTITY_FILE can be absolute, relative, or in the home folder", ignore },
  async () => {
    await using machine = new TestMachine();
    machine.env.HOME = machine.home;
    const places = {
      [`${machine.path}/hubs/identity.toml`]: `${machine.path}/hubs`,
      "~/.muse/identity.toml": `${machine.home}/.muse`,
      "sub/folder/identity.toml": `${machine.home}/sub/folder`,
    };
    for (const [named, folder] of Object.entries(places)) {
      await addWithUmask(machine, "000", { ARCADE_IDENTITY_FILE: named });
      assertPrivate(folder);
      const { stdout } = await machine.run(["identity", "token", "--hub", "musehub.ai"], {
        env: { ARCADE_IDENTITY_FILE: named },
      });
      assert.equal(stdout, "token\n");
    }
    assert.throws(() => Deno.statSync(machine.folder), Deno.errors.NotFound);
  },
);

Deno.test({ name: "the home folder and shared folders keep their modes", ignore }, async () => {
  await using machine = new TestMachine();
  Deno.writeTextFileSync(`${machine.home}/.profile`, "");
  Deno.chmodSync(machine.home, 0o755);
  await addWithUmask(machine, "022", { ARCADE_IDENTITY_FILE: "identity.toml" });
  await addWithUmask(machine, "022", { ARCADE_IDENTITY_FILE: "~/other.toml" });
  assert.equal(modeOf(machine.home), 0o755);
  const shared = `${machine.path}/shared`;
  Deno.mkdirSync(shared);
  Deno.chmodSync(shared, 0o1777);
  await addWithUmask(machine, "000", { ARCADE_IDENTITY_FILE: `${shared}/identity.toml` });
  assert.equal(modeOf(shared), 0o1777);
  for (
    const path of [
      `${machine.home}/identity.toml`,
      `${machine.home}/other.toml`,
      `${shared}/identity.toml`,
    ]
  ) {
    assert.equal(modeOf(path), 0o600);
  }
});

Deno.test("a symlink in place of the file is rejected, and its target is unchanged", async () => {
  await using machine = new TestMachine();
  const elsewhere = `${machine.home}/elsewhere`;
  Deno.writeTextFileSync(elsewhere, "precious");
  Deno.mkdirSync(machine.folder, { recursive: true, mode: 0o700 });
  Deno.symlinkSync(elsewhere, `${machine.folder}/identity.toml`);
  for (
    const args of [ADD.split(" "), ["identity", "show"], ["identity", "remove", "--all", "--yes"]]
  ) {
    const ran = await machine.run(args, { env: { ARCADE_TOKEN: "token" } });
    assertRefused(ran, 1, /identity\.toml is a symlink/);
  }
  assert.equal(Deno.readTextFileSync(elsewhere), "precious");
});

Deno.test("a corrupt file is reported by its line without its content, and left alone", async () => {
  await using machine = new TestMachine();
  const path = `${machine.folder}/identity.toml`;
  Deno.mkdirSync(machine.folder, { recursive: true, mode: 0o700 });
  const content = '["musehub.ai"]\ntype = "human"\ntoken = "CANARY\n';
  Deno.writeTextFileSync(path, content);
  const lines = [
    ADD.split(" "),
    ["identity", "show"],
    ["identity", "list"],
    ["identity", "token", "--hub", "musehub.ai"],
    ["identity", "can", "x", "--hub", "musehub.ai"],
    ["identity", "remove", "--hub", "musehub.ai"],
    ["identity", "remove", "--all", "--yes"],
  ];
  for (const args of lines) {
    const ran = await machine.run(args, { env: { ARCADE_TOKEN: "token" } });
    assertRefused(ran, 1, /identity\.toml is corrupt \(line 3 is not TOML\)/);
    assert(!ran.stderr.includes("CANARY"));
    assert.equal(Deno.readTextFileSync(path), content);
  }
  const { code, stderr } = await machine.run([...ADD.split(" "), "--reset"], {
    env: { ARCADE_TOKEN: "token" },
  });
  assert.equal(code, 0, stderr);
  const [, aside = ""] = /moved to (.+)\n/.exec(stderr) ?? [];
  assert.equal(Deno.readTextFileSync(aside), content);
  assert.equal(modeOf(aside), 0o600);
  assert.equal((await machine.run(["identity", "show"])).code, 0);
});
