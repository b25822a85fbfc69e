import assert from "node:assert/strict";
import { networkFailure } from "../../src/api/network_failure.ts";

Deno.test("a port that newer runtimes refuse is named as the cause", () => {
  const error = new TypeError("Fetch failed: Requests to port 6000 are blocked");
  const { kind, message, next } = networkFailure("http://127.0.0.1:6000/x", undefined, error);
  assert.equal(kind, "network");
  assert.equal(
    message,
    "Cannot reach http://127.0.0.1:6000: its port is for another protocol",
  );
  assert.equal(next, "Check the port");
});

Deno.test("details in the cause of an error, as in newer runtimes, count too", () => {
  const cause = new Error(
    "error sending request for url (http://127.0.0.1:2/): client error (Connect): tcp connect error: Connection refused",
  );
  const error = new TypeError("fetch failed", { cause });
  const { message } = networkFailure("http://127.0.0.1:2/", undefined, error);
  assert.equal(message, "Nothing is listening at http://127.0.0.1:2");
});
