import assert from "node:assert/strict";
import { shellWord } from "../../../src/text/shell_word.ts";
import { Visitor } from "../../../scripts/visitor.ts";
import { McpLog, mcpProgram } from "../../support/mcp_program.ts";
import { gone } from "../../support/processes.ts";
import { areInstalled } from "../../support/programs.ts";
import { BINARY, TestMachine } from "../../support/test_machine.ts";
import { FakeWorker, parameter, succeeded, workerTool } from "../../support/workers.ts";

const ignore = Deno.build.os === "windows";

const star = workerTool("SetStarred", {
  description: "Stars a repository at GitHub",
  input: {
    parameters: [
      parameter("owner", "string", { required: true }),
      parameter("name", "string", { required: true }),
      parameter("starred", "boolean"),
    ],
  },
  requirements: {
    authorization: {
      provider_id: "github",
      provider_type: "oauth2",
      oauth2: { scopes: ["repo"] },
    },
  },
});

/** The words of a line that a message or a help shows. */
const wordsOf = (line: string) => line.split(" ").slice(1);

Deno.test({
  name: "a repository is starred with four commands and only their output",
  ignore,
}, async () => {
  await using worker = new FakeWorker(
    [star],
    ({ inputs, context }) =>
      succeeded(`Starred ${inputs.owner}/${inputs.name} for ${context.user_id}`),
  );
  await using machine = new TestMachine();
  const seed = `${machine.path}/seed.yaml`;
  await Deno.writeTextFile(seed, `servers: [{ name: demo, url: "${worker.url}", secret: s }]\n`);
  await machine.serve({ args: ["--seed", seed] });
  await machine.logIn();

  const found = await machine.run(["tool", "search", "star", "repository"]);
  const [, name = ""] = /\n(\S+) /.exec(found.stdout) ?? [];
  const help = await machine.run(["tool", "call", name, "--help"]);
  assert.match(help.stdout, /NEEDS\n +Grant +github, oauth2 \(repo\)\n/);
  const [, example = ""] = /EXAMPLE\n +(.*)\n/.exec(help.stdout) ?? [];
  const line = wordsOf(example).map((word) => word === "text" ? "deno" : word);

  const first = await machine.run(line);
  assert.equal(first.code, 6, first.stderr);
  const [, page = ""] = /Open (http\S+), then run the same command again/.exec(first.stderr) ?? [];
  await allow(page);
  const { code, stdout, stderr } = await machine.run(line);
  assert.equal(code, 0, stderr);
  assert.equal(stdout, "Starred deno/deno for developer@arcade.local\n");
});

/** Presses [Allow] on the page of a grant. */
async function allow(page: string): Promise<void> {
  const browser = new Visitor();
  const response = await browser.fetch(page);
  const [, flow_id = ""] = /name="flow_id" value="([^"]+)"/.exec(await response.text()) ?? [];
  const decided = await browser.fetch(new URL("/grants/decision", page).href, {
    method: "POST",
    headers: { origin: new URL(page).origin },
    body: new URLSearchParams({ flow_id, decision: "allow" }),
  });
  const answer = await decided.text();
  assert(decided.status < 400, answer);
}

/** A machine, and a server that a command starts there. Nothing of it is left at the end. */
class MachineWithServer implements AsyncDisposable {
  readonly machine = new TestMachine();
  readonly log = new McpLog();

  /** The words of a call. */
  call(words: readonly string[], ...faults: readonly string[]): string[] {
    return ["tool", "call", ...words, "--", ...mcpProgram(this.log, ...faults)];
  }

  /** The same for a shell. */
  line(words: readonly string[], ...faults: readonly string[]): string {
    return [BINARY, ...this.call(words, ...faults)].map(shellWord).join(" ");
  }

  async shell(script: string) {
    const running = this.machine.startProgram(["/bin/sh", "-c", script]);
    const { code, stdout, stderr } = await running.end();
    assert.doesNotMatch(stderr, / at .*(?:file|ext):|NotCapable/);
    return { code, stdout, stderr };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await gone(...this.log.pids);
    await this.machine[Symbol.asyncDispose]();
    this.log[Symbol.dispose]();
  }
}

Deno.test(
  { name: "the executable calls a tool of a command, with its own permissions", ignore },
  async () => {
    await using server = new MachineWithServer();
    const { machine } = server;
    const { code, stdout, stderr } = await machine.run(
      server.call(["add", "--a", "1", "--b", "2"]),
    );
    assert.deepEqual([code, stdout, stderr], [0, "3\n", ""]);
    const debug = await machine.run(server.call(["Demo_Fail", "--debug", "--json"], "modern"));
    assert.equal(debug.code, 5);
  },
);

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  Deno.test(
    { name: `${signal} cancels the call at the server, and ends the server`, ignore },
    async () => {
      await using server = new MachineWithServer();
      const running = server.machine.start(server.call(["Demo_Hang"], "lingers"));
      await server.log.has("hanging");
      running.kill(signal);
      const { code, stderr } = await running.end();
      assert.deepEqual([code, stderr], [130, "Cancelled\n"]);
      assert(server.log.lines.includes("notifications/cancelled"));
    },
  );
}

for (const faults of [["hangs"], ["hangs", "ignores-sigterm", "lingers"], ["floods", "hangs"]]) {
  Deno.test({ name: `Ctrl-C ends a server that ${faults.join(", ")}`, ignore }, async () => {
    await using server = new MachineWithServer();
    const running = server.machine.start(server.call(["Demo_Add"], ...faults));
    await server.log.has("initialize");
    running.kill("SIGINT");
    assert.equal((await running.end()).code, 130);
  });
}

Deno.test({ name: "a server ends when arcade is killed", ignore }, async () => {
  await using server = new MachineWithServer();
  const running = server.machine.start(server.call(["Demo_Hang"], "ignores-sigterm", "lingers"));
  await server.log.has("hanging");
  running.kill("SIGKILL");
  await running.end();
});

Deno.test({
  name: "calls work with xargs and jq, and end when the reader of their output does",
  ignore: ignore || !areInstalled("jq", "xargs", "head"),
}, async () => {
  await using server = new MachineWithServer();
  const add = server.line(["Demo_Add", "--a", "{}", "--b", "1"]).replace("'{}'", "{}");
  const sums = await server.shell(`printf '%s\\n' 1 2 3 | xargs -I{} ${add}`);
  assert.deepEqual([sums.code, sums.stdout, sums.stderr], [0, "2\n3\n4\n", ""]);
  const failing = await server.shell(`echo x | xargs -I{} ${add}`);
  assert.deepEqual([failing.code, failing.stdout], [123, ""]);
  const structured = server.line(["Demo_Content", "--kind", "structured"]);
  assert.equal((await server.shell(`${structured} | jq .sum`)).stdout, "3\n");
  const whole = server.line(["Demo_Fail", "--json"]);
  assert.equal((await server.shell(`${whole} 2>/dev/null | jq .isError`)).stdout, "true\n");
  const text = server.line(["Demo_Content", "--kind", "text"]);
  const closed = await server.shell(`${text} | head -c 1`);
  assert.deepEqual([closed.code, closed.stdout, closed.stderr], [0, "o", ""]);
  const unread = await server.shell(`{ ${text}; echo $? >&2; } | true`);
  assert.equal(unread.stderr, "0\n");
});
