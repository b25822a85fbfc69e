import assert from "node:assert/strict";
import { Delay, WireTap } from "../../support/test_machine.ts";
import {
  accountIn,
  ALIAS,
  type Arrived,
  assertNothingRefused,
  FAILED,
  KEY,
  only,
  SUCCEEDED,
  TelemetryMachine,
  withoutSenders as ignore,
} from "../../support/telemetry_machine.ts";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
/** Properties that PostHog's client adds. */
const LIBRARY = ["$lib", "$lib_version", "$insert_id", "$time", "$session_id", "$geoip_disable"];

/** The properties of an event except those that PostHog's client adds. */
function ownProperties({ payload }: Arrived): Record<string, unknown> {
  const { properties } = payload;
  return Object.fromEntries(Object.entries(properties).filter(([name]) => !LIBRARY.includes(name)));
}

/** Fails unless an alias links these two ids and contains nothing else. */
function assertAlias(arrived: Arrived | undefined, anonId: string, principalId: string): void {
  assert(arrived);
  assert.deepEqual([arrived.event, arrived.payload.event, arrived.api_key], [ALIAS, ALIAS, KEY]);
  assert.deepEqual([arrived.distinct_id, arrived.payload.distinct_id], [anonId, anonId]);
  const { $process_person_profile: _profile, $is_identified: _identified, ...own } = ownProperties(
    arrived,
  );
  assert.deepEqual(own, { distinct_id: anonId, alias: principalId });
  assert.equal(arrived.status, "accepted");
}

/** Fails unless this is the event of a command, sent under this id only. */
function assertEventOf(
  arrived: Arrived | undefined,
  command: string,
  user: { anonId: string } | { principalId: string },
): void {
  assert(arrived);
  const id = "anonId" in user ? user.anonId : user.principalId;
  const { payload } = arrived;
  assert.equal(payload.properties.command_name, command);
  assert.deepEqual([arrived.distinct_id, payload.distinct_id], [id, id]);
  assert.equal(payload.properties.$process_person_profile, "principalId" in user);
  assert.equal(arrived.status, "accepted");
}

/** Fails if one of these texts occurs in the events. */
function assertOmits(arrived: readonly Arrived[], ...texts: readonly string[]): void {
  const all = JSON.stringify(arrived);
  for (const text of texts) assert(text !== "" && !all.includes(text), `${text} is in ${all}`);
}

Deno.test({ name: "an event has the documented properties", ignore }, async () => {
  await using machine = await TelemetryMachine.start();
  const version = (await machine.run(["--version"])).stdout.trim();
  const before = { time: Date.now(), uptime: Deno.osUptime() };
  const { code, arrived } = await machine.report(["org", "list"]);
  assert.equal(code, 4);
  const event = only(arrived);
  const { anon_id: anonId, linked_principal_id: linked } = machine.identity();
  assert.match(anonId, UUID);
  assert.equal(linked, null);
  assert.equal(
    await Deno.readTextFile(machine.identityFile),
    `{\n  "anon_id": "${anonId}",\n  "linked_principal_id": null\n}\n`,
  );
  assert.deepEqual([event.event, event.api_key, event.status], [FAILED, KEY, "accepted"]);
  assertEventOf(event, "org.list", { anonId });

  const { payload } = event;
  const { properties } = payload;
  const { duration_ms, device_start_timestamp, device_end_timestamp, runtime_version, ...own } =
    ownProperties(event);
  assert.deepEqual(own, {
    command_name: "org.list",
    cli_version: version,
    runtime_language: "typescript",
    os_type: { linux: "Linux", darwin: "Darwin", windows: "Windows" }[String(Deno.build.os)],
    os_release: Deno.osRelease(),
    error_message: "Not logged in",
    $process_person_profile: false,
    $is_identified: false,
  });
  assert.match(String(runtime_version), /^\d+\.\d+\.\d+$/);
  assert(Number.isInteger(duration_ms) && Number(duration_ms) > 0);
  const [start, end] = [Number(device_start_timestamp), Number(device_end_timestamp)];
  assert(Math.abs(end - start - Number(duration_ms) / 1000) < 0.001);
  assert(end >= before.uptime && end < Deno.osUptime() + 1); // osUptime() returns whole seconds
  const time = Date.parse(payload.timestamp);
  assert(time >= before.time && time <= Date.now());
  assert.deepEqual([properties.$lib, properties.$geoip_disable], ["js", true]);
});

