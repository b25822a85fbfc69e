import assert from "node:assert/strict";
import { Failure } from "../../src/failure.ts";
import { findArchive } from "../../src/update/releases.ts";

Deno.test("endless checksums are read only up to the limit", async () => {
  let sent = 0;
  const piece = new Uint8Array(64 * 1024);
  const endless: typeof fetch = () =>
    Promise.resolve(
      new Response(
        new ReadableStream({
          pull(controller) {
            assert(sent < 2 * 1024 * 1024, "Too much was read");
            sent += piece.length;
            controller.enqueue(piece);
          },
        }),
      ),
    );
  await assert.rejects(
    findArchive(
      { fetch: endless, timeoutMs: () => 10_000, trace: undefined },
      { url: "https://releases.example", publicKeys: [] },
      { version: "1.0.0", file: "arcade.tar.gz" },
    ),
    (error) => error instanceof Failure && /is larger than 1048576 bytes/.test(error.message),
  );
});
