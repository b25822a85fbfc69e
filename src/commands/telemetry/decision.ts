import { writeTelemetryDecision } from "../../telemetry/settings.ts";
import type { Context } from "../context.ts";
import { info } from "../../cli/messages.ts";

/** Stores whether telemetry may be sent. */
export async function storeDecision(context: Context, tracking: boolean): Promise<void> {
  const options = { tracking, now: context.now() };
  const aside = await writeTelemetryDecision(context.folder(), options);
  if (aside !== undefined) info(context, `The old settings were unreadable; moved to ${aside}`);
}
