import assert from "node:assert/strict";
import { InProcess } from "../../support/in_process.ts";

const MISTAKES: readonly [args: readonly string[], message: RegExp][] = [
  [["--until-ready"], /`--until-ready` needs a command/],
  [
    ["--gateway", "Bad Slug!"],
    /`--gateway` must be 1 to 100 letters, digits, dashes and underscores/,
  ],
];

for (const [args, message] of MISTAKES) {
  Deno.test(`\`dev ${args.join(" ")}\` is a usage error before anything starts`, async () => {
    using home = new InProcess();
    const { code, stdout, stderr } = await home.run(["dev", ...args]);
    assert.deepEqual([code, stdout], [2, ""]);
    assert.match(stderr, message);
  });
}
