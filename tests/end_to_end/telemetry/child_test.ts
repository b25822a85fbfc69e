import assert from "node:assert/strict";
import { listRunning } from "../../../src/files/running.ts";
import { policyFileOf } from "../../../src/system/policy.ts";
import { networkVariables } from "../../../src/system/detached.ts";
import { PERMISSION_FLAGS } from "../../../src/process/permission_flags.ts";
import { copyProgram } from "../../support/executable_files.ts";
import { BINARY, Delay, type Running } from "../../support/test_machine.ts";
import { stateOf } from "../../support/senders.ts";
import {
  only,
  TelemetryMachine,
  withoutSenders as ignore,
} from "../../support/telemetry_machine.ts";
import { ROOT } from "../../support/root.ts";
import { NOT_LOGGED_IN } from "../../support/not_logged_in.ts";

/** Fails unless a command line that starts `arcade whoami` reports its event. */
async function assertReports(machine: TelemetryMachine, running: Running): Promise<void> {
  const { code, stderr } = await running.end();
  assert.match(stderr, NOT_LOGGED_IN);
  assert.equal(code, 4);
  assert.equal(only(await machine.arrived()).payload.properties.command_name, "whoami");
}

Deno.test({ name: "the binary finds its own path, however it is started", ignore }, async (t) => {
  await using machine = await TelemetryMachine.start();
  const folder = `${machine.path}/a folder with spaces, ünïcödé and 'quotes'`;
  const own = `${folder}/arcade`;
  await Deno.mkdir(folder);
  copyProgram(BINARY, own);
  const links = `${machine.path}/bin`;
  await Deno.mkdir(links);
  await Deno.symlink(own, `${links}/arcade`);
  await Deno.symlink(`${links}/arcade`, `${links}/other-name`);
  const path = `${links}:${machine.env.PATH}`;
  const starts: Record<string, () => Running> = {
    "by its path": () => machine.startProgram([own, "whoami"]),
    "by a relative path": () => machine.startProgram(["./arcade", "whoami"], { cwd: folder }),
    "by a relative path through the parent folder": () =>
      machine.startProgram(["sh", "-c", "cd /; cd -; ../bin/arcade whoami"], { cwd: folder }),
    "from PATH": () =>
      machine.startProgram(["sh", "-c", "arcade whoami"], { env: { PATH: `${folder}:/bin` } }),
    "from PATH, through a symlink": () =>
      machine.startProgram(["sh", "-c", "arcade whoami"], { env: { PATH: path } }),
    "through two symlinks, under another name": () =>
      machine.startProgram([`${links}/other-name`, "whoami"]),
  };
  for (const [name, start] of Object.entries(starts)) {
    await t.step(name, () => assertReports(machine, start()));
  }
});

Deno.test({
  name: "from source, the child process has exactly the permissions that it needs",
  ignore,
}, async () => {
  await using machine = await TelemetryMachine.start();
  await using sink = new Delay(machine.server.url);
  machine.reportTo(sink.url);
  // As `deno task arcade` runs it, with the npm packages that are cached already.
  const words = [
    Deno.execPath(),
    "run",
    "--quiet",
    ...PERMISSION_FLAGS,
    `${ROOT}/main.ts`,
    "whoami",
  ];
  const running = machine.startProgram(words, { env: { DENO_DIR: denoFolder() } });
  const { code, stderr } = await running.end();
  assert.match(stderr, NOT_LOGGED_IN);
  assert.equal(code, 4);
  await sink.asked();
  const [pid = 0] = await machine.senders.running();
  const commandLine = commandLineOf(pid);
  const variables = [...stateOf(pid).environment.keys()]
    .filter((name) => !/^(?:ARCADE_|PWD$|OLDPWD$|SHLVL$|_$)/.test(name));
  const certificates = networkVariables({});
  const expected = ["DENO_DIR", "HOME", ...Object.keys(certificates)];
  assert.deepEqual(variables.sort(), expected.sort());
  sink.end();
  only(await machine.arrived());

  const permissions = commandLine.filter((word) => word.startsWith("--"));
  const [read, write, net, env, sys, ...others] = permissions
    .filter((word) => !["--no-prompt", "--quiet"].includes(word)).sort(byOrder);
  assert.deepEqual(others, []);
  assert.equal(sys, "--allow-sys=uid");
  const policy = policyFileOf("linux");
  // The local Arcade that runs is asked through its socket, which has no name among the hosts.
  const [{ socket } = { socket: undefined }] = listRunning(machine.folder);
  assert(socket);
  const folder = socket.slice(0, socket.lastIndexOf("/"));
  const files = [machine.folder, policy, certificates.SSL_CERT_FILE, folder].filter((path) =>
    path !== undefined
  );
  assert.equal(read, `--allow-read=${files.join()}`);
  assert.equal(write, `--allow-write=${machine.folder},${socket}`);
  assert.equal(net, "--allow-net");
  assert.match(env ?? "", /^--allow-env=\w/);
  assert(permissions.includes("--no-prompt"));
});

const ORDER = ["--allow-read", "--allow-write", "--allow-net", "--allow-env", "--allow-sys"];

function byOrder(a: string, b: string): number {
  const rank = (word: string) => {
    const index = ORDER.findIndex((flag) => word.split("=")[0] === flag);
    return index < 0 ? ORDER.length : index;
  };
  return rank(a) - rank(b);
}

/** The cache folder of this Deno. */
function denoFolder(): string {
  const { stdout } = new Deno.Command(Deno.execPath(), { args: ["info", "--json"] }).outputSync();
  const { denoDir }: { denoDir: string } = JSON.parse(new TextDecoder().decode(stdout));
  return denoDir;
}

