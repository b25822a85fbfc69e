import assert from "node:assert/strict";
import { Answers } from "../../support/answers.ts";
import {
  only,
  strace,
  TelemetryMachine,
  withoutSenders,
  withoutStrace,
} from "../../support/telemetry_machine.ts";

/** What a command and all processes that it started did. */
interface Traced {
  readonly code: number;
  /** The files with `usage` in their names that were accessed. */
  readonly usageFiles: ReadonlySet<string>;
  /** The names of the programs that were run, in order. */
  readonly programs: readonly string[];
  /** The number of processes (not threads) that were started. */
  readonly processes: number;
  /** The connection attempts. */
  readonly connections: readonly { readonly process: string; readonly port: number }[];
  /** The id of the command's own process, as in `connections`. */
  readonly command: string;
}

/** Runs a command under strace, and waits for all processes that it starts. */
async function trace(
  machine: TelemetryMachine,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<Traced> {
  const log = `${machine.path}/trace`;
  const calls = "trace=%file,%process,%network";
  const through = strace("-s", "4096", "-e", calls, "-o", log);
  const { code } = await machine.run(args, { through, env });
  await machine.senders.gone();
  const lines = (await Deno.readTextFile(log)).split("\n").map((line) => {
    const [, process = "", call = ""] = /^(\d+) +(.*)$/.exec(line) ?? [];
    return { process, call };
  });
  const calling = (pattern: RegExp) => lines.filter(({ call }) => pattern.test(call));
  const paths = calling(/^\w+\(/).flatMap(({ call }) => call.match(/"[^"]*usage[^"]*"/g) ?? []);
  return {
    code,
    usageFiles: new Set(paths.map((path) => path.slice(1, -1).replace(/^.*\//, ""))),
    programs: calling(/^execve\((?!.* = -1)/).map(({ call }) =>
      /^execve\("(?:[^"]*\/)?([^"]*)"/.exec(call)?.[1] ?? call
    ),
    processes: calling(/^(?:clone3?|v?fork)\((?!.*CLONE_THREAD)/).length,
    connections: calling(/^connect\(/).map(({ process, call }) => ({
      process,
      port: Number(/htons\((\d+)\)/.exec(call)?.[1]),
    })),
    command: lines[0]?.process ?? "",
  };
}

/** A machine with a login, and a sink on a port of its own, to tell it from the coordinator. */
async function fixture() {
  const machine = await TelemetryMachine.withUnreportedLogin();
  const sink = new Answers(() => Response.json({ status: "Ok" }));
  machine.reportTo(sink.url);
  return {
    machine,
    sink,
    port: Number(new URL(sink.url).port),
    async [Symbol.asyncDispose]() {
      await machine[Symbol.asyncDispose]();
      await sink[Symbol.asyncDispose]();
    },
  };
}

const COMMANDS = [["whoami"], ["secret", "list"], ["org", "set", "Nowhere"], ["wat"]];

Deno.test({
  name: "with telemetry on, a trace shows one shell and one child process",
  ignore: withoutStrace,
}, async () => {
  await using all = await fixture();
  const { machine, sink, port } = all;
  const first = await trace(machine, ["whoami"]);
  assert.equal(first.code, 0);
  // The shell closes inherited descriptors and starts the child process. With a descriptor of two digits, bash continues.
  const shells = first.programs.slice(1, -1);
  assert.deepEqual(first.programs, ["arcade", ...shells, "arcade"]);
  assert(["sh", "sh bash"].includes(shells.join(" ")), shells.join(" "));
  assert.equal(first.processes, 2);
  for (const name of ["usage.json", "usage-sent.json", ".usage.lock", ".usage-alias.lock"]) {
    assert(first.usageFiles.has(name), `${name} is not in the trace`);
  }
  assert(first.connections.some((connection) => connection.port === port));
  assert(sink.seen.length > 0);
  // The command itself opens no connection, not even to look up the account.
  machine.omitAccountId();
  const lookUp = await trace(machine, ["whoami"]);
  assert(
    lookUp.connections.some((connection) => connection.port !== port),
    "The coordinator was not asked",
  );
  for (const { connections, command } of [first, lookUp]) {
    assert.deepEqual(connections.filter(({ process }) => process === command), []);
  }
});

const OPT_OUTS: Record<string, Record<string, string>> = {
  // Other values are in tests/telemetry/tracking_test.ts.
  "ARCADE_USAGE_TRACKING=OFF": { ARCADE_USAGE_TRACKING: "OFF" },
  "DO_NOT_TRACK=1": { DO_NOT_TRACK: "1" },
};
/** The opt-out is stored here, which is not an identity file. */
const SETTINGS = "usage-settings.json";

/** Fails if telemetry started, accessed or sent anything, other than access to the given files. */
function assertNothing(traced: Traced, port: number, { mayRead }: { mayRead: string[] }): void {
  const { programs, processes, connections, usageFiles } = traced;
  assert.deepEqual([programs, processes], [["arcade"], 0], "A process was started");
  assert.deepEqual(connections.filter((connection) => connection.port === port), []);
  assert.deepEqual([...usageFiles].filter((name) => !mayRead.includes(name)), []);
}

for (const [name, env] of Object.entries(OPT_OUTS)) {
  Deno.test(
    { name: `${name}: nothing is started, read, written or sent`, ignore: withoutStrace },
    async () => {
      await using all = await fixture();
      const { machine, sink, port } = all;
      for (const args of [...COMMANDS, ["logout"]]) {
        assertNothing(await trace(machine, args, env), port, { mayRead: [] });
      }
      assert.deepEqual(sink.seen, []);
      assert(!machine.files().some((file) => file.includes("usage")), machine.files().join());
    },
  );
}

Deno.test({
  name: "a build without a key: nothing is started, read, written or sent",
  ignore: withoutStrace,
}, async () => {
  await using all = await fixture();
  const { machine, port } = all;
  for (const args of [...COMMANDS, ["logout"]]) {
    const traced = await trace(machine, args, { ARCADE_POSTHOG_KEY: "" });
    // A logout resets an identity that another build, or the Python CLI, may have used.
    const mayRead = args[0] === "logout" ? [SETTINGS, "usage.json"] : [];
    assertNothing(traced, port, { mayRead });
  }
  assert(!machine.files().some((file) => file.includes("usage")), machine.files().join());
});

Deno.test({
  name: "`telemetry disable`: nothing is started, read, written or sent",
  ignore: withoutStrace,
}, async () => {
  await using all = await fixture();
  const { machine, sink, port } = all;
  const disabling = await trace(machine, ["telemetry", "disable"]);
  assert.equal(disabling.code, 0);
  assert.deepEqual([disabling.programs, disabling.processes], [["arcade"], 0]);
  const files = machine.files();
  for (const args of [...COMMANDS, ["telemetry", "disable", "--json"], ["logout"]]) {
    const mayRead = args[0] === "telemetry" ? [SETTINGS, ".usage.lock"] : [SETTINGS];
    const traced = await trace(machine, args);
    const { usageFiles } = traced;
    const temporary = [...usageFiles].filter((name) => name.startsWith(`${SETTINGS}.`));
    assertNothing(traced, port, { mayRead: [...mayRead, ...temporary] });
    if (args[0] !== "telemetry") assert.deepEqual(temporary, []);
  }
  assert.deepEqual(sink.seen, []);
  assert.deepEqual(machine.files(), files.filter((name) => name !== "credentials.yaml"));
  assert.deepEqual(files, [".credentials.lock", ".usage.lock", "credentials.yaml", SETTINGS]);
});

Deno.test(
  { name: "opting out keeps an existing identity", ignore: withoutSenders },
  async () => {
    await using machine = await TelemetryMachine.start();
    await machine.logInAs("ada@example.com");
    await machine.arrived();
    const { anon_id: anonId } = machine.identity();
    const before = await Deno.readTextFile(machine.identityFile);
    const sent = await Deno.readTextFile(`${machine.folder}/usage-sent.json`);
    for (const env of [...Object.values(OPT_OUTS), { ARCADE_POSTHOG_KEY: "" }]) {
      const { arrived } = await machine.report(["whoami"], { env });
      assert.deepEqual(arrived, []);
      assert.equal(await Deno.readTextFile(machine.identityFile), before);
    }
    assert.equal((await machine.report(["telemetry", "disable"])).code, 0);
    assert.deepEqual((await machine.report(["secret", "list"])).arrived, []);
    assert.equal(await Deno.readTextFile(machine.identityFile), before);
    assert.equal(await Deno.readTextFile(`${machine.folder}/usage-sent.json`), sent);
    // Opting in again continues with it.
    await machine.report(["telemetry", "enable"]);
    const { arrived } = await machine.report(["whoami"]);
    assert.equal(only(arrived).distinct_id, machine.stored("account_id"));
    assert.equal(machine.identity().anon_id, anonId);
  },
);

Deno.test({ name: "some values do not opt out", ignore: withoutSenders }, async () => {
  await using machine = await TelemetryMachine.start();
  const ons = [
    { ARCADE_USAGE_TRACKING: "yes", DO_NOT_TRACK: "0" },
    { ARCADE_USAGE_TRACKING: "", DO_NOT_TRACK: "" },
  ];
  for (const env of ons) only((await machine.report(["whoami"], { env })).arrived);
});
