import assert from "node:assert/strict";
import { usersPort } from "../../src/system/own_port.ts";
import { Answers } from "../support/answers.ts";
import { isAvailable, TestMachine } from "../support/test_machine.ts";
import { PYTHON_ENVIRONMENT, withoutPython } from "../support/test_server.ts";

Deno.test("a server of this user is reached at its port", async () => {
  await using server = new Answers(() => new Response("hello"));
  const port = await usersPort(Number(new URL(server.url).port));
  assert.equal(await (await port.fetch(`${port.url}/x`)).text(), "hello");
});

Deno.test({
  name: "a server of another user gets no request",
  ignore: withoutPython ||
    !isAvailable("root on Linux", () => Deno.build.os === "linux" && Deno.uid() === 0),
}, async () => {
  await using machine = new TestMachine();
  const used = freePort();
  const impostor = machine.startProgram(
    ["python3", `${import.meta.dirname}/../data/impostor.py`, "127.0.0.1", `${used}`, "1234"],
    { env: { PATH: PYTHON_ENVIRONMENT.PATH }, isTyped: true },
  );
  await impostor.printed(/Listening/);
  const port = await usersPort(used);
  await assert.rejects(port.fetch(port.url), { message: /^Another user's program listens at/ });
  impostor.kill("SIGKILL");
  assert.equal((await impostor.end()).stdout, "Listening\n");
});

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
