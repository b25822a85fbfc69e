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

/** Runs a command several times at once. */
async function runAtOnce(machine: TelemetryMachine, count: number): Promise<void> {
  const ran = await Promise.all(Array.from({ length: count }, () => machine.run(["whoami"])));
  for (const { stderr } of ran) assert.doesNotMatch(stderr, /usage|telemetry|lock/i);
}

Deno.test(
  { name: "20 first commands at once create one anonymous id and report every event", ignore },
  async () => {
    await using machine = await TelemetryMachine.start();
    const stored = new Set<string>();
    // Whenever an event arrives, the identity file is complete.
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
  name: "8 first commands at once on a slow disk create one anonymous id",
  ignore: withoutStrace,
}, async () => {
  await using machine = await TelemetryMachine.start();
  // Delays the first rename of each process, and so the processes that wait for it.
  const slow = ["-e", "trace=rename", "-e", "inject=rename:delay_enter=100ms:when=1"];
  const through = strace(...slow, "-o", "/dev/null");
  await Promise.all(Array.from({ length: 8 }, () => machine.run(["whoami"], { through })));
  const ids = (await machine.arrived()).map(({ distinct_id }) => distinct_id);
  assert.deepEqual(ids, Array(8).fill(machine.identity().anon_id));
});

/** Fails unless the events are one alias of this machine, and then only events of this account. */
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

Deno.test({ name: "20 commands at once right after a login send one alias", ignore }, async () => {
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
    ? "with an account id in the credentials, on a new machine"
    : "without an account id in the credentials, on a machine with an anonymous id";
  Deno.test({ name: `20 commands at once send one alias, ${how}`, ignore }, async () => {
    await using machine = await TelemetryMachine.start();
    if (!isFirst) assert.equal((await machine.report(["whoami"])).arrived.length, 1);
    machine.writeCredentials(await machine.credentialsOf("ada@example.com"));
    const principalId = machine.stored("account_id");
    if (!isFirst) machine.omitAccountId();
    await runAtOnce(machine, 20);
    const arrived = await machine.arrived();
    const { anon_id: anonId, linked_principal_id } = machine.identity();
    assert.equal(linked_principal_id, principalId);
    assertLinkedOnce(arrived, { anonId, principalId, count: 20 });
  });
}

Deno.test(
  { name: "20 commands at once after a switch of the account send one alias", ignore },
  async () => {
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
    // An event of the old identity that meets the new, unlinked one has no certain owner and is not sent.
    const count = arrived.length - 1;
    assert(count > 0 && count <= 20, `${count} events`);
    assertLinkedOnce(arrived, { anonId, principalId, count });
    const mixed = JSON.stringify(arrived);
    assert(!mixed.includes(firstAnonId) && !mixed.includes(String(first)));
    assertNothingRefused(before);
  },
);

Deno.test(
  { name: "nothing is sent under the next anonymous id while a logout runs", ignore },
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
      // A command that succeeded was still logged in, so its event never has the next id.
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
