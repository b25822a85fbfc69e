import { writeTelemetryDecision } from "../../telemetry/settings_changes.ts";
import type { Context } from "../context.ts";

/** Stores whether telemetry may be sent. */
export async function storeDecision(context: Context, tracking: boolean): Promise<void> {
  const options = { tracking, now: context.clock.now() };
  const aside = await writeTelemetryDecision(context.files.folder(), options);
  if (aside !== undefined) {
    context.io.info(`The old settings were unreadable and moved to ${aside}`);
  }
}
