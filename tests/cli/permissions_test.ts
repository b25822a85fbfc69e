import assert from "node:assert/strict";
import { unneeded } from "../../src/cli/permissions.ts";
import { PERMISSION_FLAGS } from "../../src/process/permission_flags.ts";
import { ProjectFolder } from "../support/project_folder.ts";
import { ROOT } from "../support/root.ts";

/** A process of this Deno in the repository, with an Arcade folder. */
function deno(args: readonly string[], folder: string): Deno.Command {
  return new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd: ROOT,
    env: { ARCADE_WORK_DIR: folder },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  });
}

Deno.test("the task `arcade` has the permissions of the binary, and no task has all permissions", async () => {
  const { tasks } = JSON.parse(await Deno.readTextFile(`${ROOT}/deno.json`));
  const command = /^deno run \$\(deno (.+)\) main\.ts$/.exec(tasks.arcade.command)?.[1] ?? "";
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: command.split(" "),
    cwd: ROOT,
  }).output();
  assert.deepEqual(new TextDecoder().decode(stdout).trim().split(" "), PERMISSION_FLAGS);
  for (const { command } of Object.values<{ command: string }>(tasks)) {
    assert.doesNotMatch(command, /(^| )(-A|--allow-all)( |$)/);
  }
});

Deno.test("the task `arcade` passes on arguments, input, output and the exit code", async () => {
  using folder = new ProjectFolder({});
  const run = async (args: readonly string[], input: string) => {
    const child = deno(["task", "--quiet", "arcade", ...args], folder.path).spawn();
    await new Blob([input]).stream().pipeTo(child.stdin);
    const { code, stdout } = await child.output();
    return [code, new TextDecoder().decode(stdout)];
  };
  const hub = ["--hub", "hub.example.com"];
  const [added] = await run(
    ["identity", "add", ...hub, "--name", "a  b", "--token-stdin"],
    "abc\n",
  );
  assert.equal(added, 0);
  assert.deepEqual(await run(["identity", "token", ...hub], ""), [0, "abc\n"]);
  assert.deepEqual(await run(["identity", "token"], ""), [2, ""]);
});

Deno.test({
  name: "the task `arcade` passes signals on",
  ignore: Deno.build.os === "windows",
}, async () => {
  using folder = new ProjectFolder({});
  const serve = ["local", "serve", "--ephemeral", "--port", "0"];
  const child = deno(["task", "--quiet", "arcade", ...serve], folder.path).spawn();
  await child.stdin.close();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let shown = "";
  while (!shown.includes("Ctrl-C")) {
    const { value, done } = await reader.read();
    assert(!done, shown);
    shown += value;
  }
  child.kill("SIGTERM");
  const messages = await new Response(child.stderr).text();
  assert.equal((await child.status).code, 0, messages);
  assert.match(messages, /Local Arcade stopped/);
  await reader.cancel();
});

Deno.test("unneeded() returns every permission that is not needed", () => {
  assert.deepEqual(unneeded(["read"]), ["write", "net", "run", "sys"]);
  assert.deepEqual(unneeded(["read", "write", "net", "run", "sys"]), []);
});

Deno.test("on Windows a command that writes files can restrict the folder to its owner", () => {
  assert.deepEqual(unneeded(["read", "write"], "windows"), ["net", "sys"]);
  assert.deepEqual(unneeded(["read", "write"], "linux"), ["net", "run", "sys"]);
  assert.deepEqual(unneeded(["read"], "windows"), ["write", "net", "run", "sys"]);
});
