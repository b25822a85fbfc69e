/** The notice about telemetry. Nothing is sent before it was shown. */

import { whyUnattended } from "../system/attendance.ts";
import { wrap } from "../text/prose.ts";
import type { TelemetryContext } from "./context.ts";
import { changeTelemetryIdentity, readTelemetryUse } from "./identity.ts";
import { hasOwnKey, isDebugging, type TrackingContext } from "./tracking.ts";

export const NOTICE =
  "arcade reports which commands you run, whether they succeed and how long they take, to help improve it. " +
  "It never reports what you type, or your values, tokens or names. See what was sent with `arcade telemetry show`. " +
  "Opt out with `arcade telemetry disable` or ARCADE_USAGE_TRACKING=0.";

/** Short, because the user is waiting. */
const FIRST_RUN_LOCK_MS = 250;

/** The anonymous id, if there is one, and whether the notice was shown. */
export interface Use {
  /** The anonymous id; undefined until it is created. */
  readonly anonId: string | undefined;
  /** Whether the notice was shown before. */
  readonly isAnnounced: boolean;
}

/** Reads them. Without a folder there is nothing to read or report. */
export function readUse({ files: { folder } }: TrackingContext): Use {
  try {
    const { identity, isAnnounced } = readTelemetryUse(folder());
    return { anonId: identity?.anonId, isAnnounced };
  } catch {
    return { anonId: undefined, isAnnounced: false };
  }
}

/** Whether this command shows the notice: the first one on a terminal with a user. */
export function announces(
  { env, io: { stderr } }: TelemetryContext,
  { isAnnounced }: Use,
): boolean {
  return !isAnnounced && !isDebugging(env) && whyUnattended(env, stderr) === undefined;
}

/** Nothing is sent before the notice was shown, unless the user has set a key. */
export function mayBeReported(context: TelemetryContext, use: Use): boolean {
  const { env } = context;
  return use.isAnnounced || hasOwnKey(env) || isDebugging(env) || announces(context, use);
}

/**
 * Whether this process writes the identity instead of the child: to print the event, or to note that it has shown the notice.
 */
export function writesIdentity(context: TelemetryContext, use: Use): boolean {
  return announces(context, use) || (use.anonId === undefined && isDebugging(context.env));
}

/** Writes the identity if {@link writesIdentity}, and shows the notice if this command {@link announces} it. */
export async function prepareIdentity(context: TelemetryContext, use: Use): Promise<void> {
  if (!writesIdentity(context, use)) return;
  const isAnnounced = announces(context, use);
  const options = { timeoutMs: FIRST_RUN_LOCK_MS, isAnnounced };
  await changeTelemetryIdentity(context.files.folder(), (current) => current, options);
  if (isAnnounced) {
    context.io.stderr.write(`${wrap(NOTICE, Math.min(context.io.stderr.columns() ?? 80, 80))}\n`);
  }
}
