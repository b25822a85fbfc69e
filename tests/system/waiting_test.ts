import assert from "node:assert/strict";
import { pacer, settlesWithin, sleep, withDeadline } from "../../src/system/waiting.ts";

const NEVER = new Promise<never>(() => {});
/** Longer than any test. The sanitizer fails a test that leaves such a timer. */
const LONG_MS = 3_600_000;

Deno.test("sleep() rejects with the reason of its signal, aborted before or during the wait", async () => {
  const reason = new Error("cancelled");
  await assert.rejects(sleep(LONG_MS, AbortSignal.abort(reason)), reason);
  const user = new AbortController();
  const sleeping = sleep(LONG_MS, user.signal);
  user.abort(reason);
  await assert.rejects(sleeping, reason);
});

Deno.test("withDeadline() aborts the work at the deadline, and leaves no timer", async () => {
  const ended = (signal: AbortSignal) =>
    new Promise<never>((_, reject) =>
      signal.addEventListener("abort", () => reject(signal.reason))
    );
  const late = () => new Error("late");
  await assert.rejects(withDeadline({ milliseconds: 1, late }, ended), /late/);
  const user = new AbortController();
  const working = withDeadline({ milliseconds: LONG_MS, late, signal: user.signal }, ended);
  user.abort(new Error("cancelled"));
  await assert.rejects(working, /cancelled/);
  assert.equal(await withDeadline({ milliseconds: LONG_MS, late }, () => Promise.resolve(1)), 1);
});

Deno.test("settlesWithin() returns whether an event settles in time, and leaves no timer", async () => {
  assert.equal(await settlesWithin(1, NEVER), false);
  assert.equal(await settlesWithin(LONG_MS, Promise.resolve()), true);
  await assert.rejects(settlesWithin(LONG_MS, Promise.reject(new Error("broken"))), /broken/);
});

Deno.test("pacer() rejects with the reason of its signal", async () => {
  const user = new AbortController();
  const pace = pacer(user.signal);
  await pace();
  user.abort(new Error("cancelled"));
  await assert.rejects(pace(), /cancelled/);
});