Deno.test(
  { name: "the lifecycle of an identity, with two users one after the other", ignore },
  async (t) => {
    await using machine = await TelemetryMachine.start();
    /** The events sent before the first login, and those of each user. */
    const of = { anonymous: [] as Arrived[], first: [] as Arrived[], second: [] as Arrived[] };
    const anonIds: string[] = [];
    let first = "";
    let second = "";
    const currentAnonId = () => {
      const { anon_id } = machine.identity();
      assert.match(anon_id, UUID);
      return anon_id;
    };

    await t.step("anonymous use", async () => {
      for (const args of [["whoami"], ["secret", "list"], ["telemetry", "status"]]) {
        const { arrived } = await machine.report(args);
        assertEventOf(only(arrived), args.join("."), { anonId: currentAnonId() });
        assert.equal(machine.identity().linked_principal_id, null);
        of.anonymous.push(...arrived);
      }
      anonIds.push(currentAnonId());
      assertOmits(of.anonymous, "org_id", "project_id", "alias");
      assert.deepEqual(
        new Set(of.anonymous.map(({ distinct_id }) => distinct_id)),
        new Set(anonIds),
      );
    });

    await t.step("`login`: the alias arrives first, then its own event", async () => {
      await machine.logInAs("margaret@example.com");
      first = machine.stored("account_id");
      const arrived = await machine.arrived();
      const [alias, login, ...others] = arrived;
      assert.deepEqual(others, []);
      assertAlias(alias, anonIds[0] ?? "", first);
      assert.equal(login?.event, SUCCEEDED);
      assertEventOf(login, "login", { principalId: first });
      assert.deepEqual(machine.identity(), { anon_id: anonIds[0], linked_principal_id: first });
      of.first.push(...arrived);
    });

    await t.step("authenticated use", async () => {
      for (const args of [["secret", "list"], ["whoami"], ["org", "set", "Nowhere"]]) {
        const { code, arrived } = await machine.report(args);
        const event = only(arrived);
        assert.equal(event.event, code === 0 ? SUCCEEDED : FAILED);
        assertEventOf(event, args.slice(0, 2).join("."), { principalId: first });
        const { org_id, project_id, error_message } = event.payload.properties;
        assert.deepEqual([org_id, project_id], [
          machine.stored("org_id"),
          machine.stored("project_id"),
        ]);
        assert.equal("error_message" in event.payload.properties, code !== 0);
        assert.doesNotMatch(String(error_message), /Nowhere/);
        of.first.push(...arrived);
      }
      assert.deepEqual(machine.identity(), { anon_id: anonIds[0], linked_principal_id: first });
    });

    await t.step("`logout`: its event is the last of this user", async () => {
      const { code, arrived } = await machine.report(["logout"]);
      assert.equal(code, 0);
      assertEventOf(only(arrived), "logout", { principalId: first });
      of.first.push(...arrived);
      anonIds.push(currentAnonId());
      assert.notEqual(anonIds[1], anonIds[0]);
      assert.equal(machine.identity().linked_principal_id, null);
    });

    await t.step("anonymous again, under another id", async () => {
      const { arrived } = await machine.report(["whoami"]);
      assertEventOf(only(arrived), "whoami", { anonId: anonIds[1] ?? "" });
      assertOmits(arrived, anonIds[0] ?? "", first);
      of.second.push(...arrived);
    });

    await t.step("the second user", async () => {
      await machine.logInAs("grace@example.com");
      second = machine.stored("account_id");
      assert.notEqual(second, first);
      const [alias, login, ...others] = await machine.arrived();
      assert(alias && login);
      assert.deepEqual(others, []);
      assertAlias(alias, anonIds[1] ?? "", second);
      assertEventOf(login, "login", { principalId: second });
      assert.deepEqual(machine.identity(), { anon_id: anonIds[1], linked_principal_id: second });
      const { arrived } = await machine.report(["secret", "list"]);
      assertEventOf(only(arrived), "secret.list", { principalId: second });
      of.second.push(alias, login, ...arrived);
    });

    await t.step("no event of one user contains an id of the other", async () => {
      const [anonOfFirst = "", anonOfSecond = ""] = anonIds;
      assertOmits(of.first, second, anonOfSecond, "grace");
      assertOmits(of.second, first, anonOfFirst, "margaret");
      const all = await machine.events();
      assert.equal(all.length, of.anonymous.length + of.first.length + of.second.length);
      assertNothingRefused(all);
    });
  },
);

