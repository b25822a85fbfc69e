import { parseHub } from "../../hosts/hub.ts";
import { covers, type HubIdentity } from "../../store/hub_identity.ts";
import type { Context } from "../context.ts";
import type { JsonFlag } from "../shared/flags.ts";
import { writeJson } from "../shared/json.ts";
import type { HubFlag } from "./hub_flag.ts";
import { usableToken } from "../../auth/identity_token.ts";
import { requireIdentity } from "./stored.ts";

interface Answer {
  readonly allowed: boolean;
  readonly reason: string;
}

/** Checks whether the stored capabilities include a capability. The exit code is the result too. */
export function canDo(
  context: Context,
  flags: HubFlag & JsonFlag,
  capability: string,
): number {
  const identity = requireIdentity(context, parseHub(flags.hub));
  const answer = judge(identity, capability, context.clock.now());
  if (flags.json) writeJson(context, answer);
  context.io.info(`${answer.allowed ? "Allowed" : "Not allowed"}: ${answer.reason}`);
  return answer.allowed ? 0 : 1;
}

function judge(identity: HubIdentity, capability: string, now: Date): Answer {
  const usable = usableToken(identity, now);
  if (usable.kind === "none") return { allowed: false, reason: usable.reason };
  if (identity.type === "human") {
    return { allowed: true, reason: "humans are not restricted; the hub decides" };
  }
  const stored = identity.capabilities.join(", ") || "none";
  return covers(identity.capabilities, capability)
    ? {
      allowed: true,
      reason: `${capability} is covered by the agent's capabilities: ${stored}`,
    }
    : {
      allowed: false,
      reason: `${capability} is not covered by the agent's capabilities: ${stored}`,
    };
}
