import assert from "node:assert/strict";
import test from "node:test";
import { remind } from "./reminder.js";

test("a user who has granted it gets the reminder", async () => {
  const result = await remind("ada@example.com", "Water the plants");
  assert.deepEqual(result, { sent: "Mail to ada@example.com: Water the plants" });
});

test("a user who has not is led to the page", async () => {
  const { allow } = await remind("bob@example.com", "Water the plants");
  assert.match(allow, /^http:\/\/127\.0\.0\.1:\d+\/grants\?/);
});
