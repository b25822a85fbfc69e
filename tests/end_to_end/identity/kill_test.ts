import assert from "node:assert/strict";
import { shellWord } from "../../../src/text/shell_word.ts";
import { killAtEveryCall, Kills } from "../../support/kills.ts";
import { withoutStrace } from "../../support/telemetry_machine.ts";
import { BINARY, isAvailable, succeeds, TestMachine } from "../../support/test_machine.ts";

/** The number of kills at random times. {@link killAtEveryCall} adds one for each system call. */
const KILLS = 10;
const ignore = !isAvailable("a POSIX shell", () => succeeds("/bin/sh", "-c", "true"));

/** Many entries, so that writing takes a while. */
const OTHERS = Array.from(
  { length: 200 },
  (_, i) => `["hub-${i}.example"] # of others\ntoken = "token-of-${i}"\nunknown = ${i}.0\n\n`,
).join("");

function fileWith(token: string): string {
  return `${OTHERS}["musehub.ai"]\ntype = "human"\ntoken = "${token}"\n`;
}

for (const where of ["any moment", "every system call"] as const) {
  Deno.test({
    name:
      `\`identity add\` killed at ${where} leaves the old file or the new one, with the right mode`,
    ignore: where === "any moment" ? ignore : withoutStrace,
  }, async () => {
    await using machine = new TestMachine();
    const { folder } = machine;
    const path = `${folder}/identity.toml`;
    Deno.mkdirSync(folder, { mode: 0o700 });
    Deno.writeTextFileSync(path, fileWith("token-0"), { mode: 0o600 });
    // The most permissive umask reveals a mode that is set too late.
    const script = `umask 000; exec ${shellWord(BINARY)} identity add --hub musehub.ai`;
    const start = (token: string, through: readonly string[] = []) =>
      machine.startProgram([...through, "/bin/sh", "-c", script], { env: { ARCADE_TOKEN: token } });
    let current = "token-0";
    let next = 1;
    const check = () => {
      const content = Deno.readTextFileSync(path);
      if (content === fileWith(`token-${next}`)) current = `token-${next}`;
      else assert.equal(content, fileWith(current), "The file is neither the old nor the new one");
      assert.equal((Deno.statSync(folder).mode ?? 0) & 0o7777, 0o700);
      for (const { name } of Deno.readDirSync(folder)) {
        assert.match(name, /^(?:\.identity\.lock|identity\.toml(?:\.[\da-f-]+\.tmp)?)$/);
        assert.equal((Deno.statSync(`${folder}/${name}`).mode ?? 0) & 0o7777, 0o600, name);
      }
      next++;
    };

    if (where === "any moment") {
      const kills = new Kills();
      while (kills.count < KILLS) {
        const isKilled = await kills.next(() => start(`token-${next}`));
        if (!isKilled) assert.equal(Deno.readTextFileSync(path), fileWith(`token-${next}`));
        check();
      }
    } else {
      const traced = (through: readonly string[]) => start(`token-${next}`, through);
      const killed = await killAtEveryCall(traced, /\/\.identity\.lock"/, check);
      assert(killed >= 10, `Only ${killed} commands were killed`);
    }
    // The lock of a killed process does not delay the next write, which removes what that process left.
    const { code, stderr } = await start("last").end();
    assert.equal(code, 0, stderr);
    assert.equal(Deno.readTextFileSync(path), fileWith("last"));
    assert.deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name).sort(), [
      ".identity.lock",
      "identity.toml",
    ]);
  });
}
