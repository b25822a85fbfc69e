import { writeTelemetryDecision } from "../../telemetry/settings.ts";
import { trackingOf } from "../../telemetry/tracking.ts";
import type { Context } from "../context.ts";
import { type JsonFlag, writeJson } from "../shared/flags.ts";
import { info } from "../../cli/report.ts";

/** Opts out for good. */
export async function disable(context: Context, flags: JsonFlag): Promise<void> {
  await decide(context, false);
  if (flags.json) return writeJson(context, { enabled: false });
  info(context, "Telemetry is off");
}

/** Undoes {@link disable}. */
export async function enable(context: Context, flags: JsonFlag): Promise<void> {
  await decide(context, true);
  const { tracking } = context.telemetry;
  if (flags.json) return writeJson(context, { enabled: tracking?.state === "on" });
  info(
    context,
    tracking?.state === "on"
      ? "Telemetry is on"
      : "You opted in, but telemetry is still off; see `arcade telemetry status`",
  );
}

async function decide(context: Context, tracking: boolean): Promise<void> {
  const options = { tracking, now: context.now() };
  const aside = await writeTelemetryDecision(context.folder(), options);
  context.telemetry.tracking = trackingOf(context);
  if (aside !== undefined) {
    info(context, `The old settings were unreadable; moved to ${aside}`);
  }
}
