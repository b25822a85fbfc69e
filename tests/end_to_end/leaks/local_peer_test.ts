import assert from "node:assert/strict";
import { readRunning, register } from "../../../src/files/running.ts";
import { Services } from "../../support/services.ts";
import { assertRefused, TestMachine } from "../../support/test_machine.ts";

Deno.test({
  name:
    "the tokens for a local Arcade do not reach a program that takes its port, whatever the proxies",
  ignore: Deno.build.os === "windows",
}, async () => {
  await using machine = await TestMachine.loggedIn();
  const port = Number(new URL(machine.server.url).port);
  const registration = readRunning(machine.folder, port);
  assert(registration?.socket);
  assert.equal((await machine.run(["secret", "list"])).code, 0);
  await machine.server.stop();
  register(machine.folder, registration); // as after a kill -9
  await using thief = new Services(undefined, { port });
  for (
    const env of [{}, { NO_PROXY: "*" }, { no_proxy: "127.0.0.1" }, { ALL_PROXY: "x.invalid" }]
  ) {
    for (const args of [["secret", "list"], ["org", "list"], ["api", "GET", "/v1/health"]]) {
      const ran = await machine.run(args, { env });
      assertRefused(ran, 7, /You have no local Arcade running at http/);
    }
    await machine.run(["__complete", "zsh", "secret", "unset", ""], { env });
  }
  assert.deepEqual(thief.seen, []);
});
