/** The system calls that write private files, and the ownership of files that are read. */

import assert from "node:assert/strict";
import { TestMachine } from "../../support/test_machine.ts";
import { withoutStrace } from "../../support/telemetry_machine.ts";
import {
  as,
  openToOthers,
  ORDINARY,
  withoutOrdinaryUser,
  withoutOtherOwners,
} from "../../support/users.ts";

Deno.test({
  name: "a private file is synced before it is renamed, and its folder after that",
  ignore: withoutStrace,
}, async () => {
  await using machine = await TestMachine.loggedIn();
  const log = `${machine.path}/trace`;
  const calls = "trace=openat,open,fsync,fdatasync,rename,renameat,renameat2,close";
  const writes: Record<string, readonly string[]> = {
    "credentials.yaml": ["org", "set", "Default organization"],
    "identity.toml": ["identity", "add", "--hub", "musehub.ai", "--token", "t"],
    "usage-settings.json": ["telemetry", "disable"],
  };
  for (const [name, args] of Object.entries(writes)) {
    const through = ["strace", "-f", "-qq", "-y", "-e", calls, "-o", log];
    assert.equal((await machine.run(args, { through })).code, 0);
    const lines = (await Deno.readTextFile(log)).split("\n");
    const at = (pattern: RegExp) => lines.findIndex((line) => pattern.test(line));
    const file = name.replace(".", "\\.");
    const sync = at(new RegExp(`f(?:data)?sync\\(\\d+<[^>]*/${file}\\.[^>]*\\.tmp>`));
    const rename = at(new RegExp(`rename\\w*\\(.*/${file}\\.\\S+\\.tmp".*/${file}"`));
    const folder = lines.findIndex((line, i) =>
      i > rename && /f(?:data)?sync\(\d+<[^>]*\/\.arcade>/.test(line)
    );
    assert(sync >= 0, `${name} is not synced`);
    assert(rename > sync, `${name} is renamed before it is synced`);
    assert(folder > rename, `The folder of ${name} is not synced after the rename`);
  }
});

Deno.test({
  name: "the encryption key and its folder are synced before the local Arcade listens",
  ignore: withoutStrace,
}, async () => {
  await using machine = new TestMachine();
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 }); // so that the server exits
  const log = `${machine.path}/trace`;
  const through = ["strace", "-f", "-qq", "-y", "-e", "trace=fsync,fdatasync,bind", "-o", log];
  const data = `${machine.path}/data`;
  const port = String(taken.addr.port);
  const ran = await machine.run(["local", "serve", "--port", port, "--data", data], { through });
  assert.equal(ran.code, 1);
  assert.match(ran.stderr, /is in use/);
  const lines = (await Deno.readTextFile(log)).split("\n");
  const at = (pattern: RegExp, from = 0) =>
    lines.findIndex((line, i) => i >= from && pattern.test(line));
  const key = at(/f(?:data)?sync\(\d+<[^>]*\/data\/encryption\.key>/);
  assert(key >= 0, "The key is not synced");
  const folder = at(/f(?:data)?sync\(\d+<[^>]*\/data>/, key);
  assert(folder > key, "The folder of the key is not synced after it");
  assert(at(/bind\(/) > folder, "The server listens before the sync");
});

Deno.test({
  name: "the local Arcade syncs every secret before it acknowledges it",
  ignore: withoutStrace,
}, async () => {
  await using machine = new TestMachine();
  const log = `${machine.path}/trace`;
  // With -D the process started by the test is the server itself.
  const through = ["strace", "-D", "-f", "-qq", "-y", "-e", "trace=fsync,fdatasync", "-o", log];
  await machine.serve({ through });
  await machine.logIn();
  const syncs = async () =>
    (await Deno.readTextFile(log)).match(/f(?:data)?sync\(\d+<[^>]*\/arcade\.db-wal>/g)?.length ??
      0;
  for (let i = 0; i < 5; i++) {
    const before = await syncs();
    assert.equal((await machine.run(["secret", "set", `KEY${i}=v`])).code, 0);
    assert(await syncs() > before, "The secret was acknowledged without a sync");
  }
});

Deno.test({
  name: "credentials of another user are not used",
  ignore: withoutOtherOwners,
}, async () => {
  await using machine = await TestMachine.loggedIn();
  const { length } = machine.server.output.stderr;
  await Deno.chown(machine.credentials, ORDINARY, ORDINARY);
  for (
    const args of [["whoami"], ["org", "list"], ["secret", "set", "A=b"], ["login"], ["logout"]]
  ) {
    const { code, stderr } = await machine.run(args);
    assert.equal(code, 1, stderr);
    assert.match(stderr, /credentials\.yaml belongs to another user\n {2}Move it away/);
  }
  assert.equal(machine.server.output.stderr.length, length, "A request was sent");
});

Deno.test({
  name: "an ordinary user can use credentials owned by root, but not by another user",
  ignore: withoutOrdinaryUser,
}, async () => {
  await using machine = await TestMachine.loggedIn();
  const words = [...as(ORDINARY), await openToOthers(machine), "whoami"];
  const whoami = () => machine.startProgram(words).end();
  const own = async (path: string, uid: number) => await Deno.chown(path, uid, uid);
  await own(machine.home, ORDINARY);
  await own(machine.folder, ORDINARY);
  await own(machine.credentials, ORDINARY);
  assert.equal((await whoami()).code, 0);
  await own(machine.credentials, 0);
  await Deno.chmod(machine.credentials, 0o644);
  assert.equal((await whoami()).code, 0);
  await own(machine.credentials, 4321);
  assert.match((await whoami()).stderr, /belongs to another user/);
});
