import assert from "node:assert/strict";
import {
  ALIAS,
  eventually,
  only,
  ReportingMachine,
  SUCCEEDED,
  withoutProc as ignore,
  withoutStrace,
} from "../support/telemetry.ts";

const ROUNDS = 15;
/** Longer than a child takes on a quick machine, so that some kills come late. */
const LIFE_MS = 90;
const LOCKS = [".credentials.lock", ".usage-alias.lock", ".usage.lock"];

/** Fails unless the identity is whole, or there is none yet. */
function assertWhole(machine: ReportingMachine): void {
  try {
    const { anon_id, linked_principal_id, ...others } = machine.identity();
    assert.match(anon_id, /^[0-9a-f-]{36}$/);
    assert(linked_principal_id === null || linked_principal_id === machine.stored("account_id"));
    assert.deepEqual(others, {});
  } catch (error) {
    assert(error instanceof Deno.errors.NotFound, String(error));
  }
}

/** Runs a command and kills the process that reports it, at some moment; whether there was one to kill. */
async function killSometime(machine: ReportingMachine): Promise<boolean> {
  assert.equal((await machine.run(["whoami"])).code, 0);
  await new Promise((resolve) => setTimeout(resolve, Math.random() * LIFE_MS));
  const wasAlive = machine.senders.pids().length > 0;
  machine.senders.kill();
  await machine.senders.gone();
  return wasAlive;
}

Deno.test(
  { name: "a child that is killed at any moment leaves nothing half done", ignore },
  async () => {
    await using machine = await ReportingMachine.loggedInUnnoticed();
    const principalId = machine.stored("account_id");
    const fresh = () => Deno.remove(machine.identityFile).catch(() => {});
    const unlink = () => {
      const text = JSON.stringify({ anon_id: crypto.randomUUID(), linked_principal_id: null });
      return Deno.writeTextFile(machine.identityFile, text);
    };
    let kills = 0;
    for (let round = 0; round < ROUNDS; round++) {
      // Created anew, linked anew, or used as it is.
      await [fresh, unlink, () => Promise.resolve()][round % 3]?.();
      if (await killSometime(machine)) kills++;
      assertWhole(machine);
      if (round % 5 < 4) continue;
      // The next command works, and reports.
      await machine.arrived();
      const { code, arrived } = await machine.report(["whoami"]);
      assert.equal(code, 0);
      const event = only(arrived.filter(({ event }) => event !== ALIAS));
      assert.equal(event.distinct_id, principalId);
      assert.equal(machine.identity().linked_principal_id, principalId);
    }
    assert(kills > ROUNDS / 4, `Only ${kills} were killed, so little was tested`);
    // An alias may be sent again when its answer was lost, and then PostHog has it already. No event was without one.
    const refused = (await machine.events()).filter(({ status }) => status === "refused");
    for (const { event, reason } of refused) {
      assert.deepEqual([event, reason], [ALIAS, "already-identified"]);
    }
  },
);

for (const call of ["write", "rename"]) {
  const name = `a child that is killed at any ${call} leaves the old identity or the new one`;
  Deno.test({ name, ignore: withoutStrace }, async () => {
    await using machine = await ReportingMachine.loggedInUnnoticed();
    const sent = { name: SUCCEEDED, properties: { command_name: "whoami" }, timestamp: Date.now() };
    const env = { ARCADE_USAGE_EVENT_DATA: JSON.stringify(sent) };
    let kills = 0;
    for (let isKilled = true; isKilled;) {
      await Deno.remove(machine.identityFile).catch(() => {});
      const kill = `inject=${call}:signal=KILL:when=${kills + 1}`;
      const through = ["strace", "-f", "-qq", "-e", `trace=${call}`, "-e", kill, "-o", "/dev/null"];
      const { signal } = await machine.start([], { through, env }).end();
      await machine.senders.gone();
      assertWhole(machine);
      isKilled = signal === "SIGKILL";
      if (isKilled) kills++;
    }
    // Created, put on record twice, and linked.
    assert(kills >= 4, `Only ${kills} were killed`);
    const { anon_id: anonId, linked_principal_id } = machine.identity();
    assert.equal(linked_principal_id, machine.stored("account_id"));
    const [event, alias] = (await machine.arrived()).toReversed();
    assert.deepEqual([alias?.distinct_id, event?.distinct_id], [anonId, linked_principal_id]);
  });
}

Deno.test({
  name: "what a killed child left is removed by the next one, and no lock stays",
  ignore,
}, async () => {
  await using machine = await ReportingMachine.loggedInUnnoticed();
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
  const when = isAlias ? "while it holds the lock of the alias" : "while it sends its event";
  Deno.test({ name: `a child that is killed ${when} holds up nobody`, ignore }, async () => {
    await using machine = await ReportingMachine.loggedInUnnoticed();
    const { url } = machine.server;
    if (!isAlias) await machine.report(["whoami"]);
    using silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    machine.reportTo(`http://127.0.0.1:${silent.addr.port}`);
    const connected = silent.accept();
    await machine.run(["whoami"]);
    using _connection = await connected;
    const stuck = await machine.senders.started();
    Deno.kill(stuck, "SIGKILL");
    await eventually("its end", () => !machine.senders.pids().includes(stuck) || undefined);
    machine.reportTo(url);
    const { code, arrived } = await machine.report(["whoami"]);
    assert.equal(code, 0);
    assert.equal(arrived.at(-1)?.distinct_id, machine.stored("account_id"));
    assert.equal(arrived.length, isAlias ? 2 : 1);
  });
}
