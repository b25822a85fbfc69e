import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import * as fc from "fast-check";
import { PostHog } from "posthog-js-lite";
import { EVENT_REFUSALS, type EventResponse } from "../../../src/contract/telemetry.ts";
import { oneOf } from "../../../src/contract/request.ts";
import { SmallDisk, withoutMounts } from "../../support/small_disk.ts";
import { type Answer, answerOf, call, fieldsOf, start } from "../harness.ts";

const API_KEY = "phc_test";
const MEBIBYTE = 1024 * 1024;
const UUID = "0193ab7c-5c4e-7abc-8def-0123456789ab";

async function listed(url: string, query = ""): Promise<EventResponse[]> {
  const answer = await call(`${url}/api/v1/events${query}`);
  assert.equal(answer.status, 200, answer.text);
  return fieldsOf(answer).requiredFields("data").requiredList("items").map((item) => {
    const { received_at, payload, reason, ...others } = item.mapping;
    assert.match(String(received_at), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    assert.deepEqual(
      Object.keys(others).sort(),
      ["api_key", "distinct_id", "event", "sequence", "status"],
    );
    return {
      sequence: item.requiredInteger("sequence"),
      received_at: item.requiredText("received_at"),
      api_key: item.requiredText("api_key"),
      event: item.requiredText("event"),
      distinct_id: item.requiredText("distinct_id"),
      status: oneOf(item, "status", ["accepted", "refused"]),
      reason: reason === null ? null : oneOf(item, "reason", EVENT_REFUSALS),
      payload,
    };
  });
}

/** Whether each event was accepted, or why it was refused. */
async function verdicts(url: string): Promise<string[]> {
  const items = await listed(url);
  for (const { status, reason } of items) assert.equal(status === "accepted", reason === null);
  return items.map(({ reason }) => reason ?? "accepted");
}

async function post(
  url: string,
  body: BodyInit,
  options: { path?: string; headers?: HeadersInit } = {},
): Promise<Answer> {
  const { path = "/batch/", headers = {} } = options;
  return await answerOf(await fetch(url + path, { method: "POST", headers, body }));
}

function send(url: string, batch: unknown[], apiKey = API_KEY): Promise<Answer> {
  return post(url, JSON.stringify({ api_key: apiKey, batch }));
}

/** Sends events, and fails unless the request succeeds; the events may be refused. */
async function accepts(url: string, ...batch: unknown[]): Promise<void> {
  const answer = await send(url, batch);
  assert.equal(answer.status, 200, answer.text);
}

function gzip(data: string | Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(gzipSync(data));
}

function anonymous(distinct_id: string, properties: Record<string, unknown> = {}) {
  const own = { $process_person_profile: false, ...properties };
  return { event: "CLI execution succeeded", distinct_id, properties: own };
}

function identified(distinct_id: string, properties: Record<string, unknown> = {}) {
  const own = { $process_person_profile: true, ...properties };
  return { event: "CLI execution succeeded", distinct_id, properties: own };
}

function alias(distinct_id: string, principal: string) {
  return { event: "$create_alias", distinct_id, properties: { distinct_id, alias: principal } };
}

Deno.test("an event gets the response of PostHog, and is listed unchanged", async () => {
  await using fixture = await start();
  const { url } = fixture;
  assert.deepEqual(await listed(url), []);
  const event = {
    ...anonymous("anon", { command_name: "secret.set", nested: { list: [1, null, "ü\u0000"] } }),
    uuid: UUID,
    timestamp: "2026-11-20T13:59:59.5+01:00",
    unknown: { $field: true },
  };
  const body = { api_key: API_KEY, batch: [event], sent_at: "2026-11-20T14:00:00Z", extra: 1 };
  const answer = await post(url, JSON.stringify(body));
  assert.equal(answer.status, 200);
  assert.deepEqual(answer.at(), { status: "Ok" });
  assert.deepEqual(await listed(url), [{
    sequence: 1,
    received_at: "2026-11-20T14:00:00.000Z",
    api_key: API_KEY,
    event: "CLI execution succeeded",
    distinct_id: "anon",
    status: "accepted",
    reason: null,
    payload: event,
  }]);
});

Deno.test("a batch may be compressed whatever its headers say, and sent without the final slash", async () => {
  await using fixture = await start();
  const says = { "content-encoding": "gzip", "content-type": "application/json" };
  const ways: [string, (body: string) => BodyInit, Record<string, string>][] = [
    ["/batch/", (body) => body, {}],
    ["/batch", (body) => body, { "content-type": "text/plain" }],
    ["/batch/", (body) => gzip(body), says],
    ["/batch", (body) => gzip(body), says],
    ["/batch/?compression=gzip-js", (body) => gzip(body), {}],
    ["/batch/?compression=gzip&_=1795183200000", (body) => gzip(body), {}],
    ["/batch/", (body) => gzip(body), {}],
    ["/batch/?compression=gzip-js", (body) => body, says],
  ];
  for (const [path, encode, headers] of ways) {
    const body = JSON.stringify({ api_key: API_KEY, batch: [anonymous(`${path} é`)] });
    const answer = await post(fixture.url, encode(body), { path, headers });
    assert.equal(answer.status, 200, path);
  }
  const ids = (await listed(fixture.url)).map(({ distinct_id }) => distinct_id);
  assert.deepEqual(ids, ways.map(([path]) => `${path} é`));
});

Deno.test("a distinct id is found and read as in PostHog", async () => {
  await using fixture = await start();
  const cases: [Record<string, unknown>, string][] = [
    [{ distinct_id: "a" }, "a"],
    [{ $distinct_id: "a" }, "a"],
    [{ properties: { distinct_id: "a" } }, "a"],
    [{ distinct_id: null, properties: { distinct_id: "a" } }, "a"],
    [{ distinct_id: "a", properties: { distinct_id: "b" } }, "a"],
    [{ distinct_id: 23.5 }, "23.5"],
    [{ distinct_id: ["a", 1] }, '["a",1]'],
    [{ distinct_id: "\u0000\ud800" }, "\ufffd\ufffd"],
    [{ distinct_id: "x".repeat(201) }, "x".repeat(200)],
    [{ distinct_id: "🦀".repeat(300) }, "🦀".repeat(200)],
  ];
  await accepts(fixture.url, ...cases.map(([fields]) => ({ event: "e", ...fields })));
  const items = await listed(fixture.url);
  assert.deepEqual(items.map(({ distinct_id }) => distinct_id), cases.map(([, id]) => id));
  assert.deepEqual(
    items.map(({ payload }) => payload),
    cases.map(([fields]) => ({ event: "e", ...fields })),
  );
});

Deno.test("a name is cut to 200 characters, without splitting a surrogate pair", async () => {
  await using fixture = await start();
  const names = ["x".repeat(200), "x".repeat(MEBIBYTE), `${"x".repeat(199)}🦀🦀`, "\ud83e", "\0"];
  await accepts(fixture.url, ...names.map((event) => ({ ...anonymous("a"), event })));
  const items = await listed(fixture.url);
  const cut = ["x".repeat(200), "x".repeat(200), `${"x".repeat(199)}🦀`, "\ufffd", "\ufffd"];
  assert.deepEqual(items.map(({ event }) => event), cut);
});

Deno.test("a body that is not a batch, or has an invalid event, is refused as a whole", async () => {
  await using fixture = await start();
  const { url } = fixture;
  const fine = anonymous("a");
  const deep = (levels: number) => JSON.parse(`${"[".repeat(levels)}${"]".repeat(levels)}`);
  const batches: [string, unknown[]][] = [
    ["no event", []],
    ["not an object", ["e"]],
    ["null", [null]],
    ["a list", [["e", "d"]]],
    ["no name", [{ distinct_id: "a" }]],
    ["an empty name", [{ ...fine, event: "" }]],
    ["a name of another type", [{ ...fine, event: 1 }]],
    ["no distinct id", [{ event: "e" }]],
    ["null as distinct id", [{ event: "e", distinct_id: null }]],
    ["an empty distinct id", [{ event: "e", distinct_id: "", properties: { distinct_id: "a" } }]],
    ["an invalid uuid", [{ ...fine, uuid: "1234" }]],
    ["a uuid of another type", [{ ...fine, uuid: 1 }]],
    ["properties of another type", [{ ...fine, properties: "p" }]],
    ["a list of properties", [{ ...fine, properties: ["p"] }]],
    ["null as properties", [{ ...fine, properties: null }]],
    ["too deep", [{ ...fine, deep: deep(200) }]],
    ["one of many", [fine, fine, { event: "e" }]],
  ];
  for (const [what, batch] of batches) {
    const answer = await send(url, batch);
    assert.equal(answer.status, 400, what);
    assert.equal(typeof answer.at("message"), "string", what);
  }
  const notUtf8 = new TextEncoder().encode(JSON.stringify({ api_key: API_KEY, batch: [fine] }));
  notUtf8[notUtf8.indexOf("C".charCodeAt(0))] = 0xff;
  const bodies: [string, BodyInit][] = [
    ["nothing", ""],
    ["no JSON", "{"],
    ["not UTF-8", notUtf8],
    ["a list", JSON.stringify([fine])],
    ["a single event", JSON.stringify({ api_key: API_KEY, ...fine })],
    ["a batch of another type", JSON.stringify({ api_key: API_KEY, batch: { 0: fine } })],
    ["null", "null"],
    ["very deep", `{"api_key":"k","batch":${"[".repeat(500_000)}${"]".repeat(500_000)}}`],
    [
      "very deep in an event",
      `{"api_key":"k","batch":[{"event":"e","distinct_id":${'{"a":'.repeat(200_000)}1${
        "}".repeat(200_000)
      }}]}`,
    ],
    ["gzip that is cut", gzip("{}".repeat(100)).subarray(0, -4)],
    ["gzip of no JSON", gzip("no")],
    ["only the beginning of gzip", new Uint8Array([0x1f, 0x8b])],
  ];
  for (const [what, body] of bodies) assert.equal((await post(url, body)).status, 400, what);
  assert.deepEqual(await listed(url), []);
});

Deno.test("an event with 128 levels is accepted", async () => {
  await using fixture = await start();
  const event = { ...anonymous("a"), deep: JSON.parse(`${"[".repeat(127)}${"]".repeat(127)}`) };
  await accepts(fixture.url, event);
  assert.deepEqual((await listed(fixture.url))[0]?.payload, event);
});

Deno.test("events without a project key are refused", async () => {
  await using fixture = await start();
  const keys = [undefined, null, "", " \n", 1, "phx_personal", "🦀", "k".repeat(65), "a\0b"];
  for (const api_key of keys) {
    const answer = await post(fixture.url, JSON.stringify({ api_key, batch: [anonymous("a")] }));
    assert.equal(answer.status, 401, JSON.stringify(api_key));
  }
  assert.deepEqual(await listed(fixture.url), []);
  assert.equal((await send(fixture.url, [anonymous("a")], ` ${"k".repeat(64)}\n`)).status, 200);
  assert.equal((await listed(fixture.url))[0]?.api_key, "k".repeat(64));
});

Deno.test("2 MiB are accepted and more is refused, also compressed", async () => {
  await using fixture = await start();
  const bodyOf = (size: number) => {
    const body = JSON.stringify({ api_key: API_KEY, batch: [anonymous("a")] });
    return body + " ".repeat(size - body.length);
  };
  for (const encode of [(body: string) => body, gzip]) {
    assert.equal((await post(fixture.url, encode(bodyOf(2 * MEBIBYTE)))).status, 200);
    assert.equal((await post(fixture.url, encode(bodyOf(2 * MEBIBYTE + 1)))).status, 413);
  }
  assert.equal((await listed(fixture.url)).length, 2);
});

Deno.test("a gzip bomb is refused before its corrupt part is reached", async () => {
  await using fixture = await start();
  const bomb = gzip(new Uint8Array(256 * MEBIBYTE)).fill(0, 32 * 1024);
  assert.equal((await post(fixture.url, bomb)).status, 413);
  await accepts(fixture.url, anonymous("a"));
});

Deno.test("an event that is sent twice is stored once", async () => {
  await using fixture = await start();
  const { url } = fixture;
  const join = { ...alias("anon", "ada"), uuid: UUID };
  await accepts(url, join, join);
  await accepts(url, join);
  await accepts(url, { ...identified("bob"), uuid: UUID.toUpperCase() });
  assert.deepEqual(await verdicts(url), ["accepted"]);

  // Repetitions are recognized within a project only, and by uuid only.
  assert.equal((await send(url, [join], "phc_other")).status, 200);
  for (const uuid of [undefined, null, ""]) {
    await accepts(url, { ...anonymous("a"), uuid });
    await accepts(url, { ...anonymous("a"), uuid });
  }
  assert.equal((await listed(url)).length, 8);
  const sequences = (await listed(url)).map(({ sequence }) => sequence);
  assert.deepEqual(sequences, [1, 2, 3, 4, 5, 6, 7, 8]);
});

/** Events in order, each with its verdict. */
const SEQUENCES: Record<string, [Record<string, unknown>, string][]> = {
  "an identified event before any alias is refused and creates no profile": [
    [identified("ada"), "no-alias-yet"],
    [identified("ada"), "no-alias-yet"],
    [alias("anon", "ada"), "accepted"],
    [identified("ada"), "accepted"],
  ],
  "a principal can be aliased once": [
    [alias("anon", "ada"), "accepted"],
    [alias("anon", "ada"), "already-identified"],
    [alias("other", "ada"), "already-identified"],
    [identified("ada"), "accepted"],
  ],
  "an alias creates a profile of the principal only": [
    [alias("anon", "ada"), "accepted"],
    [identified("anon"), "no-alias-yet"],
    [identified("bob"), "no-alias-yet"],
    [identified("Ada"), "no-alias-yet"],
  ],
  "an anonymous event is accepted for any id and creates no profile": [
    [anonymous("anon"), "accepted"],
    [anonymous("ada"), "accepted"],
    [identified("anon"), "no-alias-yet"],
    [alias("anon", "ada"), "accepted"],
    [anonymous("ada"), "accepted"],
    [anonymous("anon"), "accepted"],
  ],
  "only `false` makes an event anonymous": [
    [{ event: "e", distinct_id: "a" }, "no-alias-yet"],
    [{ event: "e", distinct_id: "a", properties: {} }, "no-alias-yet"],
    [anonymous("a", { $process_person_profile: "false" }), "no-alias-yet"],
    [anonymous("a", { $process_person_profile: 0 }), "no-alias-yet"],
    [anonymous("a", { $process_person_profile: null }), "no-alias-yet"],
  ],
  "$identify with an anonymous id counts as an alias": [
    [
      { event: "$identify", distinct_id: "ada", properties: { $anon_distinct_id: "anon" } },
      "accepted",
    ],
    [identified("ada"), "accepted"],
    [alias("anon", "ada"), "already-identified"],
    [
      { event: "$identify", distinct_id: "ada", properties: { $anon_distinct_id: "anon" } },
      "already-identified",
    ],
  ],
  "$identify without an anonymous id creates no profile": [
    [{ event: "$identify", distinct_id: "ada", properties: { $set: { a: 1 } } }, "accepted"],
    [identified("ada"), "no-alias-yet"],
    [alias("anon", "ada"), "accepted"],
  ],
  "an alias without a principal is an ordinary event": [
    [{ event: "$create_alias", distinct_id: "anon", properties: {} }, "no-alias-yet"],
    [{ event: "$create_alias", distinct_id: "anon", properties: { alias: "" } }, "no-alias-yet"],
  ],
  "an alias that opts out of profiles is refused": [
    [
      {
        ...alias("anon", "ada"),
        properties: { alias: "ada", $process_person_profile: false },
      },
      "needs-profile",
    ],
    [identified("ada"), "no-alias-yet"],
    [
      { event: "$identify", distinct_id: "ada", properties: { $process_person_profile: false } },
      "needs-profile",
    ],
    [alias("anon", "ada"), "accepted"],
  ],
  "a long id matches in aliases and events": [
    [alias("anon", "x".repeat(300)), "accepted"],
    [identified("x".repeat(300)), "accepted"],
  ],
  "ids that are property names of JavaScript objects are ordinary ids": [
    [identified("__proto__"), "no-alias-yet"],
    [alias("constructor", "__proto__"), "accepted"],
    [identified("__proto__"), "accepted"],
    [identified("constructor"), "no-alias-yet"],
  ],
};

for (const [name, sequence] of Object.entries(SEQUENCES)) {
  Deno.test(name, async () => {
    const events = sequence.map(([event]) => event);
    const expected = sequence.map(([, verdict]) => verdict);
    await using oneByOne = await start();
    for (const event of events) await accepts(oneByOne.url, event);
    assert.deepEqual(await verdicts(oneByOne.url), expected);
    await using atOnce = await start();
    await accepts(atOnce.url, ...events);
    assert.deepEqual(await verdicts(atOnce.url), expected);
  });
}

Deno.test("in any order, only the first alias of a principal is accepted, and identified events only after it", async () => {
  await using fixture = await start();
  const id = fc.constantFrom("a", "b", "c");
  const event = fc.oneof(
    id.map((user) => ({ kind: "anonymous" as const, user, sent: anonymous(user) })),
    id.map((user) => ({ kind: "identified" as const, user, sent: identified(user) })),
    fc.tuple(id, id).map(([anon, user]) => ({
      kind: "alias" as const,
      user,
      sent: alias(anon, user),
    })),
  );
  let project = 0;
  await fc.assert(fc.asyncProperty(fc.array(event, { minLength: 1 }), async (events) => {
    project++;
    const last = (await listed(fixture.url)).at(-1)?.sequence ?? 0;
    assert.equal(
      (await send(fixture.url, events.map(({ sent }) => sent), `${project}`)).status,
      200,
    );
    const profiles = new Set<string>();
    const expected = events.map(({ kind, user }) => {
      if (kind === "anonymous") return null;
      const hasProfile = profiles.has(user);
      if (kind === "identified") return hasProfile ? null : "no-alias-yet";
      profiles.add(user);
      return hasProfile ? "already-identified" : null;
    });
    const items = await listed(fixture.url, `?after=${last}`);
    assert.deepEqual(items.map(({ reason }) => reason), expected);
  }));
});

Deno.test("projects do not share profiles", async () => {
  await using fixture = await start();
  const { url } = fixture;
  for (const apiKey of ["phc_a", "phc_b"]) await send(url, [alias("anon", "ada")], apiKey);
  await send(url, [identified("ada")], "phc_c");
  assert.deepEqual(await verdicts(url), ["accepted", "accepted", "no-alias-yet"]);
});

Deno.test("the list can start after a given event", async () => {
  await using fixture = await start();
  const { url } = fixture;
  await accepts(url, anonymous("a"), anonymous("b"));
  fixture.pass(90);
  await accepts(url, anonymous("c"));
  const ids = async (after: string) =>
    (await listed(url, `?after=${after}`)).map(({ distinct_id }) => distinct_id);
  assert.deepEqual(await ids("0"), ["a", "b", "c"]);
  assert.deepEqual(await ids("1"), ["b", "c"]);
  assert.deepEqual(await ids("3"), []);
  assert.deepEqual(await ids("999999999999999"), []);
  assert.equal((await listed(url, "?after=2"))[0]?.received_at, "2026-11-20T14:01:30.000Z");
  for (const after of ["", "-1", "x", "1.5", "1e3", "9".repeat(16), "%00"]) {
    assert.equal((await call(`${url}/api/v1/events?after=${after}`)).status, 400, after);
  }
});

Deno.test("a restart keeps events, profiles and the numbering", async () => {
  await using fixture = await start();
  await accepts(fixture.url, alias("anon", "ada"), { ...anonymous("a"), uuid: UUID });
  const before = await listed(fixture.url);
  await fixture.restart();
  assert.deepEqual(await listed(fixture.url), before);
  await accepts(fixture.url, identified("ada"), { ...anonymous("a"), uuid: UUID });
  await accepts(fixture.url, alias("anon", "ada"));
  const after = await listed(fixture.url, "?after=2");
  const numbered = after.map(({ sequence, reason }) => [sequence, reason]);
  assert.deepEqual(numbered, [[3, null], [4, "already-identified"]]);
});

Deno.test("the last 10,000 events are kept, and profiles outlive them", async () => {
  await using fixture = await start();
  const { url } = fixture;
  await accepts(url, alias("anon", "ada"));
  await accepts(url, ...Array(9_999).fill({ event: "e", distinct_id: "d" }));
  assert.equal((await listed(url))[0]?.sequence, 1);
  await accepts(url, identified("ada"));
  const items = await listed(url);
  assert.equal(items.length, 10_000);
  assert.equal(items[0]?.sequence, 2);
  assert.deepEqual([items.at(-1)?.sequence, items.at(-1)?.status], [10_001, "accepted"]);
});

Deno.test("fewer events are kept when they are large, so that they can still be listed", async () => {
  await using fixture = await start();
  const { url } = fixture;
  const event = anonymous("a", { large: "x".repeat(2 * MEBIBYTE - 1024) });
  for (let count = 0; count < 40; count++) await accepts(url, event);
  const sequences = (await listed(url)).map(({ sequence }) => sequence);
  assert.deepEqual(sequences, Array.from({ length: 32 }, (_, index) => index + 9));
});

Deno.test(
  { name: "on a full disk an event is not acknowledged", ignore: withoutMounts },
  async () => {
    const path = Deno.makeTempDirSync();
    using disk = new SmallDisk(path, { kibibytes: 4096 });
    await using fixture = await start({ dataDir: path });
    const { url } = fixture;
    await accepts(url, alias("anon", "ada"));
    disk.fill({ kibibytesLeft: 64 });
    const large = "x".repeat(MEBIBYTE);
    const events = [alias("anon", "bob"), { ...anonymous("anon", { large }), uuid: UUID }];
    assert.equal((await send(url, events)).status, 500);
    assert.deepEqual(await verdicts(url), ["accepted"]);
    disk.free();
    await accepts(url, ...events);
    assert.deepEqual(await verdicts(url), ["accepted", "accepted", "accepted"]);
  },
);

Deno.test("a page of another site can neither send events nor read them", async () => {
  await using fixture = await start();
  const headers = { origin: "http://evil.example" };
  const body = JSON.stringify({ api_key: API_KEY, batch: [anonymous("a")] });
  assert.equal((await post(fixture.url, body, { headers })).status, 403);
  assert.equal((await call(`${fixture.url}/api/v1/events`, { headers })).status, 403);
  assert.deepEqual(await listed(fixture.url), []);
});

Deno.test("other methods are answered in JSON", async () => {
  await using fixture = await start();
  for (const path of ["/batch", "/batch/", "/batch/x"]) {
    const answer = await call(fixture.url + path);
    assert.equal(answer.status, 404);
    assert.equal(typeof answer.at("message"), "string", path);
  }
});

Deno.test("the events of PostHog's Python client are accepted", async () => {
  await using fixture = await start();
  const properties = {
    distinct_id: "anon",
    alias: "ada",
    $lib: "posthog-python",
    $lib_version: "7.91.1",
    $geoip_disable: true,
    $is_server: true,
  };
  const event = {
    properties,
    timestamp: "2026-11-20T13:59:59.123456+00:00",
    event: "$create_alias",
    distinct_id: "anon",
    uuid: UUID,
  };
  const body = { batch: [event], sent_at: "2026-11-20T14:00:00.654321+00:00", api_key: API_KEY };
  const headers = { "content-type": "application/json", "user-agent": "posthog-python/7.91.1" };
  assert.equal((await post(fixture.url, JSON.stringify(body), { headers })).status, 200);
  await accepts(fixture.url, { ...event, event: "e", distinct_id: "ada", uuid: undefined });
  assert.deepEqual(await verdicts(fixture.url), ["accepted", "accepted"]);
});

Deno.test("the events of posthog-js-lite are accepted", async () => {
  await using fixture = await start();
  const { url } = fixture;
  const clientOf = (distinctId: string, isIdentifiedId: boolean) =>
    new PostHog(API_KEY, {
      host: url,
      bootstrap: { distinctId, isIdentifiedId },
      persistence: "memory",
      preloadFeatureFlags: false,
      personProfiles: "identified_only",
      flushAt: 1,
    });
  const captured = async (distinctId: string, isIdentified: boolean) => {
    const client = clientOf(distinctId, isIdentified);
    client.capture("CLI execution succeeded", { command_name: "whoami" });
    await client.shutdown();
  };
  await captured("anon", false);
  await captured("ada", true);
  const client = clientOf("anon", false);
  client.alias("ada");
  await client.shutdown();
  await captured("ada", true);

  assert.deepEqual(fixture.log, Array(4).fill("POST /batch/ 200"));
  assert.deepEqual(await verdicts(url), ["accepted", "no-alias-yet", "accepted", "accepted"]);
  const items = await listed(url);
  assert.deepEqual(items.map(({ distinct_id }) => distinct_id), ["anon", "ada", "anon", "ada"]);
  const page = (await call(`${url}/events`)).text;
  assert.match(page, /<code>whoami<\/code>/);
  assert.equal(page.match(/<td>anonymous<\/td>/g)?.length, 1);
});

Deno.test("the dashboard shows the newest events, and why they were refused", async () => {
  await using fixture = await start();
  const { url } = fixture;
  assert.match((await call(`${url}/events`)).text, /No telemetry events yet/);
  await accepts(url, anonymous("anon", { command_name: "secret.set" }), identified("ada"));
  const rows = rowsOf((await call(`${url}/events`)).text);
  const time = "2026-11-20 14:00:00";
  const event = "CLI execution succeeded";
  assert.deepEqual(rows, [
    [time, event, "", "ada", "identified", "refused: no-alias-yet"],
    [time, event, "secret.set", "anon", "anonymous", "accepted"],
  ]);
  assert.doesNotMatch((await call(`${url}/events`)).text, /No telemetry event/);
  await accepts(url, ...Array.from({ length: 60 }, (_, index) => anonymous(`id-${index}`)));
  const ids = rowsOf((await call(`${url}/events`)).text).map(([, , , id]) => id);
  assert.deepEqual(ids, Array.from({ length: 50 }, (_, index) => `id-${59 - index}`));
});

Deno.test("the dashboard escapes the content of events", async () => {
  await using fixture = await start();
  const hostile = `<script>alert(1)</script>"' onload="x" &lt;`.padEnd(50, ".");
  await accepts(fixture.url, {
    event: hostile,
    distinct_id: hostile,
    properties: { command_name: hostile.repeat(100), $process_person_profile: false },
  }, anonymous("a", { command_name: { "<script>": 1 } }));
  const page = (await call(`${fixture.url}/events`)).text;
  assert.doesNotMatch(page, /<script| onload="/);
  const escaped =
    "&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39; onload=&quot;x&quot; &amp;lt;.......";
  const [second, first] = rowsOf(page);
  assert.deepEqual([first?.[1], first?.[3]], [escaped, escaped]);
  assert.equal(first?.[2], escaped.repeat(4));
  assert.equal(second?.[2], "");
});

/** The cells of the table of events, still escaped. */
function rowsOf(page: string): string[][] {
  const table = /<table>.*?<tbody>(.*?)<\/tbody>/s.exec(page)?.[1] ?? "";
  return [...table.matchAll(/<tr>(.*?)<\/tr>/gs)].map(([, row = ""]) =>
    [...row.matchAll(/<t[dh][^>]*>(.*?)<\/t[dh]>/gs)].map(([, cell = ""]) =>
      cell.replaceAll(/<[^>]*>/g, "")
    )
  );
}
