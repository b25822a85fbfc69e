import assert from "node:assert/strict";
import type { CurrentUser } from "../../src/telemetry/event.ts";
import { nextStep, type Step } from "../../src/telemetry/waterfall.ts";

const A: CurrentUser = { kind: "known", principalId: "A" };
const LOGGED_OUT: CurrentUser = { kind: "logged-out" };
const UNKNOWN: CurrentUser = { kind: "unknown" };

const cases: [what: string, linked: string | undefined, CurrentUser, Step][] = [
  ["logged out, not linked", undefined, LOGGED_OUT, { kind: "anonymous" }],
  ["logged out, but linked", "A", LOGGED_OUT, { kind: "principal", principalId: "A" }],
  ["after a login", undefined, A, { kind: "link", principalId: "A" }],
  ["linked to this user", "A", A, { kind: "principal", principalId: "A" }],
  ["linked to another user", "B", A, { kind: "link", principalId: "A" }],
  ["unknown user, not linked", undefined, UNKNOWN, { kind: "anonymous" }],
  ["unknown user, but linked", "A", UNKNOWN, { kind: "drop" }],
];
for (const [what, linkedPrincipalId, user, step] of cases) {
  Deno.test(`nextStep(): ${what}`, () => {
    assert.deepEqual(nextStep({ anonId: "x", linkedPrincipalId }, user), step);
  });
}
