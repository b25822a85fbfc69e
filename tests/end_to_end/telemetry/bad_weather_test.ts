import assert from "node:assert/strict";
import { Answers, RawAnswers, type Seen } from "../../support/answers.ts";
import { Delay } from "../../support/test_machine.ts";
import {
  ALIAS,
  nowhere,
  only,
  type Sent,
  TelemetryMachine,
  withoutSenders as ignore,
} from "../../support/telemetry_machine.ts";

/** The names of the events of these requests. */
function names(seen: readonly Seen[]): string[] {
  return seen.flatMap(({ method, path, body }) => {
    assert.deepEqual([method, path], ["POST", "/batch/"]);
    const { batch }: { batch: Sent[] } = JSON.parse(body);
    return batch.map(({ event }) => event);
  });
}

/** Commands on a machine where the alias is due, whose event sink is not what it should be. */
async function commandsAreTheSame(machine: TelemetryMachine, sink: string): Promise<void> {
  for (const args of [["whoami"], ["org", "set", "Nowhere"], ["whoami", "--json"], ["wat"]]) {
    const without = await machine.run(args, { env: { ARCADE_POSTHOG_KEY: "" } });
    assert.deepEqual(await machine.run(args, { env: { ARCADE_POSTHOG_HOST: sink } }), without);
  }
}

/** Fails unless the alias is sent by a command that meets a sink that works, before the event of that command. */
async function nextCommandAliases(machine: TelemetryMachine): Promise<void> {
  const principalId = machine.stored("account_id");
  const { anon_id: anonId, linked_principal_id } = machine.identity();
  assert.equal(linked_principal_id, null, "An alias that no sink accepted is stored");
  const [alias, event, ...others] = (await machine.report(["whoami"])).arrived;
  assert.deepEqual(others, []);
  assert.deepEqual([alias?.event, alias?.distinct_id], [ALIAS, anonId]);
  assert.equal(event?.distinct_id, principalId);
  assert.deepEqual(machine.identity(), { anon_id: anonId, linked_principal_id: principalId });
}

const FAILING: Record<string, () => Response> = {
  "500": () => Response.json({ error: "of the test" }, { status: 500 }),
  "429": () => new Response(null, { status: 429, headers: { "retry-after": "3600" } }),
};
for (const [name, answer] of Object.entries(FAILING)) {
  Deno.test({
    name: `a sink that answers with ${name}: one retry, and the alias stays due`,
    ignore,
  }, async () => {
    await using machine = await TelemetryMachine.loggedInUnnoticed();
    await using sink = new Answers(answer);
    const { code } = await machine.run(["whoami"], { env: { ARCADE_POSTHOG_HOST: sink.url } });
    assert.equal(code, 0);
    await machine.senders.gone();
    const [alias, again, event, andAgain, ...others] = names(sink.seen);
    assert.deepEqual([alias, again], [ALIAS, ALIAS]);
    assert.equal(event, "CLI execution succeeded");
    assert.equal(andAgain, event);
    assert.deepEqual(others, []);
    // What is sent again is the same event, so that it counts once.
    const [, , one, two] = sink.seen;
    assert.equal(idOf(one), idOf(two));
    await nextCommandAliases(machine);
  });
}

function idOf(seen: Seen | undefined): unknown {
  const { batch }: { batch: { uuid: unknown }[] } = JSON.parse(seen?.body ?? "");
  return batch[0]?.uuid;
}

/** Garbage, nothing, the start of an answer, and another protocol. */
const BROKEN = [
  "\0\x01\xff\r\n\r\n\x7f",
  "",
  "HTTP/1.1 200 OK\r\ncontent-le",
  "SSH-2.0-OpenSSH_9.2\r\n",
];
Deno.test(
  { name: "refused connections and broken answers do not change what a command prints", ignore },
  async () => {
    const meet = async (sink: string) => {
      await using machine = await TelemetryMachine.loggedInUnnoticed();
      await commandsAreTheSame(machine, sink);
      await machine.senders.kill(); // they wait for each other
      await machine.run(["whoami"], { env: { ARCADE_POSTHOG_HOST: sink } });
      await machine.senders.gone();
      await nextCommandAliases(machine);
    };
    const broken = BROKEN.map((answer) => new RawAnswers(answer));
    try {
      await Promise.all([nowhere(), ...broken.map(({ url }) => url)].map(meet));
    } finally {
      for (const sink of broken) sink[Symbol.dispose]();
    }
  },
);

Deno.test({ name: "a web page with 200 is not an answer of PostHog", ignore }, async () => {
  await using machine = await TelemetryMachine.loggedInUnnoticed();
  await using portal = new Answers(() =>
    new Response("<!doctype html><title>Sign in to the network</title>", {
      headers: { "content-type": "text/html" },
    })
  );
  await machine.run(["whoami"], { env: { ARCADE_POSTHOG_HOST: portal.url } });
  await machine.senders.gone();
  assert.deepEqual(names(portal.seen), [ALIAS, "CLI execution succeeded"]);
  await nextCommandAliases(machine);
});

