/** Who an event speaks of (design, telemetry: the identity waterfall and the life of an identity). */

import type { TelemetryIdentity } from "./identity.ts";
import type { CurrentUser } from "./user.ts";

/**
 * - `drop`: somebody else is at the machine by now, or nobody can tell who was
 * - `anonymous`: sent under the anonymous id, without a profile
 * - `principal`: sent as a user whom the anonymous id is linked to
 * - `link`: the anonymous id has to be aliased to this user first
 * - `switch`: the anonymous id is linked to somebody else, so a new one has to be aliased to this user first
 */
export type Step =
  | { readonly kind: "drop" }
  | { readonly kind: "anonymous" }
  | { readonly kind: "principal"; readonly principalId: string }
  | { readonly kind: "link"; readonly principalId: string }
  | { readonly kind: "switch"; readonly principalId: string };

/**
 * The next step for an event.
 *
 * @param identity the identity as it is now.
 * @param anonId the anonymous id when it happened; undefined where there was none.
 * @param user who was logged in.
 */
export function nextStep(
  identity: TelemetryIdentity,
  { anonId = identity.anonId, user }: { anonId: string | undefined; user: CurrentUser },
): Step {
  const linked = identity.linkedPrincipalId;
  // Right for this user, whatever became of the anonymous id in between.
  if (user.kind === "known" && user.principalId === linked) {
    return { kind: "principal", principalId: linked };
  }
  if (anonId !== identity.anonId) return { kind: "drop" };
  switch (user.kind) {
    case "known":
      return { kind: linked === undefined ? "link" : "switch", principalId: user.principalId };
    case "unknown":
      return linked === undefined ? { kind: "anonymous" } : { kind: "drop" };
    case "nobody":
      return linked === undefined
        ? { kind: "anonymous" }
        : { kind: "principal", principalId: linked };
  }
}
