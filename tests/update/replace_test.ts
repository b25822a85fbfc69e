import assert from "node:assert/strict";
import { Failure } from "../../src/failure.ts";
import { sleep } from "../../src/system/waiting.ts";
import { replaceExecutable } from "../../src/update/replace.ts";

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

const VERSION = "1.0.0";
const OLD = "#!/bin/sh\necho old\n";

for (
  const [what, script] of [
    // Antivirus programs do this to new executables.
    ["disappears before it can take its place", '#!/bin/sh\nrm "$0"\necho 1.0.0\n'],
    ["does not run", "#!/bin/sh\nexit 1\n"],
  ] as const
) {
  for (const isWindows of [false, true]) {
    Deno.test({
      name: `${isWindows ? "as on Windows, " : ""}the old executable stays if the new one ${what}`,
      ignore: Deno.build.os === "windows",
    }, async () => {
      const folder = Deno.makeTempDirSync({ prefix: "arcade-test-" });
      try {
        const executable = `${folder}/arcade`;
        Deno.writeTextFileSync(executable, OLD, { mode: 0o755 });
        const content = new TextEncoder().encode(script);
        await assert.rejects(
          replaceExecutable(executable, content, { version: VERSION, isWindows, sleep }),
          (error) => error instanceof Failure && error.kind === "file",
        );
        assert.deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name), ["arcade"]);
        assert.equal(Deno.readTextFileSync(executable), OLD);
      } finally {
        Deno.removeSync(folder, { recursive: true });
      }
    });
  }
}
