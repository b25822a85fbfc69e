import { readTelemetryUse, telemetryIdentityPath } from "../../telemetry/identity.ts";
import { type Policy, readPolicy, trafficBan } from "../../system/policy.ts";
import { writeLabeledLines } from "../../terminal/labeled_lines.ts";
import { reasonFor } from "../../telemetry/off_reason.ts";
import { hasOwnKey, postHogHost, trackingOf } from "../../telemetry/tracking.ts";
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
    context.io.warn(`${policyFile} ${policy.problem}, so background_traffic counts as false`);
  }
  const folder = context.files.folder();
  const { identity, isAnnounced } = readTelemetryUse(folder);
  const host = postHogHost(context.env);
  const path = telemetryIdentityPath(folder);
  const isSilent = !isAnnounced && !hasOwnKey(context.env);
  const reason = reasonFor(context, tracking) ??
    `enabled by default${isSilent ? "; sends nothing before a terminal shows a notice" : ""}`;
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

function describePolicy(file: string, policy: Policy | undefined): string {
  if (policy === undefined) return `none (${file})`;
  return `${file}: background traffic is ${policy.backgroundTraffic ? "allowed" : "forbidden"}`;
}
