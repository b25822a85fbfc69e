import assert from "node:assert/strict";
import { readAnswer, readBounded, readStream } from "../../src/system/read_bounded.ts";
import { Answers } from "../support/answers.ts";

const tooLarge = () => new RangeError("too large");

/** A stream of pieces of three bytes, which counts them. */
function pieces(count: number) {
  const seen = { pulled: 0, isCancelled: false };
  const stream = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (seen.pulled === count) return controller.close();
      controller.enqueue(new Uint8Array(3).fill(++seen.pulled));
    },
    cancel() {
      seen.isCancelled = true;
    },
  }, { highWaterMark: 0 });
  return { stream, seen };
}

Deno.test("readStream() returns all bytes up to the limit", async () => {
  const { stream } = pieces(2);
  assert.deepEqual([...await readStream(stream, { maxBytes: 6, tooLarge })], [1, 1, 1, 2, 2, 2]);
  assert.equal((await readStream(pieces(0).stream, { maxBytes: 0, tooLarge })).length, 0);
});

Deno.test("readStream() cancels a stream as soon as it exceeds the limit", async () => {
  const { stream, seen } = pieces(100);
  await assert.rejects(readStream(stream, { maxBytes: 5, tooLarge }), RangeError);
  assert.deepEqual(seen, { pulled: 2, isCancelled: true });
});

Deno.test("readStream() drops bytes beyond the limit, if allowed", async () => {
  const short = pieces(4);
  await assert.rejects(
    readStream(short.stream, { maxBytes: 3, maxDropped: 100, tooLarge }),
    RangeError,
  );
  assert.deepEqual(short.seen, { pulled: 4, isCancelled: false });
  const long = pieces(100);
  await assert.rejects(
    readStream(long.stream, { maxBytes: 3, maxDropped: 6, tooLarge }),
    RangeError,
  );
  assert.deepEqual(long.seen, { pulled: 4, isCancelled: true });
});

Deno.test("readBounded() reports its progress, and passes on errors", async () => {
  const sizes: number[] = [];
  const left = [new Uint8Array(2), new Uint8Array(3), null];
  const read = () => Promise.resolve(left.shift());
  const bytes = await readBounded(read, {
    maxBytes: 5,
    tooLarge,
    onPiece: (size) => sizes.push(size),
  });
  assert.deepEqual([bytes.length, sizes], [5, [2, 5]]);
  const broken = () => Promise.reject(new TypeError("broken"));
  await assert.rejects(readBounded(broken, { maxBytes: 5, tooLarge }), TypeError);
});

Deno.test("readAnswer() reads no more than the limit, whatever length the response declares", async () => {
  const zeros = await new Response(
    new Blob([new Uint8Array(1_000_000)]).stream().pipeThrough(new CompressionStream("gzip")),
  ).arrayBuffer();
  await using server = new Answers(({ path }) => {
    if (path === "/short") return new Response("short");
    if (path === "/long") return new Response("x".repeat(20_000));
    if (path === "/open") return new Response(new Blob(["x".repeat(20_000)]).stream());
    return new Response(zeros, { headers: { "content-encoding": "gzip" } });
  });
  const read = async (path: string) =>
    new TextDecoder().decode(
      await readAnswer(await fetch(server.url + path), { maxBytes: 10_000, tooLarge }),
    );
  assert.equal(await read("/short"), "short");
  for (const path of ["/long", "/open", "/gzip"]) {
    await assert.rejects(read(path), RangeError, path);
  }
  assert.equal((await readAnswer(new Response(null), { maxBytes: 1, tooLarge })).length, 0);
});

Deno.test("readAnswer() reads no more than the limit of a chunked body, whatever its Content-Length", async () => {
  const chunk = new TextEncoder().encode(`1000\r\n${" ".repeat(0x1000)}\r\n`);
  const head = "HTTP/1.1 200 OK\r\ncontent-length: 10\r\ntransfer-encoding: chunked\r\n\r\n";
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const serving = (async () => {
    using connection = await listener.accept();
    await connection.read(new Uint8Array(4096));
    const writer = connection.writable.getWriter();
    try {
      await writer.write(new TextEncoder().encode(head));
      for (let sent = 0; sent < 20; sent++) await writer.write(chunk);
      await writer.write(new TextEncoder().encode("0\r\n\r\n"));
    } catch {
      // the client has closed the connection, as expected
    }
  })();
  const answer = await fetch(`http://127.0.0.1:${listener.addr.port}`);
  await assert.rejects(readAnswer(answer, { maxBytes: 10_000, tooLarge }), RangeError);
  await serving;
});
