import { writeTelemetryDecision } from "../../telemetry/settings.ts";
import { trackingOf } from "../../telemetry/tracking.ts";
import type { Context } from "../context.ts";
import { info } from "../../cli/messages.ts";

/** Stores whether telemetry may be sent, and applies that to this command too. */
export async function storeDecision(context: Context, tracking: boolean): Promise<void> {
  const options = { tracking, now: context.now() };
  const aside = await writeTelemetryDecision(context.folder(), options);
  context.telemetry.tracking = trackingOf(context);
  if (aside !== undefined) info(context, `The old settings were unreadable; moved to ${aside}`);
}
