import assert from "node:assert/strict";
import fc from "fast-check";
import { formatExpiry } from "../../src/store/credentials_changes.ts";
import { parseExpiry } from "../../src/store/expiry.ts";

Deno.test("formatExpiry() writes local time with any offset, and parseExpiry() reads it back", () => {
  fc.assert(
    fc.property(
      fc.date({ min: new Date(0), max: new Date("2100-01-01"), noInvalidDate: true }),
      (date) => {
        const written = formatExpiry(date);
        assert.equal(parseExpiry(written)?.getTime(), date.getTime());
        const two = (n: number) => String(n).padStart(2, "0");
        assert(written.slice(11).startsWith(`${two(date.getHours())}:${two(date.getMinutes())}`));
      },
    ),
  );
});

const moments: [written: string, expected: Date][] = [
  ["2026-11-20T15:04:05.123456", new Date(2026, 10, 20, 15, 4, 5, 123)],
  ["2026-11-20 15:04:05.123456", new Date(2026, 10, 20, 15, 4, 5, 123)],
  ["2026-11-20T15:04:05", new Date(2026, 10, 20, 15, 4, 5)],
  ["2026-11-20T15:04:05.123456+01:00", new Date("2026-11-20T14:04:05.123Z")],
  ["2026-11-20T15:04:05-0330", new Date("2026-11-20T18:34:05Z")],
  ["2026-11-20T15:04:05Z", new Date("2026-11-20T15:04:05Z")],
];
for (const [written, expected] of moments) {
  Deno.test(`parseExpiry() reads ${written}`, () => {
    assert.equal(parseExpiry(written)?.getTime(), expected.getTime());
  });
}

for (const written of ["", "soon", "2026-13-45T99:99:99", "1700000000"]) {
  Deno.test(`parseExpiry() rejects ${JSON.stringify(written)}`, () => {
    assert.equal(parseExpiry(written), undefined);
  });
}

/** Time zones east and west, with half and quarter hours, with and without daylight saving, north and south. */
const ZONES = [
  "UTC",
  "Europe/Berlin",
  "America/New_York",
  "America/St_Johns",
  "Asia/Kathmandu",
  "Asia/Kolkata",
  "Australia/Lord_Howe",
  "Pacific/Kiritimati",
  "Pacific/Pago_Pago",
];
/** Winter, summer, and the repeated hour in Berlin and New York. */
const MOMENTS = [
  "2026-01-15T23:30:45.678Z",
  "2026-07-15T00:15:00.000Z",
  "2026-10-25T00:30:00.000Z",
  "2026-10-25T01:30:00.000Z",
  "2026-11-01T05:30:00.000Z",
  "2026-11-01T06:30:00.000Z",
].map((moment) => new Date(moment));

for (const timeZone of ZONES) {
  Deno.test(`in ${timeZone} an expiry is the local time with its offset, and is read back`, () => {
    const [read, written] = ["expiry", "credentials_changes"].map((name) =>
      JSON.stringify(new URL(`../../src/store/${name}.ts`, import.meta.url).href)
    );
    const script = `
      import { parseExpiry } from ${read};
      import { formatExpiry } from ${written};
      for (const moment of ${JSON.stringify(MOMENTS)}) {
        const written = formatExpiry(new Date(moment));
        // As the Python CLI writes it: naive local time.
        const naive = written.slice(0, 26);
        console.log(JSON.stringify([written, parseExpiry(written), parseExpiry(naive)]));
      }`;
    const { stdout, stderr } = new Deno.Command(Deno.execPath(), {
      args: ["eval", script],
      env: { TZ: timeZone, NO_COLOR: "1" },
    }).outputSync();
    const lines = new TextDecoder().decode(stdout).trim().split("\n");
    assert.equal(lines.length, MOMENTS.length, new TextDecoder().decode(stderr));
    for (const [i, moment] of MOMENTS.entries()) {
      const [written, read, naive]: string[] = JSON.parse(lines[i] ?? "[]");
      assert.equal(written, localTimeOf(moment, timeZone));
      assert.equal(read, moment.toISOString());
      const isRepeated = localTimeOf(moment, timeZone).slice(0, 26) ===
        localTimeOf(new Date(moment.getTime() - 3_600_000), timeZone).slice(0, 26);
      // A repeated local time without an offset is ambiguous.
      if (!isRepeated) assert.equal(naive, moment.toISOString());
    }
  });
}

/** The expected output of `formatExpiry()`, computed independently. */
function localTimeOf(moment: Date, timeZone: string): string {
  const parts = new Intl.DateTimeFormat("en-CA", {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    fractionalSecondDigits: 3,
    timeZoneName: "longOffset",
  }).formatToParts(moment);
  const part = (type: string) => parts.find((one) => one.type === type)?.value ?? "";
  const offset = part("timeZoneName").replace("GMT", "") || "+00:00";
  return `${part("year")}-${part("month")}-${part("day")}T${part("hour")}:${part("minute")}:` +
    `${part("second")}.${part("fractionalSecond")}000${offset}`;
}
