import assert from "node:assert/strict";
import { Kills } from "../../support/kills.ts";
import { BINARY, isAvailable, succeeds, TestMachine } from "../../support/test_machine.ts";

const KILLS = 300;
const ignore = !isAvailable("a POSIX shell", () => succeeds("/bin/sh", "-c", "true"));

/** Enough that writing it takes a while. */
const OTHERS = Array.from(
  { length: 200 },
  (_, i) => `["hub-${i}.example"] # of others\ntoken = "token-of-${i}"\nunknown = ${i}.0\n\n`,
).join("");

function fileWith(token: string): string {
  return `${OTHERS}["musehub.ai"]\ntype = "human"\ntoken = "${token}"\n`;
}

Deno.test({
  name:
    "identity add that is killed at any moment leaves the old file or the new one, and never a wrong mode",
  ignore,
}, async () => {
  await using machine = new TestMachine();
  const { folder } = machine;
  const path = `${folder}/identity.toml`;
  Deno.mkdirSync(folder, { mode: 0o700 });
  Deno.writeTextFileSync(path, fileWith("token-0"), { mode: 0o600 });
  // With the most permissive umask, a mode that is set too late would show.
  const script = `umask 000; exec '${BINARY}' identity add --hub musehub.ai`;
  const start = (token: string) =>
    machine.startProgram(["/bin/sh", "-c", script], { env: { ARCADE_TOKEN: token } });

  const kills = new Kills();
  let current = "token-0";
  for (let i = 1; kills.count < KILLS; i++) {
    const next = `token-${i}`;
    const isKilled = await kills.next(() => start(next));
    if (!isKilled) assert.equal(Deno.readTextFileSync(path), fileWith(next));

    const content = Deno.readTextFileSync(path);
    if (content === fileWith(next)) current = next;
    else assert.equal(content, fileWith(current), `The file is neither the old nor the new one`);
    assert.equal((Deno.statSync(folder).mode ?? 0) & 0o7777, 0o700);
    for (const { name } of Deno.readDirSync(folder)) {
      assert.match(name, /^(?:\.identity\.lock|identity\.toml(?:\.[\da-f-]+\.tmp)?)$/);
      assert.equal((Deno.statSync(`${folder}/${name}`).mode ?? 0) & 0o7777, 0o600, name);
    }
  }
  // A lock of the dead holds up nobody, and what they left is gone after the next write.
  const { code, stderr } = await start("last").end();
  assert.equal(code, 0, stderr);
  assert.equal(Deno.readTextFileSync(path), fileWith("last"));
  assert.deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name).sort(), [
    ".identity.lock",
    "identity.toml",
  ]);
});
