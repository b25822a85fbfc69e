import assert from "node:assert/strict";
import { ROOT } from "../support/root.ts";

/** The bytes of a zip archive that is made in a time zone, in base64. */
async function zipIn(timeZone: string): Promise<string> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: [
      "eval",
      `import { zip } from "./scripts/release/archive.ts";
       const file = { path: "a", content: new Uint8Array(9), isExecutable: true };
       console.log(zip([file], 1_711_850_400).toBase64());`,
    ],
    cwd: ROOT,
    env: { TZ: timeZone },
  }).output();
  return new TextDecoder().decode(stdout);
}

Deno.test("a zip archive has the same bytes in every time zone, and while clocks are put forward", async () => {
  const utc = await zipIn("UTC");
  assert.match(utc, /^UEsDB/);
  for (const zone of ["Europe/Berlin", "Pacific/Kiritimati", "America/Los_Angeles"]) {
    assert.equal(await zipIn(zone), utc, zone);
  }
});
