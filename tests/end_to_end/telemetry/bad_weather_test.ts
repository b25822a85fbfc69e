import assert from "node:assert/strict";
import { Answers, RawAnswers, type Seen } from "../../support/answers.ts";
import { Delay } from "../../support/test_machine.ts";
import {
  ALIAS,
  only,
  type Sent,
  TelemetryMachine,
  unusedAddress,
  withoutSenders as ignore,
} from "../../support/telemetry_machine.ts";
import { NOT_LOGGED_IN } from "../../support/not_logged_in.ts";

/** The names of the events in these requests. */
function names(seen: readonly Seen[]): string[] {
  return seen.flatMap(({ method, path, body }) => {
    assert.deepEqual([method, path], ["POST", "/batch/"]);
    const { batch }: { batch: Sent[] } = JSON.parse(body);
    return batch.map(({ event }) => event);
  });
}

/** Fails unless commands print the same with this event sink as without telemetry. */
async function assertSameOutput(machine: TelemetryMachine, sink: string): Promise<void> {
  for (const args of [["whoami"], ["org", "set", "Nowhere"], ["whoami", "--json"], ["wat"]]) {
    const without = await machine.run(args, { env: { ARCADE_POSTHOG_KEY: "" } });
    assert.deepEqual(await machine.run(args, { env: { ARCADE_POSTHOG_HOST: sink } }), without);
  }
}

/** Fails unless the next command, with a working sink, sends the alias and then its own event. */
async function assertNextCommandSendsAlias(machine: TelemetryMachine): Promise<void> {
  const principalId = machine.stored("account_id");
  const { anon_id: anonId, linked_principal_id } = machine.identity();
  assert.equal(linked_principal_id, null, "An alias was stored that no sink accepted");
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
    name: `after a ${name} from the sink there is one retry, and the alias stays due`,
    ignore,
  }, async () => {
    await using machine = await TelemetryMachine.withUnreportedLogin();
    await using sink = new Answers(answer);
    const { code } = await machine.run(["whoami"], { env: { ARCADE_POSTHOG_HOST: sink.url } });
    assert.equal(code, 0);
    await machine.senders.gone();
    const [alias, again, event, andAgain, ...others] = names(sink.seen);
    assert.deepEqual([alias, again], [ALIAS, ALIAS]);
    assert.equal(event, "CLI execution succeeded");
    assert.equal(andAgain, event);
    assert.deepEqual(others, []);
    // A retry has the same id, so that the event counts once.
    const [, , one, two] = sink.seen;
    assert.equal(idOf(one), idOf(two));
    await assertNextCommandSendsAlias(machine);
  });
}

function idOf(seen: Seen | undefined): unknown {
  const { batch }: { batch: { uuid: unknown }[] } = JSON.parse(seen?.body ?? "");
  return batch[0]?.uuid;
}

/** Garbage, an empty response, a truncated response, and another protocol. */
const BROKEN = [
  "\0\x01\xff\r\n\r\n\x7f",
  "",
  "HTTP/1.1 200 OK\r\ncontent-le",
  "SSH-2.0-OpenSSH_9.2\r\n",
];
Deno.test(
  {
    name: "refused connections and invalid responses do not change the output of a command",
    ignore,
  },
  async () => {
    const check = async (sink: string) => {
      await using machine = await TelemetryMachine.withUnreportedLogin();
      await assertSameOutput(machine, sink);
      await machine.senders.kill(); // they would wait for each other
      await machine.run(["whoami"], { env: { ARCADE_POSTHOG_HOST: sink } });
      await machine.senders.gone();
      await assertNextCommandSendsAlias(machine);
    };
    const broken = BROKEN.map((answer) => new RawAnswers(answer));
    try {
      await Promise.all([unusedAddress(), ...broken.map(({ url }) => url)].map(check));
    } finally {
      for (const sink of broken) sink[Symbol.dispose]();
    }
  },
);

Deno.test(
  { name: "a web page with status 200 does not count as a response of PostHog", ignore },
  async () => {
    await using machine = await TelemetryMachine.withUnreportedLogin();
    await using portal = new Answers(() =>
      new Response("<!doctype html><title>Sign in to the network</title>", {
        headers: { "content-type": "text/html" },
      })
    );
    await machine.run(["whoami"], { env: { ARCADE_POSTHOG_HOST: portal.url } });
    await machine.senders.gone();
    assert.deepEqual(names(portal.seen), [ALIAS, "CLI execution succeeded"]);
    await assertNextCommandSendsAlias(machine);
  },
);

