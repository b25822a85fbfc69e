import assert from "node:assert/strict";
import { writeAll } from "../../src/system/write_all.ts";
import { TEXTS } from "../data/write_all.ts";
import { nonBlocking, STREAM_KINDS, withoutNonBlocking } from "../support/non_blocking.ts";

const PROGRAM = [
  Deno.execPath(),
  "run",
  "--quiet",
  "--no-check",
  `${import.meta.dirname}/../data/write_all.ts`,
];

for (const stream of ["stdout", "stderr"] as const) {
  for (const kind of STREAM_KINDS) {
    Deno.test({
      name: `writeAll() writes each byte once to ${stream}, a ${kind} in non-blocking mode`,
      ignore: withoutNonBlocking,
    }, async () => {
      const [program = "", ...args] = [...nonBlocking(kind, stream), ...PROGRAM, stream];
      const { code, stdout } = await new Deno.Command(program, { args, stderr: "inherit" })
        .output();
      assert.equal(code, 0);
      assert.equal(new TextDecoder().decode(stdout), TEXTS.join(""));
    });
  }
}

Deno.test("writeAll() continues after a partial write", () => {
  const written: number[] = [];
  const slow = {
    writeSync(bytes: Uint8Array): number {
      written.push(...bytes.subarray(0, 2));
      return Math.min(bytes.length, 2);
    },
  };
  writeAll(slow, Uint8Array.of(1, 2, 3, 4, 5));
  assert.deepEqual(written, [1, 2, 3, 4, 5]);
});

Deno.test("writeAll() throws the system's errors", () => {
  const full = {
    writeSync(): number {
      throw new Error("No space left on device (os error 28)");
    },
  };
  assert.throws(() => writeAll(full, Uint8Array.of(1)), /No space left/);
});
