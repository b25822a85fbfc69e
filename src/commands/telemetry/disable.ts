import type { Context } from "../context.ts";
import type { JsonFlag } from "../shared/flags.ts";
import { writeJson } from "../shared/json.ts";
import { storeDecision } from "./decision.ts";

/** Turns telemetry off for this user. */
export async function disable(context: Context, flags: JsonFlag): Promise<void> {
  await storeDecision(context, false);
  if (flags.json) return writeJson(context, { enabled: false });
  context.io.info("Telemetry is off");
}
