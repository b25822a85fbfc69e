import assert from "node:assert/strict";
import {
  ALIAS,
  SUCCEEDED,
  TelemetryMachine,
  withoutSenders as ignore,
  withoutStrace,
} from "../../support/telemetry_machine.ts";

const LOCKS = [".credentials.lock", ".usage-alias.lock", ".usage.lock"];

/** Fails unless the identity file is complete, or does not exist yet. */
function assertWhole(machine: TelemetryMachine): void {
  try {
    const { anon_id, linked_principal_id, ...others } = machine.identity();
    assert.match(anon_id, /^[0-9a-f-]{36}$/);
    assert(linked_principal_id === null || linked_principal_id === machine.stored("account_id"));
    assert.deepEqual(others, {});
  } catch (error) {
    assert(error instanceof Deno.errors.NotFound, String(error));
  }
}

/** The state that the child process starts from. */
const BEFORE: Record<string, (machine: TelemetryMachine) => Promise<void>> = {
  "that creates the identity": ({ identityFile }) => Deno.remove(identityFile).catch(() => {}),
  "that links the identity": ({ identityFile }) => {
    const identity = { anon_id: crypto.randomUUID(), linked_principal_id: null };
    return Deno.writeTextFile(identityFile, JSON.stringify(identity));
  },
};

/** System calls on files, locks and the network, and how often the child process makes them at least. */
const CALLS = { write: 4, fsync: 3, rename: 3, flock: 3, connect: 1 };

for (const [what, before] of Object.entries(BEFORE)) {
  for (const [call, atLeast] of Object.entries(CALLS)) {
    const name = `a child process ${what} and is killed at any ${call} leaves consistent files`;
    Deno.test({ name, ignore: withoutStrace }, async () => {
      await using machine = await TelemetryMachine.withUnreportedLogin();
      const sent = {
        name: SUCCEEDED,
        properties: { command_name: "whoami" },
        timestamp: Date.now(),
        folder: machine.folder,
        user: { kind: "known", principalId: machine.stored("account_id") },
      };
      const env = { ARCADE_USAGE_EVENT_DATA: JSON.stringify(sent) };
      let kills = 0;
      for (let isKilled = true; isKilled;) {
        await before(machine);
        const kill = `inject=${call}:signal=KILL:when=${kills + 1}`;
        // Without strace(): some versions of strace inject no signals with --seccomp-bpf.
        const traced = ["-e", `trace=${call}`, "-e", kill, "-o", "/dev/null"];
        const through = ["strace", "-f", "-qq", ...traced];
        const { signal } = await machine.start([], { through, env }).end();
        assertWhole(machine);
        isKilled = signal === "SIGKILL";
        if (isKilled) kills++;
      }
      assert(kills >= atLeast, `Only ${kills} processes were killed`);
      // The last process was not killed and sent its event after its alias.
      const { anon_id: anonId, linked_principal_id } = machine.identity();
      assert.equal(linked_principal_id, machine.stored("account_id"));
      const arrived = await machine.arrived();
      const [event, alias] = arrived.toReversed();
      assert.deepEqual([alias?.distinct_id, event?.distinct_id], [anonId, linked_principal_id]);
      // An alias whose response was lost is sent again, which PostHog rejects. Every event was accepted.
      for (const { event, reason } of arrived.filter(({ status }) => status === "refused")) {
        assert.deepEqual([event, reason], [ALIAS, "already-identified"]);
      }
    });
  }
}

Deno.test({
  name: "the next child process removes the leftovers of a killed one, and no lock is still held",
  ignore,
}, async () => {
  await using machine = await TelemetryMachine.withUnreportedLogin();
  for (const name of ["usage.json", "usage-sent.json"]) {
    const path = `${machine.folder}/${name}.${crypto.randomUUID()}.tmp`;
    await Deno.writeTextFile(path, `{"anon_id": "${crypto.randomUUID()}`);
  }
  const { code, arrived } = await machine.report(["whoami"]);
  assert.equal(code, 0);
  assert.equal(arrived.length, 2);
  const expected = [...LOCKS, "credentials.yaml", "usage-sent.json", "usage.json"].sort();
  assert.deepEqual(machine.files(), expected);
});

for (const isAlias of [true, false]) {
  const when = isAlias ? "while it holds the alias lock" : "while it sends its event";
  Deno.test({ name: `a child process killed ${when} does not block others`, ignore }, async () => {
    await using machine = await TelemetryMachine.withUnreportedLogin();
    const { url } = machine.server;
    if (!isAlias) await machine.report(["whoami"]);
    using silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    machine.reportTo(`http://127.0.0.1:${silent.addr.port}`);
    const connected = silent.accept();
    await machine.run(["whoami"]);
    using _connection = await connected;
    const [stuck = 0] = await machine.senders.running();
    await machine.senders.killOne(stuck);
    machine.reportTo(url);
    const { code, arrived } = await machine.report(["whoami"]);
    assert.equal(code, 0);
    assert.equal(arrived.at(-1)?.distinct_id, machine.stored("account_id"));
    assert.equal(arrived.length, isAlias ? 2 : 1);
  });
}