/** The arguments of a process. */
function commandLineOf(pid: number): string[] {
  const { stdout } = new Deno.Command("cat", { args: [`/proc/${pid}/cmdline`] }).outputSync();
  return new TextDecoder().decode(stdout).split("\0");
}

const EVENT = {
  name: "CLI execution succeeded",
  properties: { command_name: "whoami" },
  timestamp: Date.UTC(2026, 0, 2, 3, 4, 5, 678),
  folder: "/",
  user: { kind: "logged-out" },
};
/** The event as a command of this machine passes it to the child process. */
function eventOf({ folder }: TelemetryMachine): string {
  return JSON.stringify({ ...EVENT, folder });
}

const MALFORMED: Record<string, string> = {
  "nothing": "",
  "an open bracket": "{",
  "a list": "[]",
  "null": "null",
  "a number": "5",
  "an empty object": "{}",
  "a name that is a number": JSON.stringify({ ...EVENT, name: 5 }),
  "a property that is an object": JSON.stringify({ ...EVENT, properties: { a: { b: 1 } } }),
  "an invalid time": JSON.stringify({ ...EVENT, timestamp: "yesterday" }),
  "a time that is not an integer": JSON.stringify({ ...EVENT, timestamp: 0.5 }),
  "no folder": JSON.stringify({ ...EVENT, folder: undefined }),
  "no user": JSON.stringify({ ...EVENT, user: undefined }),
  "a user of another kind": JSON.stringify({ ...EVENT, user: { kind: "root" } }),
  "an account that is a number": JSON.stringify({
    ...EVENT,
    user: { kind: "known", principalId: 5 },
  }),
  "an identity that is a number": JSON.stringify({ ...EVENT, identity: 5 }),
  "an id that is a number": JSON.stringify({ ...EVENT, identity: { anonId: 5 } }),
  "a hundred thousand brackets": "[".repeat(100_000),
  "a long text": JSON.stringify("ä€😀\u0000".repeat(8_000)),
  "other languages": "ünïcödé 😀 \u202e\ufeff",
};

Deno.test(
  { name: "with a malformed variable the child process exits silently", ignore },
  async (t) => {
    await using machine = await TelemetryMachine.start();
    for (const [name, ARCADE_USAGE_EVENT_DATA] of Object.entries(MALFORMED)) {
      await t.step(name, async () => {
        const ran = await machine.run([], { env: { ARCADE_USAGE_EVENT_DATA } });
        assert.deepEqual(ran, { code: 0, stdout: "", stderr: "" });
      });
    }
    assert.deepEqual(await machine.arrived(), []);
    assert.deepEqual(machine.files(), []);
  },
);

Deno.test({ name: "a command ignores the variable", ignore }, async () => {
  await using machine = await TelemetryMachine.start();
  for (const ARCADE_USAGE_EVENT_DATA of ["", "{", eventOf(machine)]) {
    const env = { ARCADE_USAGE_EVENT_DATA };
    const version = await machine.run(["--version"], { env });
    assert.match(version.stdout, /^\d+\.\d+\.\d+\n$/);
    assert.match((await machine.run(["--help"], { env })).stdout, /START/);
    const { code, stderr, arrived } = await machine.report(["org", "list"], { env });
    assert.match(stderr, NOT_LOGGED_IN);
    assert.equal(code, 4);
    assert.equal(only(arrived).payload.properties.command_name, "org.list");
  }
});

Deno.test({ name: "the child process checks again whether telemetry is on", ignore }, async () => {
  await using machine = await TelemetryMachine.start();
  const env = { ARCADE_USAGE_EVENT_DATA: eventOf(machine) };
  const offs = [
    { DO_NOT_TRACK: "1" },
    { ARCADE_USAGE_TRACKING: "off" },
    { ARCADE_POSTHOG_KEY: "" },
    { ARCADE_POSTHOG_HOST: "nonsense" },
  ];
  for (const off of offs) {
    const ran = await machine.run([], { env: { ...env, ...off } });
    assert.deepEqual(ran, { code: 0, stdout: "", stderr: "" });
  }
  assert.deepEqual(machine.files(), []);
  assert.deepEqual(await machine.arrived(), []);
  assert.equal((await machine.run([], { env })).code, 0);
  const { payload } = only(await machine.arrived());
  assert.equal(payload.timestamp, "2026-01-02T03:04:05.678Z");
  await machine.report(["telemetry", "disable"]);
  assert.equal((await machine.run([], { env })).code, 0);
  assert.deepEqual(await machine.arrived(), []);
});

Deno.test({
  name: "the child process does not link an anonymous id that was replaced before it started",
  ignore,
}, async () => {
  await using machine = await TelemetryMachine.start();
  const anonId = crypto.randomUUID();
  const send = async (isLogout: boolean) => {
    const user = { kind: "known", principalId: "account_1" };
    const event = { ...EVENT, folder: machine.folder, identity: { anonId }, user, isLogout };
    const env = { ARCADE_USAGE_EVENT_DATA: JSON.stringify(event) };
    assert.equal((await machine.run([], { env })).code, 0);
    return (await machine.arrived()).map(({ distinct_id }) => distinct_id);
  };
  await machine.report(["whoami"]);
  const stored = machine.identity();
  assert.deepEqual(await send(false), []);
  // The logout itself is the last event of that user, and is linked.
  assert.deepEqual(await send(true), [anonId, "account_1"]);
  assert.deepEqual(machine.identity(), stored);
});
