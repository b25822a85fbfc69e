/** Decides the distinct id of an event (docs/contracts.md, Telemetry: the identity waterfall and the life of an identity). */

import type { TelemetryIdentity } from "./identity.ts";
import type { CurrentUser } from "./user.ts";

/**
 * - `drop`: the user may have changed, or is unknown
 * - `anonymous`: sent under the anonymous id, without a profile
 * - `principal`: sent as the user that the anonymous id is linked to
 * - `link`: alias the anonymous id to this user first
 * - `switch`: the anonymous id is linked to another user, so alias a new one to this user first
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
 * @param identity the current identity.
 * @param anonId the anonymous id at the time of the event; undefined if there was none.
 * @param user the user who was logged in.
 */
export function nextStep(
  identity: TelemetryIdentity,
  { anonId = identity.anonId, user }: { anonId: string | undefined; user: CurrentUser },
): Step {
  const linked = identity.linkedPrincipalId;
  // Correct for this user even if the anonymous id has changed.
  if (user.kind === "known" && user.principalId === linked) {
    return { kind: "principal", principalId: linked };
  }
  if (anonId !== identity.anonId) return { kind: "drop" };
  switch (user.kind) {
    case "known":
      return { kind: linked === undefined ? "link" : "switch", principalId: user.principalId };
    case "unknown":
      return linked === undefined ? { kind: "anonymous" } : { kind: "drop" };
    case "logged-out":
      return linked === undefined
        ? { kind: "anonymous" }
        : { kind: "principal", principalId: linked };
  }
}
