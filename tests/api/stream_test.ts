import assert from "node:assert/strict";
import fc from "fast-check";
import { elementsOf, messagesOf, textsOf } from "../../src/api/stream.ts";

/** A text in chunks, split at these positions. */
async function* cut(text: string, places: readonly number[]): AsyncGenerator<string> {
  const cuts = [...new Set(places.map((place) => place % (text.length + 1)))].sort((a, b) => a - b);
  let from = 0;
  for (const to of [...cuts, text.length]) {
    yield await Promise.resolve(text.slice(from, to));
    from = to;
  }
}

async function all<T>(batches: AsyncIterable<readonly T[]>): Promise<T[]> {
  return (await Array.fromAsync(batches)).flat();
}

const places = fc.array(fc.nat(), { maxLength: 20 });

Deno.test("elementsOf() returns the same as JSON.parse(), whatever the chunks", async () => {
  const element = fc.dictionary(fc.string({ unit: "binary" }), fc.jsonValue());
  const indent = fc.constantFrom(undefined, 1);
  await fc.assert(fc.asyncProperty(fc.array(element), places, indent, async (data, at, indent) => {
    const text = JSON.stringify(data, undefined, indent);
    assert.deepEqual(await all(elementsOf(cut(` ${text}\n`, at))), JSON.parse(text));
  }));
});

for (
  const text of ["", "{}", "[", '[{"a":1}', '[{"a":1},', "[1]", "<p>[]</p>", '[{"a":1} x]', "nul"]
) {
  Deno.test(`elementsOf() rejects ${JSON.stringify(text)}`, async () => {
    for (const at of [[], [1], [4]]) {
      await assert.rejects(all(elementsOf(cut(text, at))), SyntaxError);
    }
  });
}

Deno.test("elementsOf() reads 400,000 blanks in no more time than other text", async () => {
  for (const text of [" ".repeat(400_000) + "x", `[${" ".repeat(400_000)}x`]) {
    await assert.rejects(all(elementsOf(cut(text, []))), SyntaxError);
  }
});

Deno.test("elementsOf() reads null as an empty array", async () => {
  assert.deepEqual(await all(elementsOf(cut("null\n", [2]))), []);
});

const stream = [
  ": a comment\n",
  "data: one\n\n",
  "data:two\r\ndata\r\ndata:  three\r\n\r\n",
  "event: message\rid: 1\rretry: 5\rdata: four\r\r",
  "event: ping\ndata: 5\n\n",
  "event: error\r\ndata: {}\r\n\r\n",
  "event: gone\n\ndata: five\n\n",
  "unknown: field\nretry: soon\n\n",
  "data:\n\n",
  "data: cut off",
].join("");

Deno.test("messagesOf() returns the messages of a stream as the standard says, whatever the chunks", async () => {
  await fc.assert(fc.asyncProperty(places, async (at) => {
    assert.deepEqual(await all(messagesOf(cut(stream, at))), [
      "one",
      "two\n\n three",
      "four",
      "five",
      "",
    ]);
  }));
});

Deno.test("an endless element is rejected before it fills the memory", async () => {
  const endless = async function* (start: string) {
    yield await Promise.resolve(start);
    for (const _ of Array(40)) yield "x".repeat(1024 * 1024);
    throw new Error("read on");
  };
  for (const start of ["data: ", "data: one\ndata: ", "event: "]) {
    await assert.rejects(all(messagesOf(endless(start))), /more than 16 MiB/);
  }
  await assert.rejects(all(elementsOf(endless('[{"a":"'))), /more than 16 MiB/);
});

const request = { method: "GET", url: "http://127.0.0.1:1/x" } as const;

function answerWith(body: ReadableStream<Uint8Array>) {
  return { status: 200, headers: new Headers(), text: "", body };
}

Deno.test("textsOf() joins a character that is split between chunks", async () => {
  const bytes = new TextEncoder().encode("a漢😀z");
  const body = ReadableStream.from([...bytes].map((byte) => Uint8Array.of(byte)));
  const options = { quietMs: 60_000, signal: undefined };
  const texts = await Array.fromAsync(textsOf(request, answerWith(body), options));
  assert.equal(texts.join(""), "a漢😀z");
});

Deno.test("textsOf() times out on a silent server and closes the connection", async () => {
  const closed = Promise.withResolvers<void>();
  const body = new ReadableStream<Uint8Array>({ cancel: () => closed.resolve() });
  const options = { quietMs: 1, signal: undefined };
  await assert.rejects(
    Array.fromAsync(textsOf(request, answerWith(body), options)),
    /127\.0\.0\.1:1 sent nothing for 0\.001 s/,
  );
  await closed.promise;
});

Deno.test("textsOf() closes the connection when the reader stops", async () => {
  const closed = Promise.withResolvers<void>();
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(new Uint8Array(10)),
    cancel: () => closed.resolve(),
  });
  const options = { quietMs: 60_000, signal: undefined };
  for await (const _ of textsOf(request, answerWith(body), options)) break;
  await closed.promise;
});