for (const status of [302, 307]) {
  Deno.test(
    { name: `a redirect (${status}) to another server is not followed`, ignore },
    async () => {
      await using machine = await TelemetryMachine.withUnreportedLogin();
      await using elsewhere = new Answers(() => Response.json({ status: "Ok" }));
      const location = `${elsewhere.url}/batch/`;
      await using sink = new Answers(() => new Response(null, { status, headers: { location } }));
      await machine.run(["whoami"], { env: { ARCADE_POSTHOG_HOST: sink.url } });
      await machine.senders.gone();
      assert(sink.seen.length > 0);
      assert.deepEqual(elsewhere.seen, []);
      await assertNextCommandSendsAlias(machine);
    },
  );
}

for (const status of [200, 400]) {
  Deno.test({
    name: `an alias answered with ${status} is stored and never sent again`,
    ignore,
  }, async () => {
    await using machine = await TelemetryMachine.withUnreportedLogin();
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
  name: "a sink that never answers does not delay a command, and the child process gives up",
  ignore,
}, async () => {
  await using machine = await TelemetryMachine.withUnreportedLogin();
  await using sink = new Delay(machine.server.url);
  const without = await machine.run(["whoami"], { env: { ARCADE_POSTHOG_KEY: "" } });
  const env = { ARCADE_POSTHOG_HOST: sink.url };
  // The first waits for the response to its alias, and the others wait for the first.
  const commands = Array.from({ length: 3 }, () => machine.run(["whoami"], { env }));
  for (const ran of await Promise.all(commands)) assert.deepEqual(ran, without);
  await machine.senders.gone();
  const aliases = sink.seen.filter(({ body }) => body.includes(ALIAS));
  const events = sink.seen.filter((seen) => !aliases.includes(seen));
  assert(aliases.length > new Set(aliases.map(idOf)).size, "No alias was retried");
  // After the wait for the alias, a retry of an event would exceed the ten seconds of a child process.
  assert(events.length > 0);
  assert.equal(new Set(events.map(idOf)).size, events.length);
  await assertNextCommandSendsAlias(machine);
});

Deno.test({ name: "the child process waits for a slow sink", ignore }, async () => {
  await using machine = await TelemetryMachine.start();
  await using sink = new Delay(machine.server.url);
  // The sink answers after the command has exited, so a command that waited for its child process would fail here.
  const { code } = await machine.run(["whoami"], { env: { ARCADE_POSTHOG_HOST: sink.url } });
  assert.equal(code, 4);
  await sink.asked();
  sink.end();
  only(await machine.arrived());
  assert.equal(sink.seen.length, 1);
});

for (const status of [401, 403, 404]) {
  Deno.test({ name: `the alias stays due after a ${status}`, ignore }, async () => {
    await using machine = await TelemetryMachine.withUnreportedLogin();
    await using sink = new Answers(() => Response.json({}, { status }));
    const { code } = await machine.run(["whoami"], { env: { ARCADE_POSTHOG_HOST: sink.url } });
    assert.equal(code, 0);
    await machine.senders.gone();
    assert(sink.seen.length > 0);
    await assertNextCommandSendsAlias(machine);
  });
}

Deno.test({
  name: "an address that is not HTTP does not change the output of a command",
  ignore,
}, async () => {
  await using machine = await TelemetryMachine.start();
  for (const host of ["nonsense", "ftp://127.0.0.1", "file:///etc/passwd", "http://", "://"]) {
    const { code, stderr } = await machine.run(["whoami"], { env: { ARCADE_POSTHOG_HOST: host } });
    assert.match(stderr, NOT_LOGGED_IN);
    assert.equal(code, 4);
  }
  assert.deepEqual(await machine.arrived(), []);
  assert.deepEqual(machine.files(), []);
  // A trailing slash is accepted.
  const env = { ARCADE_POSTHOG_HOST: `${machine.server.url}/` };
  only((await machine.report(["whoami"], { env })).arrived);
});