Deno.test(
  { name: "a failed login, and a logout without a login, stay anonymous", ignore },
  async () => {
    await using machine = await TelemetryMachine.start();
    const { arrived } = await machine.report(["login", "--no-browser", "--timeout", "1"]);
    const { anon_id: anonId } = machine.identity();
    assertEventOf(only(arrived), "login", { anonId });
    assert.equal(only(arrived).event, FAILED);
    const logout = await machine.report(["logout"]);
    assertEventOf(only(logout.arrived), "logout", { anonId });
    assert.deepEqual(machine.identity(), { anon_id: anonId, linked_principal_id: null });
  },
);

Deno.test(
  { name: "after a login of the Python CLI the child process asks for the account id", ignore },
  async () => {
    await using machine = await TelemetryMachine.start();
    await using tap = new WireTap(machine.server.url);
    const first = await machine.report(["whoami"]);
    const { anon_id: anonId } = machine.identity();
    assertEventOf(only(first.arrived), "whoami", { anonId });

    const credentials = await machine.credentialsOf("margaret@example.com");
    machine.omitAccountId(credentials.replaceAll(machine.server.url, tap.url));
    const principalId = accountIn(credentials);
    // With `--debug` a command prints its own requests.
    const { code, stderr } = await machine.run(["whoami", "--debug"]);
    assert.equal(code, 0);
    assert.doesNotMatch(stderr, /^> /m);
    const [alias, event, ...others] = await machine.arrived();
    assert.deepEqual(others, []);
    assertAlias(alias, anonId, principalId);
    assertEventOf(event, "whoami", { principalId });
    assert.deepEqual(machine.identity(), { anon_id: anonId, linked_principal_id: principalId });
    assert.deepEqual(tap.seen.map(({ method, path }) => `${method} ${path}`), [
      "GET /api/v1/auth/whoami",
    ]);
    // The account may have changed since, so the child process asks again.
    const next = await machine.report(["whoami"]);
    assertEventOf(only(next.arrived), "whoami", { principalId });
    assertNothingRefused(await machine.events());
  },
);

Deno.test({
  name: "without an account id from the coordinator an event is anonymous, or not sent",
  ignore,
}, async (t) => {
  await using machine = await TelemetryMachine.start();
  let answer = () => new Response(null, { status: 500 });
  await using tap = new WireTap(
    machine.server.url,
    ({ path }) => path === "/api/v1/auth/whoami" ? answer() : undefined,
  );
  const credentials = await machine.credentialsOf("margaret@example.com");
  const throughTap = credentials.replaceAll(machine.server.url, tap.url);
  const answers = {
    "500": () => new Response(null, { status: 500 }),
    "401": () => Response.json({ message: "Expired" }, { status: 401 }),
    garbage: () => new Response("\0\xff{"),
    "an empty id": () => Response.json({ data: { account_id: "", email: "" } }),
  };
  for (const [name, response] of Object.entries(answers)) {
    await t.step(name, async () => {
      answer = response;
      await Deno.remove(machine.identityFile).catch(() => {});
      machine.omitAccountId(throughTap);
      const { code, stderr, arrived } = await machine.report(["whoami"]);
      assert.equal(code, 0, stderr);
      assertEventOf(only(arrived), "whoami", { anonId: machine.identity().anon_id });
      assert.equal(machine.identity().linked_principal_id, null);
    });
  }
  await t.step("nothing is sent while a link exists that may be another user's", async () => {
    const linked = { anon_id: machine.identity().anon_id, linked_principal_id: "another-user" };
    await Deno.writeTextFile(machine.identityFile, JSON.stringify(linked));
    assert.deepEqual((await machine.report(["whoami"])).arrived, []);
    assert.deepEqual(machine.identity(), linked);
  });
});

