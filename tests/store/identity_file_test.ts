import assert from "node:assert/strict";
import { identityFile } from "../../src/store/identity_file.ts";
import { withIdentityLock } from "../../src/store/identity_lock.ts";

const arcadeFolder = () => "/home/me/.arcade";

Deno.test("identityFile() is in the Arcade folder, or where ARCADE_IDENTITY_FILE says", () => {
  const pathOf = (named: string, HOME = "/home/me") =>
    identityFile({ env: { HOME, ARCADE_IDENTITY_FILE: named }, files: { folder: arcadeFolder } })
      .path;
  assert.equal(
    identityFile({ env: {}, files: { folder: arcadeFolder } }).path,
    "/home/me/.arcade/identity.toml",
  );
  assert.equal(pathOf(""), "/home/me/.arcade/identity.toml");
  assert.equal(pathOf("/elsewhere/hubs.toml"), "/elsewhere/hubs.toml");
  assert.equal(pathOf("~/.muse/identity.toml"), "/home/me/.muse/identity.toml");
  assert.equal(pathOf("identity.toml"), "./identity.toml");
  assert.equal(pathOf("sub/identity.toml"), "sub/identity.toml");
  assert.equal(pathOf("~other/identity.toml"), "~other/identity.toml");
  const noFolder = () => assert.fail("The Arcade folder was requested");
  assert.equal(
    identityFile({ env: { ARCADE_IDENTITY_FILE: "/x/y" }, files: { folder: noFolder } }).path,
    "/x/y",
  );
  assert.equal(
    identityFile({
      env: { USERPROFILE: "C:\\me", ARCADE_IDENTITY_FILE: "~\\y" },
      files: { folder: noFolder },
    }).path,
    "C:\\me\\y",
  );
});

/** The mode of a folder after a change of the identity file in it. */
async function modeAfter(
  folder: string,
  options: { mode: number; before?: readonly string[] },
): Promise<number> {
  const { mode, before = [] } = options;
  Deno.mkdirSync(folder, { recursive: true });
  Deno.chmodSync(folder, mode);
  for (const name of before) Deno.writeTextFileSync(`${folder}/${name}`, "");
  const environment = { ARCADE_IDENTITY_FILE: `${folder}/identity.toml` };
  await withIdentityLock(
    identityFile({ env: environment, files: { folder: arcadeFolder } }),
    () => Promise.resolve(),
  );
  return (Deno.statSync(folder).mode ?? 0) & 0o7777;
}

function inFolder(name: string, test: (folder: string) => Promise<void>): void {
  Deno.test({ name, ignore: Deno.build.os === "windows" }, async () => {
    const folder = Deno.makeTempDirSync();
    try {
      await test(folder);
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  });
}

inFolder("a folder with only the identity file becomes private", async (folder) => {
  const own = ["identity.toml", "identity.toml.unreadable-1", ".identity.lock"];
  assert.equal(await modeAfter(`${folder}/a`, { mode: 0o755 }), 0o700);
  assert.equal(await modeAfter(`${folder}/b`, { mode: 0o777, before: own }), 0o700);
});

inFolder("a hidden folder, such as Muse's, becomes private", async (folder) => {
  const before = ["identity.toml", "config.toml"];
  assert.equal(await modeAfter(`${folder}/.muse`, { mode: 0o755, before }), 0o700);
});

inFolder("a missing folder is created private", async (folder) => {
  const environment = { ARCADE_IDENTITY_FILE: `${folder}/a/b/identity.toml` };
  await withIdentityLock(
    identityFile({ env: environment, files: { folder: arcadeFolder } }),
    () => Promise.resolve(),
  );
  for (const path of [`${folder}/a`, `${folder}/a/b`]) {
    assert.equal((Deno.statSync(path).mode ?? 0) & 0o7777, 0o700);
  }
});

inFolder("a folder with other files keeps its mode", async (folder) => {
  assert.equal(await modeAfter(`${folder}/etc`, { mode: 0o755, before: ["passwd"] }), 0o755);
  assert.equal(await modeAfter(`${folder}/tmp`, { mode: 0o1777 }), 0o1777);
  assert.equal(await modeAfter(`${folder}/.tmp`, { mode: 0o1777 }), 0o1777);
});

inFolder("a home folder keeps its mode, also through a symlink", async (folder) => {
  const before = [".bashrc", "identity.toml"];
  assert.equal(await modeAfter(`${folder}/home`, { mode: 0o755, before }), 0o755);
  Deno.symlinkSync(`${folder}/home`, `${folder}/.link`);
  assert.equal(await modeAfter(`${folder}/.link`, { mode: 0o750 }), 0o750);
});

inFolder("a folder with other files keeps its mode as ARCADE_WORK_DIR", async (folder) => {
  const work = `${folder}/work`;
  Deno.mkdirSync(work);
  Deno.writeTextFileSync(`${work}/credentials.yaml`, "");
  Deno.writeTextFileSync(`${work}/main.py`, "");
  Deno.chmodSync(work, 0o755);
  await withIdentityLock(
    identityFile({ env: {}, files: { folder: () => work } }),
    () => Promise.resolve(),
  );
  assert.equal((Deno.statSync(work).mode ?? 0) & 0o7777, 0o755);
});

inFolder("the Arcade folder becomes private", async (folder) => {
  Deno.writeTextFileSync(`${folder}/credentials.yaml`, "");
  Deno.chmodSync(folder, 0o755);
  await withIdentityLock(
    identityFile({ env: {}, files: { folder: () => folder } }),
    () => Promise.resolve(),
  );
  assert.equal((Deno.statSync(folder).mode ?? 0) & 0o7777, 0o700);
});