for (const status of [302, 307]) {
  Deno.test(
    { name: `a redirect (${status}) to another server is not followed`, ignore },
    async () => {
      await using machine = await TelemetryMachine.loggedInUnnoticed();
      await using elsewhere = new Answers(() => Response.json({ status: "Ok" }));
      const location = `${elsewhere.url}/batch/`;
      await using sink = new Answers(() => new Response(null, { status, headers: { location } }));
      await machine.run(["whoami"], { env: { ARCADE_POSTHOG_HOST: sink.url } });
      await machine.senders.gone();
      assert(sink.seen.length > 0);
      assert.deepEqual(elsewhere.seen, []);
      await nextCommandAliases(machine);
    },
  );
}

for (const status of [200, 400]) {
  Deno.test({
    name: `an alias that is answered with ${status} is stored, and never sent again`,
    ignore,
  }, async () => {
    await using machine = await TelemetryMachine.loggedInUnnoticed();
    await using sink = new Answers(({ body }) =>
      Response.json({}, { status: body.includes(ALIAS) ? status : 200 })
    );
    machine.reportTo(sink.url);
    for (let i = 0; i < 3; i++) {
      assert.equal((await machine.run(["whoami"])).code, 0);
      await machine.senders.gone();
    }
    const principalId = machine.stored("account_id");
    assert.equal(machine.identity().linked_principal_id, principalId);
    const [first, ...others] = [...new Set(sink.seen.map(({ body }) => body))].map(eventIn);
    assert.equal(first?.event, ALIAS);
    assert.deepEqual(others.map(({ distinct_id }) => distinct_id), Array(3).fill(principalId));
    assert.equal(sink.seen.filter(({ body }) => body.includes(ALIAS)).length, 1);
  });
}

function eventIn(body: string): Sent {
  const { batch: [event] }: { batch: [Sent] } = JSON.parse(body);
  return event;
}

Deno.test({
  name: "a sink that accepts and never answers: nobody waits for it, and the child gives up",
  ignore,
}, async () => {
  await using machine = await TelemetryMachine.loggedInUnnoticed();
  await using sink = new Delay(machine.server.url);
  const without = await machine.run(["whoami"], { env: { ARCADE_POSTHOG_KEY: "" } });
  const env = { ARCADE_POSTHOG_HOST: sink.url };
  // One that waits for the answer to its alias, and two that wait for that one.
  const commands = Array.from({ length: 3 }, () => machine.run(["whoami"], { env }));
  for (const ran of await Promise.all(commands)) assert.deepEqual(ran, without);
  await machine.senders.gone();
  const aliases = sink.seen.filter(({ body }) => body.includes(ALIAS));
  const events = sink.seen.filter((seen) => !aliases.includes(seen));
  assert(aliases.length > new Set(aliases.map(idOf)).size, "No alias was tried again");
  // The alias took so long that an event would be tried again after the ten seconds that a child has.
  assert(events.length > 0);
  assert.equal(new Set(events.map(idOf)).size, events.length);
  await nextCommandAliases(machine);
});

Deno.test({ name: "a sink that answers late is waited for", ignore }, async () => {
  await using machine = await TelemetryMachine.start();
  await using sink = new Delay(machine.server.url);
  // A command that waited for its child would end with it, and then there would be nobody to take the answer.
  const { code } = await machine.run(["whoami"], { env: { ARCADE_POSTHOG_HOST: sink.url } });
  assert.equal(code, 4);
  await sink.asked();
  sink.end();
  only(await machine.arrived());
  assert.equal(sink.seen.length, 1);
});

for (const status of [401, 403, 404]) {
  Deno.test({ name: `${status} says nothing about the alias`, ignore }, async () => {
    await using machine = await TelemetryMachine.loggedInUnnoticed();
    await using sink = new Answers(() => Response.json({}, { status }));
    const { code } = await machine.run(["whoami"], { env: { ARCADE_POSTHOG_HOST: sink.url } });
    assert.equal(code, 0);
    await machine.senders.gone();
    assert(sink.seen.length > 0);
    await nextCommandAliases(machine);
  });
}

Deno.test({
  name: "an address that is not one of HTTP does not change what a command prints",
  ignore,
}, async () => {
  await using machine = await TelemetryMachine.start();
  for (const host of ["nonsense", "ftp://127.0.0.1", "file:///etc/passwd", "http://", "://"]) {
    const { code, stderr } = await machine.run(["whoami"], { env: { ARCADE_POSTHOG_HOST: host } });
    assert.deepEqual([code, stderr], [4, "Error: Not logged in\n  Run `arcade login`\n"]);
  }
  assert.deepEqual(await machine.arrived(), []);
  assert.throws(() => machine.files(), Deno.errors.NotFound);
  // A slash at the end and a path are fine.
  const env = { ARCADE_POSTHOG_HOST: `${machine.server.url}/` };
  only((await machine.report(["whoami"], { env })).arrived);
});
