import assert from "node:assert/strict";
import { spool } from "../../src/system/spool.ts";

const never = new AbortController().signal;

async function* pieces(count: number) {
  for (let i = 0; i < count; i++) yield await Promise.resolve(new Uint8Array(100_000).fill(i));
}

Deno.test("spooled data is read back, and its file is unlinked", async () => {
  const stream = await spool(pieces(30), never);
  const bytes = await new Response(stream).bytes();
  assert.equal(bytes.length, 3_000_000);
  assert.deepEqual([bytes[0], bytes[1_500_000], bytes.at(-1)], [0, 15, 29]);
});

Deno.test({
  name: "the spool file is removed before anything is written",
  ignore: Deno.build.os !== "linux",
  async fn() {
    let open: string[] = [];
    const look = async function* () {
      yield* pieces(1);
      // Parallel tests have folders with similar names open.
      open = descriptors().filter((path) => /\/arcade-[0-9a-f]+(?: \(deleted\))?$/.test(path));
    };
    const stream = await spool(look(), never);
    await stream.cancel();
    assert(open.length > 0);
    for (const path of open) assert.match(path, / \(deleted\)$/);
  },
});

Deno.test("an interruption takes effect while pieces are spooled", async () => {
  const user = new AbortController();
  const endless = async function* () {
    while (true) yield await Promise.resolve(new Uint8Array(0));
  };
  setTimeout(() => user.abort(new Error("cancelled by the user")));
  await assert.rejects(spool(endless(), user.signal), /cancelled by the user/);
});

/** The files of the open descriptors of this process. */
function descriptors(): string[] {
  const { stdout } = new Deno.Command("/bin/ls", { args: ["-l", `/proc/${Deno.pid}/fd`] })
    .outputSync();
  return new TextDecoder().decode(stdout).split("\n").map((line) => line.split(" -> ")[1] ?? "");
}

Deno.test("an error from the source ends the spooling", async () => {
  const broken = async function* () {
    yield* pieces(1);
    throw new RangeError("broken");
  };
  await assert.rejects(spool(broken(), never), RangeError);
});

Deno.test("an aborted signal ends the spooling with its reason", async () => {
  await assert.rejects(spool(pieces(1), AbortSignal.abort(new RangeError("over"))), RangeError);
});
