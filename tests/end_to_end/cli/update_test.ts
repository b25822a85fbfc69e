import assert from "node:assert/strict";
import { VERSION } from "../../../src/version.ts";
import { FakeRepository } from "../../support/fake_release.ts";
import { patiently } from "../../support/patience.ts";
import { areInstalled } from "../../support/programs.ts";
import { isAvailable, succeeds, TestMachine } from "../../support/test_machine.ts";
import { ROOT } from "../../support/root.ts";

const ignore = !isAvailable(
  "Linux on x86-64 with script",
  () => Deno.build.target === "x86_64-unknown-linux-gnu" && succeeds("script", "--version"),
) || !areInstalled("ssh-keygen");

Deno.test({
  name: "an installed arcade mentions a newer version once a day, and updates to it",
  ignore,
}, async () => {
  await using machine = new TestMachine();
  delete machine.env.ARCADE_NO_UPDATE_CHECK;
  await using repository = new FakeRepository();
  const publicKey = await repository.publish("9.9.9");
  const bin = `${machine.home}/.local/bin`;
  const receipt = `${machine.home}/.config/arcade/install.json`;
  Deno.mkdirSync(bin, { recursive: true });
  Deno.mkdirSync(receipt.replace(/[^/]+$/, ""), { recursive: true });
  Deno.writeTextFileSync(receipt, JSON.stringify({ path: `${bin}/arcade`, version: VERSION }));
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["task", "--quiet", "build", `${bin}/arcade`],
    cwd: ROOT,
    env: { ARCADE_REPOSITORY: repository.url, ARCADE_RELEASE_KEY: publicKey },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).output();
  assert(success, new TextDecoder().decode(stderr));
  const onTerminal = async (line: string, env: Record<string, string> = {}) => {
    const script = ["script", "-qefc", `'${bin}/arcade' ${line}`, "/dev/null"];
    const options = { isTyped: true, env: { SHELL: "/bin/sh", ...env } };
    const { code, stdout } = await machine.startProgram(script, options).end();
    return { code, stdout: stdout.replaceAll("\r\n", "\n") };
  };

  // Without update checks there is no request.
  await onTerminal("telemetry status", { ARCADE_NO_UPDATE_CHECK: "1" });
  await machine.startProgram([`${bin}/arcade`, "telemetry", "status"]).end();
  assert.deepEqual(repository.downloaded, []);
  const first = await onTerminal("telemetry status");
  assert.doesNotMatch(first.stdout, /9\.9\.9/);
  const path = `${machine.home}/.arcade/update-check.json`;
  const found = async () => {
    while (!Deno.readTextFileSync(path).includes("9.9.9")) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  await patiently("the newest version", found());
  assert.deepEqual(repository.downloaded, ["latest"]);
  assert.deepEqual(repository.requests[0]?.body, "");

  const notice = `arcade 9.9.9 is available, this is ${VERSION}. Run \`arcade update\`\n`;
  const second = await onTerminal("telemetry status");
  assert(second.stdout.endsWith(notice), second.stdout);
  const third = await onTerminal("telemetry status");
  assert(!third.stdout.includes("9.9.9"));
  assert.deepEqual(repository.downloaded, ["latest"]);

  const updated = await onTerminal("update");
  assert.equal(updated.code, 0, updated.stdout);
  assert.match(updated.stdout, new RegExp(`Updated arcade from ${VERSION} to 9\\.9\\.9\n$`));
  const { stdout } = await machine.startProgram([`${bin}/arcade`, "--version"]).end();
  assert.equal(stdout, "9.9.9\n");
  assert.deepEqual([...Deno.readDirSync(bin)].map(({ name }) => name), ["arcade"]);
});