for (const hasAccountId of [true, false]) {
  const how = hasAccountId ? "with an account id" : "without an account id";
  Deno.test(
    { name: `another account in the credentials, ${how}, gets its own anonymous id`, ignore },
    async () => {
      await using machine = await TelemetryMachine.start();
      await machine.logInAs("margaret@example.com");
      const first = machine.stored("account_id");
      const before = await machine.arrived();
      const { anon_id: firstAnonId } = machine.identity();
      assert.equal(before.length, 2);

      const credentials = await machine.credentialsOf("grace@example.com");
      const second = accountIn(credentials);
      assert.notEqual(second, first);
      if (hasAccountId) machine.writeCredentials(credentials);
      else machine.omitAccountId(credentials);
      const { code, stdout, arrived } = await machine.report(["whoami"]);
      assert.equal(code, 0);
      assert.match(stdout, /grace@example\.com/);
      const { anon_id: secondAnonId, linked_principal_id } = machine.identity();
      assert.notEqual(secondAnonId, firstAnonId);
      assert.equal(linked_principal_id, second);
      const [alias, event, ...others] = arrived;
      assert.deepEqual(others, []);
      assertAlias(alias, secondAnonId, second);
      assertEventOf(event, "whoami", { principalId: second });
      const next = await machine.report(["secret", "list"]);
      assertEventOf(only(next.arrived), "secret.list", { principalId: second });
      assertOmits([...arrived, ...next.arrived], firstAnonId, first);
      assertOmits(before, secondAnonId, second);
      assertNothingRefused(await machine.events());
    },
  );
}

Deno.test(
  { name: "a logout links a login that telemetry has not reported yet", ignore },
  async () => {
    await using machine = await TelemetryMachine.start();
    const first = await machine.report(["whoami"]);
    const { anon_id: anonId } = machine.identity();
    assertEventOf(only(first.arrived), "whoami", { anonId });
    const credentials = await machine.credentialsOf("margaret@example.com");
    const principalId = accountIn(credentials);
    machine.writeCredentials(credentials);
    const [alias, logout, ...others] = (await machine.report(["logout"])).arrived;
    assert.deepEqual(others, []);
    assertAlias(alias, anonId, principalId);
    assertEventOf(logout, "logout", { principalId });
    const { anon_id: next, linked_principal_id } = machine.identity();
    assert.notEqual(next, anonId);
    assert.equal(linked_principal_id, null);
  },
);

Deno.test({
  name: "an event still unsent at a logout is not sent under the next anonymous id",
  ignore,
}, async () => {
  await using machine = await TelemetryMachine.withUnreportedLogin();
  await using tap = new Delay(machine.server.url);
  const credentials = await Deno.readTextFile(machine.credentials);
  const principalId = accountIn(credentials);
  machine.omitAccountId(credentials.replaceAll(machine.server.url, tap.url));
  assert.equal((await machine.run(["whoami"])).code, 0);
  await tap.asked();
  const { anon_id: anonId } = machine.identity();
  machine.writeCredentials(credentials);
  assert.equal((await machine.run(["logout"])).code, 0);
  tap.end();
  const arrived = await machine.arrived();
  const { anon_id: next } = machine.identity();
  assert.notEqual(next, anonId);
  assertOmits(arrived, next);
  assertNothingRefused(arrived);
  // The token was revoked, so the user of the event is unknown. The event stays anonymous.
  const isWhoami = ({ payload }: Arrived) => payload.properties.command_name === "whoami";
  assertEventOf(arrived.find(isWhoami), "whoami", { anonId });
  const [alias, logout, ...others] = arrived.filter((event) => !isWhoami(event));
  assertAlias(alias, anonId, principalId);
  assertEventOf(logout, "logout", { principalId });
  assert.deepEqual(others, []);
});

for (const command of ["logout", "whoami"]) {
  const name =
    `the event of a ${command} keeps its own user and project when the account changes meanwhile`;
  Deno.test({ name, ignore }, async () => {
    await using machine = await TelemetryMachine.start();
    await using slow = new Delay(machine.server.url);
    const first = await machine.credentialsOf("margaret@example.com");
    const second = await machine.credentialsOf("grace@example.com");
    assert.equal((await machine.report(["whoami"])).arrived.length, 1);
    machine.writeCredentials(first);
    const organization = machine.stored("org_id");
    machine.reportTo(slow.url);
    assert.equal((await machine.run([command])).code, 0);
    await slow.asked();
    machine.writeCredentials(second);
    assert.notEqual(machine.stored("org_id"), organization);
    slow.end();
    const [alias, event, ...others] = await machine.arrived();
    assert.deepEqual([alias?.event, ...others], [ALIAS]);
    assertEventOf(event, command, { principalId: accountIn(first) });
    assertOmits(event ? [event] : [], machine.stored("org_id"), machine.stored("project_id"));
    const expected = command === "logout" ? undefined : organization;
    assert.equal(event?.payload.properties.org_id, expected);
  });
}
