import assert from "node:assert/strict";
import { LogPump } from "../../../src/commands/dev/log_pump.ts";
import { until } from "../../support/patience.ts";

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
