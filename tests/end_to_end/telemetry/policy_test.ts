import assert from "node:assert/strict";
import { EVENT_VARIABLE } from "../../../src/contract/entries.ts";
import { repeated } from "../../support/patience.ts";
import { Answers } from "../../support/answers.ts";
import { under, withoutPolicies } from "../../support/policies.ts";
import { TelemetryMachine, withoutSenders } from "../../support/telemetry_machine.ts";
import { ORDINARY } from "../../support/users.ts";

const ignore = withoutPolicies || withoutSenders;
const FORBIDDEN = "background_traffic = false\n";
/** All user settings that conflict with it. */
const AGAINST = {
  ARCADE_NO_BACKGROUND_TRAFFIC: "0",
  ARCADE_USAGE_TRACKING: "1",
  ARCADE_COMPLETION_OFFLINE: "0",
  DO_NOT_TRACK: "0",
};

Deno.test({
  name: "under a policy, neither commands nor the sending process report anything",
  ignore,
}, async () => {
  await using machine = await TelemetryMachine.start();
  await machine.report(["telemetry", "enable"]);
  const through = under(FORBIDDEN, machine);
  for (const args of [["whoami"], ["telemetry", "enable"], ["org", "list"]]) {
    const { code } = await machine.run(args, { through, env: AGAINST });
    assert.equal(code, args[0] === "telemetry" ? 0 : 4);
    assert.deepEqual(await machine.senders.running(), []);
  }
  const event = JSON.stringify({
    name: "CLI execution succeeded",
    properties: {},
    timestamp: 0,
    folder: machine.folder,
    user: { kind: "logged-out" },
    isLogout: false,
  });
  const sending = { env: { ...AGAINST, [EVENT_VARIABLE]: event } };
  await machine.run([], { through, ...sending });
  assert.deepEqual(await machine.arrived(), []);
  await machine.run([], sending);
  assert.equal((await machine.arrived()).length, 1);
});

Deno.test({ name: "under a policy, completion sends no requests", ignore }, async () => {
  await using machine = await TelemetryMachine.withUnreportedLogin();
  await using engine = new Answers(() => Response.json({ items: [] }));
  machine.moveLogin({ engine: engine.url });
  const complete = ["__complete", "bash", "arcade secret unset ", ""];
  await machine.run(complete, { through: under(FORBIDDEN, machine), env: AGAINST });
  assert.equal(engine.seen.length, 0);
  await repeated(
    () => machine.run(complete, { through: under("", machine), env: AGAINST }),
    () => engine.seen.length > 0,
  );
  assert.equal(engine.seen.length, 1);
});

Deno.test({
  name: "the policy of anybody but root forbids too, and `telemetry status` says so",
  ignore,
}, async () => {
  await using machine = await TelemetryMachine.start();
  const through = under("background_traffic = true\n", machine, { owner: ORDINARY });
  const { stdout, stderr } = await machine.run(["telemetry", "status", "--json"], { through });
  const { enabled, reason, policy_file, background_traffic } = JSON.parse(stdout);
  const path = "/etc/arcade/policy.toml";
  assert.deepEqual(
    { enabled, reason, policy_file, background_traffic },
    {
      enabled: false,
      reason: `turned off for this machine by ${path}`,
      policy_file: path,
      background_traffic: false,
    },
  );
  assert.match(stderr, /does not belong to root, so background_traffic counts as false/);
  assert.deepEqual(await machine.arrived(), []);
});
