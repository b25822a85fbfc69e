import { peekUsageIdentity, usageIdentityPath } from "../../telemetry/identity.ts";
import { usageSettingsPath } from "../../telemetry/settings.ts";
import { writeFields } from "../../terminal/fields.ts";
import { BUILD_KEY } from "../../telemetry/build.ts";
import {
  type OffReason,
  optOut,
  postHogHost,
  type Tracking,
  trackingOf,
} from "../../telemetry/tracking.ts";
import { sentEventsPath } from "../../telemetry/sent_events.ts";
import type { Context } from "../context.ts";
import { type JsonFlag, writeJson } from "../shared/flags.ts";

/** Shows whether anything is reported, and what there is of it on this machine. */
export function showStatus(context: Context, flags: JsonFlag): void {
  const tracking = trackingOf(context);
  const folder = context.folder();
  const identity = peekUsageIdentity(folder);
  const host = postHogHost(context.env);
  const path = usageIdentityPath(folder);
  const reason = whyOf(optOut(context), tracking, folder);
  if (flags.json) {
    writeJson(context, {
      enabled: tracking.state === "on",
      reason,
      anon_id: identity?.anonId ?? null,
      linked_principal_id: identity?.linkedPrincipalId ?? null,
      host: host ?? null,
      identity_file: path,
      sent_events_file: sentEventsPath(folder),
    });
    return;
  }
  writeFields(context.stdout, [
    ["Telemetry", tracking.state],
    ["Why", reason],
    ["Anonymous id", identity?.anonId ?? "none yet"],
    ["Linked to", identity?.linkedPrincipalId ?? "nobody"],
    ["Host", host ?? "none"],
    ["Identity", path],
    ["Last events", `${sentEventsPath(folder)} (arcade telemetry show)`],
  ]);
}

/** What the user decided comes first, for it holds whatever the build says. */
function whyOf(refusal: OffReason | undefined, tracking: Tracking, folder: string): string {
  const reason = refusal ?? (tracking.state === "off" ? tracking.reason : undefined);
  return reason === undefined ? "Nothing opts out" : REASONS[reason](folder);
}

const REASONS: Readonly<Record<OffReason, (folder: string) => string>> = {
  ARCADE_USAGE_TRACKING: () => "ARCADE_USAGE_TRACKING opts out",
  DO_NOT_TRACK: () => "DO_NOT_TRACK opts out",
  disabled: () => "arcade telemetry disable opted out; arcade telemetry enable undoes it",
  "unreadable-settings": (folder) =>
    `${
      usageSettingsPath(folder)
    } cannot be read and may opt out; decide anew with arcade telemetry`,
  "no-folder": () => "The home folder is not known",
  "no-key": () =>
    BUILD_KEY === undefined
      ? "This build has no key to report with, as every build from source"
      : "ARCADE_POSTHOG_KEY is empty",
  "bad-host": () => "ARCADE_POSTHOG_HOST is not an http or https address",
};
