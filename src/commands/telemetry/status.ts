import { readTelemetryUse, telemetryIdentityPath } from "../../telemetry/identity.ts";
import { type Policy, readPolicy, trafficBan } from "../../system/policy.ts";
import { telemetrySettingsPath } from "../../telemetry/settings.ts";
import { writeLabeledLines } from "../../terminal/labeled_lines.ts";
import { BUILD_KEY } from "../../build.ts";
import {
  hasOwnKey,
  type OffReason,
  optOut,
  postHogHost,
  type Tracking,
  trackingOf,
} from "../../telemetry/tracking.ts";
import { sentEventsPath } from "../../telemetry/sent_events.ts";
import type { Context } from "../context.ts";
import type { JsonFlag } from "../shared/flags.ts";
import { writeJson } from "../shared/json.ts";

/** Shows whether telemetry is on, its ids and files on this machine, and the policy of the machine. */
export function showStatus(context: Context, flags: JsonFlag): void {
  const tracking = trackingOf(context);
  const { policyFile } = context.files;
  const policy = readPolicy(policyFile);
  if (policy?.problem !== undefined) {
    context.io.warn(`${policyFile} ${policy.problem}, so it counts as background_traffic = false`);
  }
  const folder = context.files.folder();
  const { identity, isAnnounced } = readTelemetryUse(folder);
  const host = postHogHost(context.env);
  const path = telemetryIdentityPath(folder);
  const mayBeSent = isAnnounced || hasOwnKey(context.env);
  const reason = describeReason(optOut(context), tracking, { folder, policyFile, mayBeSent });
  if (flags.json) {
    writeJson(context, {
      enabled: tracking.state === "on",
      reason,
      anon_id: identity?.anonId ?? null,
      linked_principal_id: identity?.linkedPrincipalId ?? null,
      host: host ?? null,
      identity_file: path,
      sent_events_file: sentEventsPath(folder),
      policy_file: policy === undefined ? null : policyFile,
      background_traffic: trafficBan(context) === undefined,
    });
    return;
  }
  writeLabeledLines(context.io.stdout, [
    ["Telemetry", tracking.state],
    ["Reason", reason],
    ["Anonymous id", identity?.anonId ?? "none yet"],
    ["Account", identity?.linkedPrincipalId ?? "none"],
    ["Host", host ?? "none"],
    ["Identity", path],
    ["Policy", describePolicy(policyFile, policy)],
    ["Last events", `${sentEventsPath(folder)} (\`arcade telemetry show\`)`],
  ]);
}

/** The reason for the state. An opt-out comes first, because it applies to any build. */
function describeReason(
  refusal: OffReason | undefined,
  tracking: Tracking,
  { mayBeSent, ...places }: Places & { readonly mayBeSent: boolean },
): string {
  const reason = refusal ?? (tracking.state === "off" ? tracking.reason : undefined);
  if (reason !== undefined) return REASONS[reason](places);
  return `enabled by default${mayBeSent ? "" : "; sends nothing before a terminal shows a notice"}`;
}

interface Places {
  readonly folder: string;
  readonly policyFile: string;
}

function describePolicy(file: string, policy: Policy | undefined): string {
  if (policy === undefined) return `none (${file})`;
  return `${file}: background traffic is ${policy.backgroundTraffic ? "allowed" : "forbidden"}`;
}

const REASONS: Readonly<Record<OffReason, (places: Places) => string>> = {
  policy: ({ policyFile }) => `turned off for this machine by ${policyFile}`,
  ARCADE_NO_BACKGROUND_TRAFFIC: () => "turned off by ARCADE_NO_BACKGROUND_TRAFFIC",
  ARCADE_USAGE_TRACKING: () => "turned off by ARCADE_USAGE_TRACKING",
  DO_NOT_TRACK: () => "turned off by DO_NOT_TRACK",
  disabled: () =>
    "turned off with `arcade telemetry disable`; `arcade telemetry enable` turns it on",
  "unreadable-settings": ({ folder }) =>
    `${
      telemetrySettingsPath(folder)
    } is unreadable; run \`arcade telemetry enable\` or \`disable\``,
  "no-folder": () => "unknown home folder",
  "no-key": () =>
    BUILD_KEY === undefined
      ? "this build has no PostHog key, like every build from source"
      : "ARCADE_POSTHOG_KEY is empty",
  CI: () => "CI is set, and ARCADE_POSTHOG_KEY is not",
  "bad-host": () => "ARCADE_POSTHOG_HOST is not an http or https address",
};
