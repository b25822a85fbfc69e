import assert from "node:assert/strict";
import { parseLogTime } from "../../../src/commands/server/log_time.ts";

const NOW = new Date("2026-11-29T12:00:00Z");

/** All of these mean the same to dateutil, which the Python CLI uses, with UTC as the zone of times without one. */
const TIMES: Record<string, readonly string[]> = {
  "2026-11-21T00:00:00.000Z": [
    "2026-11-21",
    "20261121",
    "2026/11/21",
    "2026.11.21",
    "21 Nov 2026",
    "21-Nov-2026",
    "Nov 21 2026",
    "nov 21, 2026",
    "November 21, 2026",
    "Saturday, November 21, 2026",
    "  Sat 21   November 2026 ",
  ],
  "2026-11-21T19:30:00.000Z": [
    "2026-11-21 19:30",
    "2026-11-21T19:30Z",
    "2026-11-21t19:30z",
    "2026-11-21 20:30:00 +01:00",
    "2026-11-21 20:30 +0100",
    "20261121T19:30",
    "2026/11/21 7:30 PM",
    "21 Nov 2026 19:30 UTC",
    "Sat, 21 Nov 2026 19:30:00 +0000",
    "Sat, 21 Nov 2026 19:30:00 GMT",
    "Nov 21, 2026, 7:30pm",
  ],
  "2026-09-05T00:15:30.250Z": ["Sept 5 2026 00:15:30.25", "5 september 2026 12:15:30.250 AM"],
  "2026-11-28T00:00:00.000Z": ["1d12h", "36h", "1D12H"],
};

for (const [time, forms] of Object.entries(TIMES)) {
  for (const form of forms) {
    Deno.test(`parseLogTime() reads ${JSON.stringify(form)}`, () => {
      assert.equal(parseLogTime(form, NOW)?.toISOString(), time);
    });
  }
}

const REFUSED = [
  "",
  "yesterday",
  "11/12/2026",
  "2026-11/21",
  "2026-1121",
  "2026-02-30",
  "30 Feb 2026",
  "2026-13-01",
  "21 Nov",
  "21 Novem 2026",
  "2026-11-21 25:00",
  "2026-11-21 13:30 PM",
  "2026-11-21 0:30 AM",
  "2026-11-21 07:30 CET",
  "2026-11-21 07:30 +1",
  "2026-11-21T",
  "2026-11-21 7",
  "-1d",
  "1w",
];
for (const form of REFUSED) {
  Deno.test(`parseLogTime() refuses ${JSON.stringify(form)}`, () => {
    assert.equal(parseLogTime(form, NOW), undefined);
  });
}
