/** Files, pipes and addresses that are endless or slow to parse. */

import assert from "node:assert/strict";
import { TestMachine } from "../../support/test_machine.ts";
import { withoutPipes } from "../../support/programs.ts";

const ignore = Deno.build.os === "windows";
const add = ["identity", "add", "--hub", "musehub.ai"];
const TOO_LONG = /^Error: [^\n]* is larger than 16 MiB\n {2}Send only the values\n$/;

Deno.test({ name: "an endless file from the user is rejected", ignore }, async () => {
  await using machine = await TestMachine.loggedIn();
  const link = `${machine.path}/link`;
  await Deno.symlink("/dev/zero", link);
  for (const path of ["/dev/zero", link]) {
    const lines = [["secret", "set", "--from-env", "--env-file", path], [
      ...add,
      "--token-file",
      path,
    ]];
    for (const args of lines) {
      const { code, stderr } = await machine.run(args);
      assert.equal(code, 2);
      assert.match(stderr, TOO_LONG);
    }
  }
});

Deno.test(
  { name: "a file from the user can be a pipe", ignore: ignore || withoutPipes },
  async () => {
    await using machine = await TestMachine.loggedIn();
    const pipe = `${machine.path}/pipe`;
    assert((await new Deno.Command("mkfifo", { args: [pipe] }).output()).success);
    const setting = machine.start(["secret", "set", "--from-env", "--env-file", pipe]);
    await Deno.writeTextFile(pipe, "FROM_A_PIPE=value\n");
    const { code, stderr } = await setting.end();
    assert.deepEqual([code, stderr], [0, "Created FROM_A_PIPE (5 characters)\n"]);
    // Ctrl-C ends the wait for a pipe without a writer.
    const waiting = machine.start([...add, "--token-file", pipe, "--debug"]);
    waiting.kill("SIGINT");
    assert.equal((await waiting.end()).signal, "SIGINT");
  },
);

Deno.test({ name: "a private file that is too large is rejected", ignore }, async () => {
  await using machine = await TestMachine.loggedIn();
  const credentials = await Deno.readTextFile(machine.credentials);
  await Deno.writeTextFile(machine.credentials, credentials + "#".repeat(1024 * 1024));
  for (const args of [["whoami"], ["secret", "list"], ["logout"]]) {
    const { code, stderr } = await machine.run(args);
    assert.equal(code, 1);
    assert.match(stderr, /credentials\.yaml is larger than 1 MiB/);
  }
  const identities = `${machine.folder}/identity.toml`;
  await Deno.writeTextFile(identities, "#".repeat(1024 * 1024 + 1), { mode: 0o600 });
  for (const args of [["identity", "list"], [...add, "--token", "t"]]) {
    const { code, stderr } = await machine.run(args);
    assert.equal(code, 1);
    assert.match(stderr, /identity\.toml is larger than 1 MiB/);
  }
});

/** Input that is slow if each line or each colon makes a parser start again. */
const LONG: Record<string, string> = {
  "a text of 200,000 lines": `["a.example"]\nname = """\n${"line\n".repeat(200_000)}"""\n`,
  "a list of 60,000 lists": `["a.example"]\nmore = [\n${"  [1],\n".repeat(60_000)}]\n`,
  "a header of 100,000 colons": `["${":".repeat(100_000)}"]\ntoken = "t"\n`,
};
for (const [what, source] of Object.entries(LONG)) {
  Deno.test(
    { name: `identity.toml with ${what} is read and changed, or rejected`, ignore },
    async () => {
      await using machine = new TestMachine();
      await Deno.mkdir(machine.folder, { mode: 0o700 });
      const path = `${machine.folder}/identity.toml`;
      await Deno.writeTextFile(path, source, { mode: 0o600 });
      // `end()` fails after a minute. These inputs once took several minutes.
      const { code, stderr } = await machine.run([...add, "--token-stdin"], { stdin: "token" });
      if (code !== 0) assert.match(stderr, /is part of a value with too many lines/);
      const after = await Deno.readTextFile(path);
      assert(after.startsWith(source), "The other entries have changed");
    },
  );
}

Deno.test("a hub with many colons is rejected", async () => {
  await using machine = new TestMachine();
  for (const hub of [":".repeat(50_000), `${"a:".repeat(50_000)}z`, `${"a.".repeat(50_000)}:`]) {
    const { code, stderr } = await machine.run(["identity", "show", "--hub", hub]);
    assert.equal(code, 2);
    assert.match(stderr, /The hub is not a host name/);
  }
});
