import assert from "node:assert/strict";
import { discover } from "../../src/api/discovery.ts";
import { NetworkTime } from "../../src/api/network_time.ts";
import { Failure } from "../../src/failure.ts";
import { json } from "../support/answers.ts";

/** The installation that this discovery document describes. */
function discovered(base: string, document: Record<string, string>) {
  return discover({
    fetch: () => Promise.resolve(json(document)),
    timeoutMs: () => 10_000,
    networkTime: new NetworkTime(() => 0),
    sleep: () => Promise.resolve(),
    random: () => 0,
    trace: undefined,
  }, base);
}

const SECURE = {
  coordinator: "https://coordinator.example",
  engine: "https://engine.example",
  dashboard: "https://dashboard.example",
};

for (const name of ["coordinator", "engine", "dashboard"]) {
  for (const address of ["http://other.example", "http://127.0.0.1:9099", "HTTP://localhost"]) {
    Deno.test(`an installation with TLS has no ${name} without: ${address}`, async () => {
      await assert.rejects(
        discovered("https://arcade.example", { ...SECURE, [name]: address }),
        (error) => error instanceof Failure && /names a service without TLS/.test(error.message),
      );
    });
  }
}

Deno.test("services must use TLS, except on this machine", async () => {
  assert.deepEqual(await discovered("https://arcade.example", SECURE), {
    ...SECURE,
    noDeployments: undefined,
  });
  const local = { coordinator: "http://127.0.0.1:1", engine: "http://127.0.0.1:2" };
  const { coordinator, engine } = await discovered("http://127.0.0.1:1", local);
  assert.deepEqual({ coordinator, engine }, local);
});
