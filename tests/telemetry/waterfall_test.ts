import assert from "node:assert/strict";
import type { CurrentUser } from "../../src/telemetry/user.ts";
import { nextStep, type Step } from "../../src/telemetry/waterfall.ts";

const A: CurrentUser = { kind: "known", principalId: "A" };
const B: CurrentUser = { kind: "known", principalId: "B" };
const NOBODY: CurrentUser = { kind: "logged-out" };
const UNKNOWN: CurrentUser = { kind: "unknown" };

const cases: [
  what: string,
  stored: string,
  linked: string | undefined,
  at: string | undefined,
  CurrentUser,
  Step,
][] = [
  ["nobody, nothing linked", "x", undefined, "x", NOBODY, { kind: "anonymous" }],
  ["nobody, on a first run", "x", undefined, undefined, NOBODY, { kind: "anonymous" }],
  ["nobody, but linked", "x", "A", "x", NOBODY, { kind: "principal", principalId: "A" }],
  ["after a login", "x", undefined, "x", A, { kind: "link", principalId: "A" }],
  ["in the first run, a login", "x", undefined, undefined, A, { kind: "link", principalId: "A" }],
  ["when linked", "x", "A", "x", A, { kind: "principal", principalId: "A" }],
  ["as somebody else", "x", "A", "x", B, { kind: "switch", principalId: "B" }],
  ["not known who", "x", undefined, "x", UNKNOWN, { kind: "anonymous" }],
  ["not known who, but linked", "x", "A", "x", UNKNOWN, { kind: "drop" }],
  ["nobody, and a logout came between", "y", undefined, "x", NOBODY, { kind: "drop" }],
  ["a login, and a logout came between", "y", undefined, "x", A, { kind: "drop" }],
  ["a login, and another came between", "y", "B", "x", A, { kind: "drop" }],
  ["a login, linked anew in between", "y", "A", "x", A, { kind: "principal", principalId: "A" }],
];
for (const [what, anonId, linkedPrincipalId, at, user, step] of cases) {
  Deno.test(`nextStep(): ${what}`, () => {
    const identity = { anonId, linkedPrincipalId };
    assert.deepEqual(nextStep(identity, { anonId: at, user }), step);
  });
}
