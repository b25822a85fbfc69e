/** Whether telemetry is on, and where events are sent. */

import { isOn, readSwitch } from "../system/environment.ts";
import { type PolicyContext, type TrafficBan, trafficBan } from "../system/policy.ts";
import { readTelemetryDecision } from "./settings.ts";
import { BUILD_HOST, BUILD_KEY } from "../build.ts";

/** The environment variables that control telemetry. */
export interface TrackingEnvironment {
  readonly ARCADE_USAGE_DEBUG?: string | undefined;
  readonly ARCADE_POSTHOG_HOST?: string | undefined;
  readonly ARCADE_POSTHOG_KEY?: string | undefined;
  readonly ARCADE_USAGE_TRACKING?: string | undefined;
  readonly DO_NOT_TRACK?: string | undefined;
  readonly CI?: string | undefined;
}

export interface TrackingContext extends PolicyContext {
  readonly env: TrackingEnvironment & PolicyContext["env"];
  readonly files: PolicyContext["files"] & {
    /** The Arcade folder. Throws a {@link Failure} when it is unknown. */
    readonly folder: () => string;
  };
}

/**
 * Why telemetry is off:
 * - `policy`, `ARCADE_NO_BACKGROUND_TRAFFIC`: no background traffic is allowed on this machine, or for this user
 * - `ARCADE_USAGE_TRACKING`, `DO_NOT_TRACK`: the environment opts out
 * - `disabled`: `arcade telemetry disable`
 * - `unreadable-settings`: the settings file is unreadable and may opt out
 * - `no-folder`: the location of the settings file is unknown
 * - `no-key`, `bad-host`: no PostHog project, or an invalid host
 * - `CI`: no user of a CI job sees the notice, so arcade reports there only if the user sets a key
 */
export type OffReason =
  | TrafficBan
  | "ARCADE_USAGE_TRACKING"
  | "DO_NOT_TRACK"
  | "disabled"
  | "unreadable-settings"
  | "no-folder"
  | "no-key"
  | "bad-host"
  | "CI";

export type Tracking =
  | {
    readonly state: "on";
    /** The write-only key of the PostHog project. */
    readonly key: string;
    /** The address of PostHog, without a final slash. */
    readonly host: string;
  }
  | { readonly state: "off"; readonly reason: OffReason };

/** Resolves the state of telemetry. Reads the policy and the settings file only if the environment and the build
 * leave it on. */
export function trackingOf(context: TrackingContext): Tracking {
  const refusal = optOutOfEnvironment(context.env);
  if (refusal) return { state: "off", reason: refusal };
  const key = postHogKey(context.env);
  if (key === undefined) return { state: "off", reason: "no-key" };
  const host = postHogHost(context.env);
  if (host === undefined) return { state: "off", reason: "bad-host" };
  if (!hasOwnKey(context.env) && isOn(context.env.CI)) return { state: "off", reason: "CI" };
  const decision = trafficBan(context) ?? optOutOfFile(context);
  return decision ? { state: "off", reason: decision } : { state: "on", key, host };
}

/** Whether a command is reported, or printed for debugging. */
export function mayReport({ env }: TrackingContext, tracking: Tracking): boolean {
  return tracking.state === "on" || (isDebugging(env) && isUnconfigured(tracking.reason));
}

/** Whether events are printed instead of sent. */
export function isDebugging(env: TrackingEnvironment): boolean {
  return isOn(env.ARCADE_USAGE_DEBUG);
}

function isUnconfigured(reason: OffReason): boolean {
  return reason === "no-key" || reason === "bad-host" || reason === "CI";
}

/** The opt-out of the administrator or the user, if any. An unreadable policy or settings file counts as one. */
export function optOut(context: TrackingContext): OffReason | undefined {
  return trafficBan(context) ?? optOutOfEnvironment(context.env) ?? optOutOfFile(context);
}

function optOutOfEnvironment(env: TrackingEnvironment): OffReason | undefined {
  // Only a clear yes is consent, so an unknown value opts out.
  if ((readSwitch(env.ARCADE_USAGE_TRACKING) ?? "on") !== "on") return "ARCADE_USAGE_TRACKING";
  return isOn(env.DO_NOT_TRACK) ? "DO_NOT_TRACK" : undefined;
}

function optOutOfFile({ files: { folder } }: TrackingContext): OffReason | undefined {
  let path: string;
  try {
    path = folder();
  } catch {
    return "no-folder";
  }
  switch (readTelemetryDecision(path)) {
    case "disabled":
      return "disabled";
    case "unreadable":
      return "unreadable-settings";
    default:
      return undefined;
  }
}

/** Whether the user has set the key, which is consent to report without a notice. */
export function hasOwnKey({ ARCADE_POSTHOG_KEY }: TrackingEnvironment): boolean {
  return Boolean(ARCADE_POSTHOG_KEY?.trim());
}

/** The key of the PostHog project, if any. */
export function postHogKey(env: TrackingEnvironment): string | undefined {
  return (env.ARCADE_POSTHOG_KEY ?? BUILD_KEY)?.trim() || undefined;
}

/**
 * The address of PostHog; undefined when it is invalid. Avoids `URL`, which takes longer to load than everything else here.
 */
export function postHogHost(env: TrackingEnvironment): string | undefined {
  const address = env.ARCADE_POSTHOG_HOST?.trim();
  if (!address) return BUILD_HOST;
  return /^https?:\/\/[^\s/?#@]+[^\s?#@]*$/i.test(address)
    ? address.replace(/(?<!\/)\/+$/, "")
    : undefined;
}
