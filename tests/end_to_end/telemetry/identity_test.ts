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
/** What PostHog's client adds by itself. */
const LIBRARY = ["$lib", "$lib_version", "$insert_id", "$time", "$session_id", "$geoip_disable"];

/** What an event says besides what PostHog's client adds; who it speaks of included. */
function told({ payload }: Arrived): Record<string, unknown> {
  const { properties } = payload;
  return Object.fromEntries(Object.entries(properties).filter(([name]) => !LIBRARY.includes(name)));
}

/** Fails unless an alias joins these two, and says nothing else of anybody. */
function assertAlias(arrived: Arrived | undefined, anonId: string, principalId: string): void {
  assert(arrived);
  assert.deepEqual([arrived.event, arrived.payload.event, arrived.api_key], [ALIAS, ALIAS, KEY]);
  assert.deepEqual([arrived.distinct_id, arrived.payload.distinct_id], [anonId, anonId]);
  const { $process_person_profile: _profile, $is_identified: _identified, ...said } = told(arrived);
  assert.deepEqual(said, { distinct_id: anonId, alias: principalId });
  assert.equal(arrived.status, "accepted");
}

/** Fails unless an event speaks of this person, and of no other. */
function assertSpeaksOf(
  arrived: Arrived | undefined,
  command: string,
  person: { anonId: string } | { principalId: string },
): void {
  assert(arrived);
  const id = "anonId" in person ? person.anonId : person.principalId;
  const { payload } = arrived;
  assert.equal(payload.properties.command_name, command);
  assert.deepEqual([arrived.distinct_id, payload.distinct_id], [id, id]);
  assert.equal(payload.properties.$process_person_profile, "principalId" in person);
  assert.equal(arrived.status, "accepted");
}

/** Fails if one of these texts is anywhere in what arrived. */
function assertSilentAbout(arrived: readonly Arrived[], ...texts: readonly string[]): void {
  const all = JSON.stringify(arrived);
  for (const text of texts) assert(text !== "" && !all.includes(text), `${text} is in ${all}`);
}

