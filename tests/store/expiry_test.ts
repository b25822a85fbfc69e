import assert from "node:assert/strict";
import fc from "fast-check";
import { formatExpiry, parseExpiry } from "../../src/store/expiry.ts";

Deno.test("formatExpiry() writes local time, whatever its offset, and parseExpiry() reads it back", () => {
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
  Deno.test(`parseExpiry() does not take ${JSON.stringify(written)} for a time`, () => {
    assert.equal(parseExpiry(written), undefined);
  });
}
