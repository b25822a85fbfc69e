import assert from "node:assert/strict";
import { relativeTime, timeCell } from "../../src/terminal/times.ts";
import { localTime } from "../../src/text/time.ts";

const NOW = new Date("2026-11-20T12:00:00Z");

const times: [time: string, expected: string][] = [
  ["2026-11-20T12:00:00Z", "now"],
  ["2026-11-20T11:59:01Z", "now"],
  ["2026-11-20T11:59:00Z", "1m ago"],
  ["2026-11-20T11:00:01Z", "59m ago"],
  ["2026-11-20T11:00:00Z", "1h ago"],
  ["2026-11-19T12:00:01Z", "23h ago"],
  ["2026-11-19T12:00:00Z", "1d ago"],
  ["2024-11-20T12:00:00Z", "730d ago"],
  ["2026-11-20T12:05:00Z", "in 5m"],
  ["2026-12-20T12:00:00Z", "in 30d"],
];
for (const [time, expected] of times) {
  Deno.test(`relativeTime() shows ${time} as ${expected}`, () => {
    assert.equal(relativeTime(new Date(time), NOW), expected);
  });
}

Deno.test("timeCell() shows local time, and keeps text that is not a time", () => {
  assert.equal(timeCell("yesterday", NOW), "yesterday");
  const time = new Date("2026-01-02T03:04:05Z");
  assert.deepEqual(timeCell(time.toISOString(), NOW), { long: localTime(time), short: "322d ago" });
  assert.match(localTime(time), /^2026-01-0[123] \d\d:\d4$/);
});
