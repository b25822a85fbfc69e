import assert from "node:assert/strict";
import { shellWord } from "../../../src/text/shell_word.ts";
import { Answers } from "../../support/answers.ts";
import { BINARY, isAvailable, succeeds, TestMachine } from "../../support/test_machine.ts";

const TOKEN = "eyJ.CANARY-token";
const ignore = !isAvailable("git", () => succeeds("git", "--version"));

/** A machine with arcade as git's only credential helper. */
function withGit(): TestMachine {
  const machine = new TestMachine();
  Object.assign(machine.env, {
    GIT_TERMINAL_PROMPT: "0",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_ASKPASS: "",
  });
  Deno.writeTextFileSync(
    `${machine.home}/.gitconfig`,
    `[credential]\n\thelper = ${JSON.stringify(`!${shellWord(BINARY)} identity credential`)}\n`,
  );
  return machine;
}

async function add(machine: TestMachine, hub: string, ...args: string[]): Promise<void> {
  const { code, stderr } = await machine.run(["identity", "add", "--hub", hub, ...args], {
    env: { ARCADE_TOKEN: TOKEN },
  });
  assert.equal(code, 0, stderr);
}

/** Runs `git credential`, and returns the attributes that it prints. */
async function git(
  machine: TestMachine,
  operation: string,
  request: string | Uint8Array<ArrayBuffer>,
) {
  const stdin = typeof request === "string" ? `${request}\n\n` : request;
  const { code, stdout, stderr } = await machine
    .startProgram(["git", "credential", operation], { stdin }).end();
  const attributes: Record<string, string> = {};
  for (const [, key = "", value = ""] of stdout.matchAll(/^(\w+)=(.*)$/gm)) attributes[key] = value;
  return { code, attributes, stderr };
}

function stored(machine: TestMachine): string {
  return Deno.readTextFileSync(`${machine.folder}/identity.toml`);
}

const REQUEST = "protocol=https\nhost=musehub.ai";

Deno.test(
  { name: "git credential fill, approve and reject use the helper", ignore },
  async () => {
    await using machine = withGit();
    await add(machine, "musehub.ai", "--id", "usr_1", "--name", "Alice");
    const { attributes } = await git(machine, "fill", REQUEST);
    assert.equal(attributes.username, "usr_1");
    assert.equal(attributes.password, TOKEN);
    const withPath = await git(machine, "fill", "url=https://MuseHub.AI/repos/x.git");
    assert.equal(withPath.attributes.password, TOKEN);

    // Approving the stored token changes nothing.
    const before = stored(machine);
    const good = `${REQUEST}\nusername=usr_1\npassword=${TOKEN}`;
    assert.equal((await git(machine, "approve", good)).code, 0);
    assert.equal(stored(machine), before);

    // A new token replaces it, and a rejected token is emptied. The other fields are kept.
    await git(machine, "approve", `${REQUEST}\nusername=usr_1\npassword=new`);
    assert.equal(stored(machine), before.replace(TOKEN, "new"));
    await git(machine, "reject", `${REQUEST}\nusername=usr_1\npassword=${TOKEN}`);
    assert.equal(
      stored(machine),
      before.replace(TOKEN, "new"),
      "The rejection of an older token changed the file",
    );
    await git(machine, "reject", `${REQUEST}\nusername=usr_1\npassword=new`);
    assert.equal(stored(machine), before.replace(TOKEN, ""));
    const none = await git(machine, "fill", REQUEST);
    assert.notEqual(none.code, 0);
    assert.match(none.stderr, /could not read Username|terminal prompts disabled/);
  },
);

Deno.test(
  { name: "a password that is not UTF-8 leaves the token alone, and CRLF is a line end", ignore },
  async () => {
    await using machine = withGit();
    await add(machine, "musehub.ai");
    const before = stored(machine);
    const text = `${REQUEST}\nusername=arcade\npassword=caf\xe9\n\n`;
    const latin1 = Uint8Array.from(text, (letter) => letter.charCodeAt(0));
    const { stderr } = await git(machine, "approve", latin1);
    assert.match(stderr, /Error: The password that git sent is not UTF-8 text\n {2}Nothing was/);
    assert.equal(stored(machine), before);

    const crlf = `${REQUEST}\nusername=arcade\npassword=new\n\n`.replaceAll("\n", "\r\n");
    assert.equal((await git(machine, "approve", crlf)).code, 0);
    assert.equal(stored(machine), before.replace(TOKEN, "new"));
    const helper = machine.start(["identity", "credential", "erase"], { stdin: crlf });
    assert.equal((await helper.end()).code, 0);
    assert.equal(stored(machine), before.replace(TOKEN, ""));
  },
);

Deno.test(
  { name: "git gets no credentials for unknown hubs and stores none", ignore },
  async () => {
    await using machine = withGit();
    await add(machine, "musehub.ai");
    const before = stored(machine);
    for (
      const request of ["protocol=https\nhost=other.example", "protocol=http\nhost=musehub.ai"]
    ) {
      assert.notEqual((await git(machine, "fill", request)).code, 0);
      await git(machine, "approve", `${request}\nusername=a\npassword=b`);
      await git(machine, "reject", `${request}\nusername=a\npassword=b`);
    }
    assert.equal(stored(machine), before);
  },
);

Deno.test({ name: "git authenticates to a server with the stored token", ignore }, async () => {
  await using machine = withGit();
  await using server = new Answers(({ authorization }) =>
    authorization === `Basic ${btoa(`agt_1:${TOKEN}`)}`
      ? new Response("001e# service=git-upload-pack\n00000000", {
        headers: { "content-type": "application/x-git-upload-pack-advertisement" },
      })
      : new Response(null, { status: 401, headers: { "www-authenticate": 'Basic realm="hub"' } })
  );
  await add(machine, server.url, "--agent", "--id", "agt_1");
  const listed = await machine.startProgram(["git", "ls-remote", `${server.url}/x.git`]).end();
  assert.equal(listed.code, 0, listed.stderr);
  assert.deepEqual(server.seen.map(({ authorization }) => authorization !== null), [false, true]);
  assert.match(stored(machine), new RegExp(`token = "${TOKEN}"`));

  // A token that the server rejects is removed.
  await machine.run(["identity", "add", "--hub", server.url], { env: { ARCADE_TOKEN: "ended" } });
  const refused = await machine.startProgram(["git", "ls-remote", `${server.url}/x.git`]).end();
  assert.notEqual(refused.code, 0);
  assert.match(stored(machine), /^token = ""$/m);
  assert.match(stored(machine), /^id = "agt_1"$/m);
});
