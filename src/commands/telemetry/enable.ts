import { trackingOf } from "../../telemetry/tracking.ts";
import type { Context } from "../context.ts";
import type { JsonFlag } from "../shared/flags.ts";
import { writeJson } from "../shared/json.ts";
import { storeDecision } from "./decision.ts";

/** Turns telemetry on for this user, unless the environment or the build keeps it off. */
export async function enable(context: Context, flags: JsonFlag): Promise<void> {
  await storeDecision(context, true);
  const isOn = trackingOf(context).state === "on";
  if (flags.json) return writeJson(context, { enabled: isOn });
  context.io.info(
    isOn
      ? "Telemetry is on"
      : "You opted in, but telemetry is still off; see `arcade telemetry status`",
  );
}
