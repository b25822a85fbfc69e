/** Whether anything is reported, and where to. */

import { isOn, readSwitch } from "../environment.ts";
import { readTelemetryDecision } from "./settings.ts";
import { BUILD_HOST, BUILD_KEY } from "./build.ts";

/** The environment variables that decide about telemetry. */
export interface TrackingEnvironment {
  readonly ARCADE_USAGE_DEBUG?: string | undefined;
  readonly ARCADE_POSTHOG_HOST?: string | undefined;
  readonly ARCADE_POSTHOG_KEY?: string | undefined;
  readonly ARCADE_USAGE_TRACKING?: string | undefined;
  readonly DO_NOT_TRACK?: string | undefined;
}

export interface TrackingContext {
  readonly env: TrackingEnvironment;
  /** The Arcade folder. Throws a {@link Failure} when it is not known. */
  readonly folder: () => string;
}

/**
 * Why nothing is reported:
 * - `ARCADE_USAGE_TRACKING`, `DO_NOT_TRACK`: the environment opts out
 * - `disabled`: `arcade telemetry disable`
 * - `unreadable-settings`: the file that may say so cannot be read
 * - `no-folder`: it is not known where that file is
 * - `no-key`, `bad-host`: there is nowhere to report to
 */
export type OffReason =
  | "ARCADE_USAGE_TRACKING"
  | "DO_NOT_TRACK"
  | "disabled"
  | "unreadable-settings"
  | "no-folder"
  | "no-key"
  | "bad-host";

export type Tracking =
  | {
    readonly state: "on";
    /** The key of the PostHog project; it only allows to send. */
    readonly key: string;
    /** The address of PostHog, without a final slash. */
    readonly host: string;
  }
  | { readonly state: "off"; readonly reason: OffReason };

/** Decides without touching a file where the environment or the build decides. */
export function trackingOf(context: TrackingContext): Tracking {
  const refusal = optOutOfEnvironment(context.env);
  if (refusal) return { state: "off", reason: refusal };
  const key = postHogKey(context.env);
  if (key === undefined) return { state: "off", reason: "no-key" };
  const host = postHogHost(context.env);
  if (host === undefined) return { state: "off", reason: "bad-host" };
  const decision = optOutOfFile(context);
  return decision ? { state: "off", reason: decision } : { state: "on", key, host };
}

/** Whether a command is reported or, at the user's wish, printed as it would be. */
export function mayReport({ env }: TrackingContext, tracking: Tracking): boolean {
  return tracking.state === "on" || (isDebugging(env) && isUnconfigured(tracking.reason));
}

/** Whether the user wants to see events instead of sending them. */
export function isDebugging(env: TrackingEnvironment): boolean {
  return isOn(env.ARCADE_USAGE_DEBUG);
}

function isUnconfigured(reason: OffReason): boolean {
  return reason === "no-key" || reason === "bad-host";
}

/** How the user opted out, if they did. What they may have said in a file that cannot be read counts. */
export function optOut(context: TrackingContext): OffReason | undefined {
  return optOutOfEnvironment(context.env) ?? optOutOfFile(context);
}

function optOutOfEnvironment(env: TrackingEnvironment): OffReason | undefined {
  // Only a clear yes is consent, so a value with a typo in it opts out.
  if ((readSwitch(env.ARCADE_USAGE_TRACKING) ?? "on") !== "on") return "ARCADE_USAGE_TRACKING";
  return isOn(env.DO_NOT_TRACK) ? "DO_NOT_TRACK" : undefined;
}

function optOutOfFile({ folder }: TrackingContext): OffReason | undefined {
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

/** The key to report with, if there is one. */
export function postHogKey(env: TrackingEnvironment): string | undefined {
  return (env.ARCADE_POSTHOG_KEY ?? BUILD_KEY)?.trim() || undefined;
}

/**
 * The address to report to; undefined when what is given is none. Without `URL`, which takes a common command longer to
 * load than all of this.
 */
export function postHogHost(env: TrackingEnvironment): string | undefined {
  const address = env.ARCADE_POSTHOG_HOST?.trim();
  if (!address) return BUILD_HOST;
  return /^https?:\/\/[^\s/?#@]+[^\s?#@]*$/i.test(address)
    ? address.replace(/\/+$/, "")
    : undefined;
}
