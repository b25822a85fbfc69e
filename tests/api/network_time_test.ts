import assert from "node:assert/strict";
import { GrantsClient } from "../../src/api/grants.ts";
import { bearerClient } from "../../src/api/authorized_client.ts";
import { NetworkTime, SHOWN_AFTER_MS } from "../../src/api/network_time.ts";
import { Sensitive } from "../../src/secrecy/sensitive.ts";
import { Answers, json } from "../support/answers.ts";
import { grantIn } from "../support/grants.ts";

/** The terminal's output while a service answers late with the state of a grant. */
async function shownDuring(waitSeconds: number): Promise<(string | undefined)[]> {
  const shown: (string | undefined)[] = [];
  await using answers = new Answers(async () => {
    await new Promise((resolve) => setTimeout(resolve, 4 * SHOWN_AFTER_MS));
    return json(grantIn("pending"));
  });
  const client = bearerClient(
    {
      fetch,
      timeoutMs: () => 30_000,
      networkTime: new NetworkTime(() => performance.now(), (line) => shown.push(line)),
      sleep: () => Promise.resolve(),
      random: () => 0,
      trace: undefined,
    },
    new Sensitive("key"),
    { renewal: "" },
  );
  await new GrantsClient(client, answers.url).status("ac_1", waitSeconds);
  return shown.map((line) => line?.replace(answers.url, "URL"));
}

Deno.test("what a command waits for is shown", async () => {
  assert.deepEqual(await shownDuring(0), ["Waiting for URL…", undefined]);
});

Deno.test("a long poll is not shown as a slow service", async () => {
  assert.deepEqual(await shownDuring(1), [undefined]);
});