Deno.test({ name: "what an event says", ignore }, async () => {
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
  assertSpeaksOf(event, "org.list", { anonId });

  const { payload } = event;
  const { properties } = payload;
  const { duration_ms, device_start_timestamp, device_end_timestamp, runtime_version, ...said } =
    told(event);
  assert.deepEqual(said, {
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
  assert(end >= before.uptime && end < Deno.osUptime() + 1); // which is in whole seconds
  const time = Date.parse(payload.timestamp);
  assert(time >= before.time && time <= Date.now());
  assert.deepEqual([properties.$lib, properties.$geoip_disable], ["js", true]);
});

Deno.test(
  { name: "the life of an identity: two people, one after the other", ignore },
  async (t) => {
    await using machine = await TelemetryMachine.start();
    /** Everything that arrived while nobody, the first, or the second person was there. */
    const of = { nobody: [] as Arrived[], first: [] as Arrived[], second: [] as Arrived[] };
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
        assertSpeaksOf(only(arrived), args.join("."), { anonId: currentAnonId() });
        assert.equal(machine.identity().linked_principal_id, null);
        of.nobody.push(...arrived);
      }
      anonIds.push(currentAnonId());
      assertSilentAbout(of.nobody, "org_id", "project_id", "alias");
      assert.deepEqual(new Set(of.nobody.map(({ distinct_id }) => distinct_id)), new Set(anonIds));
    });

    await t.step("login: the alias arrives first, then its own event", async () => {
      await machine.logInAs("margaret@example.com");
      first = machine.stored("account_id");
      const arrived = await machine.arrived();
      const [alias, login, ...others] = arrived;
      assert.deepEqual(others, []);
      assertAlias(alias, anonIds[0] ?? "", first);
      assert.equal(login?.event, SUCCEEDED);
      assertSpeaksOf(login, "login", { principalId: first });
      assert.deepEqual(machine.identity(), { anon_id: anonIds[0], linked_principal_id: first });
      of.first.push(...arrived);
    });

    await t.step("authenticated use", async () => {
      for (const args of [["secret", "list"], ["whoami"], ["org", "set", "Nowhere"]]) {
        const { code, arrived } = await machine.report(args);
        const event = only(arrived);
        assert.equal(event.event, code === 0 ? SUCCEEDED : FAILED);
        assertSpeaksOf(event, args.slice(0, 2).join("."), { principalId: first });
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

    await t.step("logout: its event is the last of this person", async () => {
      const { code, arrived } = await machine.report(["logout"]);
      assert.equal(code, 0);
      assertSpeaksOf(only(arrived), "logout", { principalId: first });
      of.first.push(...arrived);
      anonIds.push(currentAnonId());
      assert.notEqual(anonIds[1], anonIds[0]);
      assert.equal(machine.identity().linked_principal_id, null);
    });

    await t.step("anonymous again, as somebody else", async () => {
      const { arrived } = await machine.report(["whoami"]);
      assertSpeaksOf(only(arrived), "whoami", { anonId: anonIds[1] ?? "" });
      assertSilentAbout(arrived, anonIds[0] ?? "", first);
      of.second.push(...arrived);
    });

    await t.step("the second person", async () => {
      await machine.logInAs("grace@example.com");
      second = machine.stored("account_id");
      assert.notEqual(second, first);
      const [alias, login, ...others] = await machine.arrived();
      assert(alias && login);
      assert.deepEqual(others, []);
      assertAlias(alias, anonIds[1] ?? "", second);
      assertSpeaksOf(login, "login", { principalId: second });
      assert.deepEqual(machine.identity(), { anon_id: anonIds[1], linked_principal_id: second });
      const { arrived } = await machine.report(["secret", "list"]);
      assertSpeaksOf(only(arrived), "secret.list", { principalId: second });
      of.second.push(alias, login, ...arrived);
    });

    await t.step("nothing of one person is in what was sent of the other", async () => {
      const [anonOfFirst = "", anonOfSecond = ""] = anonIds;
      assertSilentAbout(of.first, second, anonOfSecond, "grace");
      assertSilentAbout(of.second, first, anonOfFirst, "margaret");
      const all = await machine.events();
      assert.equal(all.length, of.nobody.length + of.first.length + of.second.length);
      assertNothingRefused(all);
    });
  },
);

Deno.test({ name: "a failed login and a logout of nobody stay anonymous", ignore }, async () => {
  await using machine = await TelemetryMachine.start();
  const { arrived } = await machine.report(["login", "--no-browser", "--timeout", "1"]);
  const { anon_id: anonId } = machine.identity();
  assertSpeaksOf(only(arrived), "login", { anonId });
  assert.equal(only(arrived).event, FAILED);
  const logout = await machine.report(["logout"]);
  assertSpeaksOf(only(logout.arrived), "logout", { anonId });
  assert.deepEqual(machine.identity(), { anon_id: anonId, linked_principal_id: null });
});

Deno.test(
  { name: "a login that the Python CLI made: the child asks who it is", ignore },
  async () => {
    await using machine = await TelemetryMachine.start();
    await using tap = new WireTap(machine.server.url);
    const first = await machine.report(["whoami"]);
    const { anon_id: anonId } = machine.identity();
    assertSpeaksOf(only(first.arrived), "whoami", { anonId });

    const credentials = await machine.credentialsOf("margaret@example.com");
    machine.forgetAccount(credentials.replaceAll(machine.server.url, tap.url));
    const principalId = accountIn(credentials);
    // With --debug a command shows each of its own requests.
    const { code, stderr } = await machine.run(["whoami", "--debug"]);
    assert.equal(code, 0);
    assert.doesNotMatch(stderr, /^> /m);
    const [alias, event, ...others] = await machine.arrived();
    assert.deepEqual(others, []);
    assertAlias(alias, anonId, principalId);
    assertSpeaksOf(event, "whoami", { principalId });
    assert.deepEqual(machine.identity(), { anon_id: anonId, linked_principal_id: principalId });
    assert.deepEqual(tap.seen.map(({ method, path }) => `${method} ${path}`), [
      "GET /api/v1/auth/whoami",
    ]);
    // It is known from now on under which id, but a later command may be of somebody else, so it is asked again.
    const next = await machine.report(["whoami"]);
    assertSpeaksOf(only(next.arrived), "whoami", { principalId });
    assertNothingRefused(await machine.events());
  },
);

Deno.test({ name: "a coordinator that does not say who it is", ignore }, async (t) => {
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
    "somebody without an id": () => Response.json({ data: { account_id: "", email: "" } }),
  };
  for (const [name, response] of Object.entries(answers)) {
    await t.step(name, async () => {
      answer = response;
      await Deno.remove(machine.identityFile).catch(() => {});
      machine.forgetAccount(throughTap);
      const { code, stderr, arrived } = await machine.report(["whoami"]);
      assert.equal(code, 0, stderr);
      assertSpeaksOf(only(arrived), "whoami", { anonId: machine.identity().anon_id });
      assert.equal(machine.identity().linked_principal_id, null);
    });
  }
  await t.step("and a link that may be somebody else's: nothing is sent", async () => {
    const linked = { anon_id: machine.identity().anon_id, linked_principal_id: "somebody-else" };
    await Deno.writeTextFile(machine.identityFile, JSON.stringify(linked));
    assert.deepEqual((await machine.report(["whoami"])).arrived, []);
    assert.deepEqual(machine.identity(), linked);
  });
});

for (const isSaid of [true, false]) {
  const how = isSaid ? "that say whose they are" : "that do not say whose they are";
  Deno.test(
    { name: `another account is put in place, by credentials ${how}`, ignore },
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
      if (isSaid) machine.writeCredentials(credentials);
      else machine.forgetAccount(credentials);
      const { code, stdout, arrived } = await machine.report(["whoami"]);
      assert.equal(code, 0);
      assert.match(stdout, /grace@example\.com/);
      const { anon_id: secondAnonId, linked_principal_id } = machine.identity();
      assert.notEqual(secondAnonId, firstAnonId);
      assert.equal(linked_principal_id, second);
      const [alias, event, ...others] = arrived;
      assert.deepEqual(others, []);
      assertAlias(alias, secondAnonId, second);
      assertSpeaksOf(event, "whoami", { principalId: second });
      const next = await machine.report(["secret", "list"]);
      assertSpeaksOf(only(next.arrived), "secret.list", { principalId: second });
      assertSilentAbout([...arrived, ...next.arrived], firstAnonId, first);
      assertSilentAbout(before, secondAnonId, second);
      assertNothingRefused(await machine.events());
    },
  );
}

