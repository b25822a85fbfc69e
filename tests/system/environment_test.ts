import assert from "node:assert/strict";
import { isOn, readSwitch } from "../../src/system/environment.ts";

const readings = {
  on: ["1", "true", "yes", "on", "TRUE", "Yes", "oN", " 1 ", "yes\n", "\u00A0on\t"],
  off: ["0", "false", "no", "off", "FALSE", "No", "oFF", " 0 ", "no\n"],
  unclear: ["2", "y", "n", "yess", "none", "null", "-1", "o n", "1 0", "0ff", "on\0"],
  unset: [undefined, "", " ", "\t\n"],
} as const;

for (const [reading, values] of Object.entries(readings)) {
  for (const value of values) {
    Deno.test(`readSwitch() of ${JSON.stringify(value)} is ${reading}`, () => {
      assert.equal(readSwitch(value), reading === "unset" ? undefined : reading);
      assert.equal(isOn(value), reading === "on" || reading === "unclear");
    });
  }
}
