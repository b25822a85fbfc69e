import assert from "node:assert/strict";
import { Worker, WorkerError } from "../../../src/local/servers/worker.ts";
import { Answers, json } from "../../support/answers.ts";

for (const status of [301, 302, 303, 307, 308]) {
  Deno.test(`the token for a server does not follow its redirect (${status})`, async () => {
    await using elsewhere = new Answers(() => json([]));
    await using server = new Answers(() =>
      new Response(null, { status, headers: { location: elsewhere.url } })
    );
    const worker = new Worker({ port: { url: server.url, fetch }, secret: "a secret" });
    await assert.rejects(
      worker.tools(),
      (error) => error instanceof WorkerError && error.message.endsWith(`answered with ${status}`),
    );
    const call = {
      execution_id: "tc_1",
      tool: { name: "Add", toolkit: "Math" },
      inputs: {},
      context: { secrets: [] },
    };
    await assert.rejects(worker.invoke(call), WorkerError);
    assert.equal(await worker.isHealthy(), false);
    assert.equal(server.seen.length, 3);
    assert.deepEqual(elsewhere.seen, []);
  });
}
