import assert from "node:assert/strict";

Deno.test({
  name: "a new executable runs even if another thread starts programs while it is written",
  ignore: Deno.build.os === "windows",
}, async () => {
  const failures = await Promise.all(Array.from({ length: 4 }, () => {
    const worker = new Worker(new URL("replacing_worker.ts", import.meta.url), { type: "module" });
    const { promise, resolve, reject } = Promise.withResolvers<string[]>();
    worker.onmessage = ({ data }: MessageEvent<string[]>) => resolve(data);
    worker.onerror = ({ message }) => reject(new Error(message));
    return promise.finally(() => worker.terminate());
  }));
  assert.deepEqual(failures.flat(), []);
});
