import assert from "node:assert/strict";
import { MAX_LINE } from "../../../src/text/lines.ts";
import { LogPump } from "../../../src/commands/dev/log_pump.ts";
import { patiently, until } from "../../support/patience.ts";

Deno.test("lines reach the page, whether they come before the session is there or after it", async () => {
  for (const early of [[], ["early"]]) {
    const sent: string[] = [];
    const pump = new LogPump();
    for (const line of early) pump.add(line);
    pump.sendTo({ log: (lines) => Promise.resolve(void sent.push(...lines)) });
    for (const line of ["one", "two"]) {
      pump.add(line);
      await until(line, () => sent.includes(line));
    }
    assert.deepEqual(sent, [...early, "one", "two"]);
  }
});

Deno.test("long lines are sent in requests that the local Arcade accepts, the last one whole", async () => {
  const requests: (readonly string[])[] = [];
  const last = Promise.withResolvers<void>();
  const pump = new LogPump();
  for (let i = 0; i < 600; i++) pump.add("\u0001".repeat(MAX_LINE));
  pump.add("last");
  pump.sendTo({
    log(lines) {
      requests.push(lines);
      if (lines.includes("last")) last.resolve();
      return Promise.resolve();
    },
  });
  await patiently("the last line", last.promise);
  for (const lines of requests) {
    const { length } = new TextEncoder().encode(JSON.stringify({ lines }));
    assert(length < 2 * 1024 * 1024, `${length} bytes`);
  }
});
