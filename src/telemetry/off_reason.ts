/** The reason why telemetry is off, as a sentence for humans. */

import { BUILD_KEY } from "../build.ts";
import { telemetrySettingsPath } from "./settings.ts";
import { type OffReason, optOut, type Tracking, type TrackingContext } from "./tracking.ts";

/** Why telemetry is off; undefined if it is on. An opt-out comes first, because it applies to any build. */
export function reasonFor(context: TrackingContext, tracking: Tracking): string | undefined {
  const reason = optOut(context) ?? (tracking.state === "off" ? tracking.reason : undefined);
  return reason && REASONS[reason](context.files);
}

const REASONS: Readonly<Record<OffReason, (files: TrackingContext["files"]) => string>> = {
  policy: ({ policyFile }) => `turned off for this machine by ${policyFile}`,
  ARCADE_NO_BACKGROUND_TRAFFIC: () => "turned off by ARCADE_NO_BACKGROUND_TRAFFIC",
  ARCADE_USAGE_TRACKING: () => "turned off by ARCADE_USAGE_TRACKING",
  DO_NOT_TRACK: () => "turned off by DO_NOT_TRACK",
  disabled: () =>
    "turned off with `arcade telemetry disable`; `arcade telemetry enable` turns it on",
  "unreadable-settings": ({ folder }) => {
    const path = telemetrySettingsPath(folder());
    return `${path} is unreadable; run \`arcade telemetry enable\` or \`disable\``;
  },
  "no-folder": () => "unknown home folder",
  "no-key": () =>
    BUILD_KEY === undefined
      ? "this build has no PostHog key, like every build from source"
      : "ARCADE_POSTHOG_KEY is empty",
  CI: () => "CI is set, and ARCADE_POSTHOG_KEY is not",
  "bad-host": () => "ARCADE_POSTHOG_HOST is not an http or https address",
};