Deno.test({ name: "a logout before telemetry heard of the login", ignore }, async () => {
  await using machine = await TelemetryMachine.start();
  const first = await machine.report(["whoami"]);
  const { anon_id: anonId } = machine.identity();
  assertSpeaksOf(only(first.arrived), "whoami", { anonId });
  const credentials = await machine.credentialsOf("margaret@example.com");
  const principalId = accountIn(credentials);
  machine.writeCredentials(credentials);
  const [alias, logout, ...others] = (await machine.report(["logout"])).arrived;
  assert.deepEqual(others, []);
  assertAlias(alias, anonId, principalId);
  assertSpeaksOf(logout, "logout", { principalId });
  const { anon_id: next, linked_principal_id } = machine.identity();
  assert.notEqual(next, anonId);
  assert.equal(linked_principal_id, null);
});

Deno.test({
  name: "an event that is still on its way at a logout is not sent as who comes next",
  ignore,
}, async () => {
  await using machine = await TelemetryMachine.loggedInUnnoticed();
  await using tap = new Delay(machine.server.url);
  const credentials = await Deno.readTextFile(machine.credentials);
  const principalId = accountIn(credentials);
  machine.forgetAccount(credentials.replaceAll(machine.server.url, tap.url));
  assert.equal((await machine.run(["whoami"])).code, 0);
  await tap.asked();
  const { anon_id: anonId } = machine.identity();
  machine.writeCredentials(credentials);
  assert.equal((await machine.run(["logout"])).code, 0);
  tap.end();
  const arrived = await machine.arrived();
  const { anon_id: next } = machine.identity();
  assert.notEqual(next, anonId);
  assertSilentAbout(arrived, next);
  assertNothingRefused(arrived);
  // The token was revoked, so the user of the event is unknown. The event stays anonymous.
  const isWhoami = ({ payload }: Arrived) => payload.properties.command_name === "whoami";
  assertSpeaksOf(arrived.find(isWhoami), "whoami", { anonId });
  const [alias, logout, ...others] = arrived.filter((event) => !isWhoami(event));
  assertAlias(alias, anonId, principalId);
  assertSpeaksOf(logout, "logout", { principalId });
  assert.deepEqual(others, []);
});

for (const command of ["logout", "whoami"]) {
  const name = `the event of a ${command} tells where its own person was, whoever is there by now`;
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
    assertSpeaksOf(event, command, { principalId: accountIn(first) });
    assertSilentAbout(event ? [event] : [], machine.stored("org_id"), machine.stored("project_id"));
    const expected = command === "logout" ? undefined : organization;
    assert.equal(event?.payload.properties.org_id, expected);
  });
}
