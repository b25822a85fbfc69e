/** Decides the distinct id of an event (docs/contracts.md, Telemetry: the identity waterfall and the life of an identity). */

import type { CurrentUser } from "./event.ts";
import type { TelemetryIdentity } from "./identity.ts";

/**
 * - `drop`: it is unknown whose event it is
 * - `anonymous`: sent under the anonymous id, without a profile
 * - `principal`: sent as the user that the anonymous id is linked to
 * - `link`: this user must be linked to an anonymous id first
 */
export type Step =
  | { readonly kind: "drop" }
  | { readonly kind: "anonymous" }
  | { readonly kind: "principal"; readonly principalId: string }
  | { readonly kind: "link"; readonly principalId: string };

/** The next step for an event of this user, on a machine with this identity. */
export function nextStep(
  { linkedPrincipalId: linked }: TelemetryIdentity,
  user: CurrentUser,
): Step {
  switch (user.kind) {
    case "known": {
      const { principalId } = user;
      return { kind: principalId === linked ? "principal" : "link", principalId };
    }
    case "unknown":
      return { kind: linked === undefined ? "anonymous" : "drop" };
    case "logged-out":
      return linked === undefined
        ? { kind: "anonymous" }
        : { kind: "principal", principalId: linked };
  }
}
