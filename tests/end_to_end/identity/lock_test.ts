import assert from "node:assert/strict";
import { isAvailable, type Running, succeeds, TestMachine } from "../../support/test_machine.ts";
import { pythonWith } from "../../support/python.ts";

const python = pythonWith("fcntl");

/** Programs that hold the lock until they read a line, write an entry, and release it; each is one process. */
const WRITE = `printf '["muse.example"]\\ntoken = "m"\\n' >> "$1/identity.toml"`;
const PYTHON = `
import fcntl, sys
with open(sys.argv[1] + "/.identity.lock", "a") as lock:
    fcntl.flock(lock, fcntl.LOCK_EX)
    print("held", flush=True)
    sys.stdin.readline()
    with open(sys.argv[1] + "/identity.toml", "a") as file:
        file.write('["muse.example"]\\ntoken = "m"\\n')
`;
const HOLDERS = {
  "flock(1)": {
    isThere: () => succeeds("flock", "--version"),
    words: (folder: string) => [
      ...["flock", "--no-fork", `${folder}/.identity.lock`],
      ...["sh", "-c", `echo held; read -r _; ${WRITE}`, "sh", folder],
    ],
  },
  "Python, like Muse": {
    isThere: () => python !== undefined,
    words: (folder: string) => [python ?? "", "-c", PYTHON, folder],
  },
};

for (const [name, { isThere, words }] of Object.entries(HOLDERS)) {
  Deno.test({
    name: `\`identity add\` waits for ${name} and keeps its changes`,
    ignore: !isAvailable(name, isThere),
  }, async () => {
    await using machine = new TestMachine();
    const { folder } = machine;
    Deno.mkdirSync(folder, { mode: 0o700 });
    const holder: Running = machine.startProgram(words(folder), { isTyped: true });
    await holder.printed(/held/);
    const adding = machine.start(["identity", "add", "--hub", "arcade.example"], {
      env: { ARCADE_TOKEN: "a" },
    });
    await adding.isKeptWaiting();
    assert.equal((await machine.run(["identity", "list"])).code, 0, "Reading waits for the lock");
    assert.throws(() => Deno.statSync(`${folder}/identity.toml`), Deno.errors.NotFound);
    await holder.type("go\n");
    assert.equal((await holder.end()).code, 0);
    const { code, stderr } = await adding.end();
    assert.equal(code, 0, stderr);
    const file = Deno.readTextFileSync(`${folder}/identity.toml`);
    assert.match(file, /^\["muse\.example"\]\ntoken = "m"\n\n\["arcade\.example"\]\n/);
  });
}
