import assert from "node:assert/strict";
import { NetworkTime, SHOWN_AFTER_MS } from "../../src/api/network_time.ts";
import { runTelemetryChild } from "../../src/telemetry/child.ts";
import { sleep } from "../../src/system/waiting.ts";
import { InProcess } from "../support/in_process.ts";

const ANONYMOUS = "11111111-2222-4333-8444-555555555555";
const SINK = "https://telemetry.example";

/** Sends an event of a user whom only the coordinator knows. Returns the requests and the ids of the events. */
async function send(
  home: InProcess,
  answer: (url: URL, signal: AbortSignal | undefined) => Promise<Response>,
) {
  const usage = { anon_id: ANONYMOUS, linked_principal_id: null };
  Deno.writeTextFileSync(`${home.folder}/usage.json`, JSON.stringify(usage), { mode: 0o600 });
  const asked: string[] = [];
  const ids: string[] = [];
  const event = {
    name: "CLI execution succeeded",
    properties: {},
    timestamp: 0,
    folder: home.folder,
    identity: { anonId: ANONYMOUS },
    user: { kind: "unknown" },
  };
  await runTelemetryChild({
    files: { policyFile: "/nowhere/policy.toml" },
    env: {
      ARCADE_USAGE_EVENT_DATA: JSON.stringify(event),
      ARCADE_POSTHOG_KEY: "phc_test",
      ARCADE_POSTHOG_HOST: SINK,
    },
    http: {
      fetch: async (input, init) => {
        const url = new URL(input instanceof Request ? input.url : input);
        if (url.origin !== SINK) {
          asked.push(url.href);
          return await answer(url, init?.signal ?? undefined);
        }
        for (const { distinct_id } of JSON.parse(String(init?.body)).batch) ids.push(distinct_id);
        return Response.json({});
      },
      timeoutMs: () => 10_000,
      networkTime: new NetworkTime(() => 0),
      sleep,
      random: () => 0,
      trace: undefined,
    },
    clock: { now: () => new Date(0) },
    dropPermissions: () => {},
  });
  return { asked, ids };
}

/** Credentials without the id of the account, as the Python CLI writes them. */
function credentials(kind: string, coordinator: string): string {
  return `cloud:
  active_context: work
  contexts:
    work:
      kind: ${kind}
${coordinator}      auth: { access_token: CANARY-at, refresh_token: r, expires_at: '2999-01-01T00:00:00' }
      user: { email: e@example.com }
`;
}

for (const coordinator of ["", "      coordinator_url: https://cloud.arcade.dev\n"]) {
  const what = coordinator === "" ? "without a coordinator" : "with the coordinator of the cloud";
  Deno.test(`telemetry does not ask the cloud about users of a self-hosted Arcade ${what}`, async () => {
    using home = new InProcess();
    home.write(credentials("self_hosted", coordinator));
    assert.deepEqual(await send(home, () => assert.fail("A token was sent")), {
      asked: [],
      ids: [ANONYMOUS],
    });
    home.write(credentials("cloud", coordinator));
    const { asked } = await send(home, () => Promise.resolve(Response.json({})));
    assert.deepEqual(asked, ["https://cloud.arcade.dev/api/v1/auth/whoami"]);
  });
}

Deno.test("telemetry waits two seconds for the coordinator, and reports an anonymous event", async () => {
  using home = new InProcess();
  home.write(credentials("cloud", ""));
  const { setTimeout: start } = globalThis;
  const limits = new Set<number | undefined>();
  // The limits end at once, and are recorded.
  globalThis.setTimeout = Object.assign(
    (work: () => void, milliseconds?: number) => {
      limits.add(milliseconds);
      return start(work);
    },
    start,
  );
  try {
    const { asked, ids } = await send(home, (_, signal) => {
      globalThis.setTimeout = start;
      return new Promise((_, reject) =>
        signal?.addEventListener("abort", () => reject(signal.reason))
      );
    });
    assert.deepEqual([asked.length, ids], [1, [ANONYMOUS]]);
  } finally {
    globalThis.setTimeout = start;
  }
  limits.delete(SHOWN_AFTER_MS);
  assert.deepEqual([...limits], [2000]);
});
