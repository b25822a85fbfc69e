import assert from "node:assert/strict";
import { FailedCalls } from "../../../src/commands/local/failed_calls.ts";
import { InProcess } from "../../support/in_process.ts";

const GATEWAY = new URL("http://127.0.0.1/mcp/mine");
const EXECUTE = new URL("http://127.0.0.1/v1/tools/execute");

/** The output for these responses to tool calls. */
async function written(
  ...answers: readonly (readonly [body: unknown, status: number, url?: URL])[]
): Promise<string> {
  using home = new InProcess();
  let stderr = "";
  const failed = new FailedCalls();
  for (const [body, status, url = EXECUTE] of answers) {
    const response = Response.json(body, { status });
    await failed.answer(url, response);
    assert.deepEqual(await response.json(), body); // the caller gets it
  }
  failed.writeTo(home.context({ onStderr: (text) => stderr = text }).io);
  return stderr;
}

Deno.test("a failed tool is a failed call, without the tool's message", async () => {
  const error = { kind: "TOOL_RUNTIME_FATAL", message: "value-of-a-secret" };
  assert.equal(
    await written([{ success: false, output: { error } }, 200]),
    "Failed call: POST /v1/tools/execute 200, the tool failed: TOOL_RUNTIME_FATAL\n",
  );
  assert.equal(
    await written([{ success: false, output: { error: { kind: "value of a secret" } } }, 200]),
    "Failed call: POST /v1/tools/execute 200, the tool failed\n",
  );
});

Deno.test("a tool that succeeded is not a failed call, and a failed status is counted once", async () => {
  assert.equal(await written([{ success: true, output: { value: 1 } }, 200], [[], 200]), "");
  assert.equal(await written([{ success: false }, 404]), "");
});

Deno.test("a tool that failed through a gateway is a failed call too", async () => {
  const content = [{ type: "text", text: "value-of-a-secret" }];
  assert.equal(
    await written([{ result: { content, isError: true } }, 200, GATEWAY]),
    "Failed call: POST /mcp/mine 200, the tool failed\n",
  );
  assert.equal(await written([{ result: { content } }, 200, GATEWAY]), "");
});
