/** Whether anything is reported, and where to. */

import { readUsageDecision } from "../store/usage_settings.ts";
import { BUILD_HOST, BUILD_KEY } from "./build.ts";

/** The environment variables that decide about telemetry. */
export interface TrackingEnvironment {
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

/** Decides without touching a file where the environment decides. */
export function trackingOf(context: TrackingContext): Tracking {
  const refusal = optOut(context);
  if (refusal) return { state: "off", reason: refusal };
  const key = postHogKey(context.env);
  if (key === undefined) return { state: "off", reason: "no-key" };
  const host = postHogHost(context.env);
  if (host === undefined) return { state: "off", reason: "bad-host" };
  return { state: "on", key, host };
}

/** How the user opted out, if they did. What they may have said in a file that cannot be read counts. */
export function optOut({ env, folder }: TrackingContext): OffReason | undefined {
  if (/^\s*(?:0|false|no|off)\s*$/i.test(env.ARCADE_USAGE_TRACKING ?? "")) {
    return "ARCADE_USAGE_TRACKING";
  }
  if (!/^\s*(?:|0|false|no|off)\s*$/i.test(env.DO_NOT_TRACK ?? "")) return "DO_NOT_TRACK";
  let place: string;
  try {
    place = folder();
  } catch {
    return "no-folder";
  }
  switch (readUsageDecision(place)) {
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

/** The address to report to; undefined when what is given is none. */
export function postHogHost(env: TrackingEnvironment): string | undefined {
  const url = URL.parse(env.ARCADE_POSTHOG_HOST?.trim() || BUILD_HOST);
  if (!url || !/^https?:$/.test(url.protocol)) return undefined;
  return `${url.origin}${url.pathname}`.replace(/\/+$/, "");
}
