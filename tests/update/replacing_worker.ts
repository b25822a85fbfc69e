/** Replaces an executable a few times, and posts the messages of failures. */

import { sleep } from "../../src/system/waiting.ts";
import { replaceExecutable } from "../../src/update/replace.ts";

/** A global of workers; the types of this project have only those of the main thread. */
declare function postMessage(message: unknown): void;

const content = new TextEncoder().encode("#!/bin/sh\necho 1.0.0\n");
const folder = Deno.makeTempDirSync({ prefix: "arcade-test-" });
const failures: string[] = [];
for (let i = 0; i < 40; i++) {
  try {
    const options = { version: "1.0.0", isWindows: false, sleep };
    await replaceExecutable(`${folder}/arcade`, content, options);
  } catch (error) {
    failures.push(String(error));
  }
}
Deno.removeSync(folder, { recursive: true });
postMessage(failures);
