import assert from "node:assert/strict";
import { WireTap } from "../../support/test_machine.ts";
import {
  ALIAS,
  assertNothingRefused,
  FAILED,
  strace,
  TelemetryMachine,
  withoutSenders as ignore,
  withoutStrace,
} from "../../support/telemetry_machine.ts";

/** Runs the same command so many times at once. */
async function runAtOnce(machine: TelemetryMachine, count: number): Promise<void> {
  const ran = await Promise.all(Array.from({ length: count }, () => machine.run(["whoami"])));
  for (const { stderr } of ran) assert.doesNotMatch(stderr, /usage|telemetry|lock/i);
}

Deno.test(
  { name: "20 first commands at once: one anonymous id ever, and every event", ignore },
  async () => {
    await using machine = await TelemetryMachine.start();
    const stored = new Set<string>();
    // Whenever an event arrives the identity is there, and never half of it.
    await using sink = new WireTap(machine.server.url, () => {
      stored.add(machine.identity().anon_id);
      return undefined;
    });
    machine.reportTo(sink.url);
    await runAtOnce(machine, 20);
    const arrived = await machine.arrived();
    assert.equal(arrived.length, 20);
    const { anon_id: anonId } = machine.identity();
    assert.deepEqual([...stored], [anonId]);
    assert.deepEqual(new Set(arrived.map(({ distinct_id }) => distinct_id)), new Set([anonId]));
    assertNothingRefused(arrived);
  },
);

Deno.test({
  name: "8 first commands at once on a slow disk: one anonymous id",
  ignore: withoutStrace,
}, async () => {
  await using machine = await TelemetryMachine.start();
  // The first file that a process puts in its place comes late, and so does everybody who waits for that.
  const slow = ["-e", "trace=rename", "-e", "inject=rename:delay_enter=100ms:when=1"];
  const through = strace(...slow, "-o", "/dev/null");
  await Promise.all(Array.from({ length: 8 }, () => machine.run(["whoami"], { through })));
  const ids = (await machine.arrived()).map(({ distinct_id }) => distinct_id);
  assert.deepEqual(ids, Array(8).fill(machine.identity().anon_id));
});

/** Fails unless all events are of this person, and one alias of this machine is before them all. */
function assertLinkedOnce(
  arrived: Awaited<ReturnType<TelemetryMachine["arrived"]>>,
  { anonId, principalId, count }: { anonId: string; principalId: string; count: number },
): void {
  const [alias, ...events] = arrived;
  assertNothingRefused(arrived);
  assert.equal(alias?.event, ALIAS);
  assert.equal(alias.distinct_id, anonId);
  assert.equal(alias.payload.properties.alias, principalId);
  assert.deepEqual(events.filter(({ event }) => event === ALIAS), []);
  assert.deepEqual(new Set(events.map(({ distinct_id }) => distinct_id)), new Set([principalId]));
  assert.equal(events.length, count);
}

Deno.test({ name: "20 commands in the very moment in which a login ends", ignore }, async () => {
  await using machine = await TelemetryMachine.start();
  assert.equal((await machine.report(["whoami"])).arrived.length, 1);
  const { anon_id: anonId } = machine.identity();
  await machine.logInAs("ada@example.com");
  await runAtOnce(machine, 20);
  const principalId = machine.stored("account_id");
  assertLinkedOnce(await machine.arrived(), { anonId, principalId, count: 21 });
  assert.deepEqual(machine.identity(), { anon_id: anonId, linked_principal_id: principalId });
});

for (const isFirst of [true, false]) {
  const how = isFirst
    ? "with credentials that say whose they are, on a machine where nothing ran yet"
    : "with credentials that do not say whose they are, on a machine that was anonymous";
  Deno.test({ name: `20 commands that race for the alias, ${how}`, ignore }, async () => {
    await using machine = await TelemetryMachine.start();
    if (!isFirst) assert.equal((await machine.report(["whoami"])).arrived.length, 1);
    machine.writeCredentials(await machine.credentialsOf("ada@example.com"));
    const principalId = machine.stored("account_id");
    if (!isFirst) machine.forgetAccount();
    await runAtOnce(machine, 20);
    const arrived = await machine.arrived();
    const { anon_id: anonId, linked_principal_id } = machine.identity();
    assert.equal(linked_principal_id, principalId);
    assertLinkedOnce(arrived, { anonId, principalId, count: 20 });
  });
}

Deno.test({ name: "20 commands at once after the account was switched", ignore }, async () => {
  await using machine = await TelemetryMachine.start();
  await machine.logInAs("ada@example.com");
  const before = await machine.arrived();
  const { anon_id: firstAnonId, linked_principal_id: first } = machine.identity();
  machine.writeCredentials(await machine.credentialsOf("grace@example.com"));
  const principalId = machine.stored("account_id");
  await runAtOnce(machine, 20);
  const arrived = await machine.arrived();
  const { anon_id: anonId } = machine.identity();
  assert.notEqual(anonId, firstAnonId);
  // What happened under the old identity and finds the new one before its link could be anybody's, and is not sent.
  const count = arrived.length - 1;
  assert(count > 0 && count <= 20, `${count} events`);
  assertLinkedOnce(arrived, { anonId, principalId, count });
  const mixed = JSON.stringify(arrived);
  assert(!mixed.includes(firstAnonId) && !mixed.includes(String(first)));
  assertNothingRefused(before);
});

Deno.test(
  { name: "commands and a logout at once: nothing is sent as who comes next", ignore },
  async () => {
    await using machine = await TelemetryMachine.start();
    await machine.logInAs("ada@example.com");
    await machine.arrived();
    const { anon_id: firstAnonId, linked_principal_id: first } = machine.identity();
    await Promise.all([runAtOnce(machine, 10), machine.run(["logout"]), runAtOnce(machine, 10)]);
    await machine.arrived();
    const { anon_id: next, linked_principal_id } = machine.identity();
    assert.notEqual(next, firstAnonId);
    assert.equal(linked_principal_id, null);
    const all = await machine.events();
    assertNothingRefused(all);
    for (const { distinct_id, event } of all) {
      assert([firstAnonId, first, next].includes(distinct_id), distinct_id);
      // Whoever was still logged in was not who comes next.
      if (distinct_id === next) assert.equal(event, FAILED);
    }
    assert.equal(
      all.filter(({ payload }) => payload.properties.command_name === "logout").length,
      1,
    );
    await machine.logInAs("grace@example.com");
    const second = machine.stored("account_id");
    assertLinkedOnce(await machine.arrived(), { anonId: next, principalId: second, count: 1 });
  },
);
