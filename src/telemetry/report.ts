/**
 * The part of telemetry that runs in the command: describes the event and passes it to a child process. Uses no network, does
 * not wait, and ignores all errors on purpose.
 */

import { printableJson } from "../terminal/safe_text.ts";
import type { TelemetryContext } from "./context.ts";
import type { CurrentUser, Device, EventProperties, TelemetryEvent } from "./event.ts";
import { readTelemetryIdentity } from "./identity.ts";
import type { EndedLogin } from "./logout.ts";
import { mayBeReported, prepareIdentity, type Use } from "./notice.ts";
import { isDebugging, mayReport, optOut, trackingOf } from "./tracking.ts";
import type { StoredUser } from "./user.ts";

/** The inputs that decide who ran a command. */
export interface Circumstances extends Use {
  /** The login that the command ended, if any. */
  readonly endedLogin?: EndedLogin | undefined;
  /** The stored context that the command names; undefined for the active one. */
  readonly contextName?: string | undefined;
}

/** What happened. */
interface Described {
  readonly name: string;
  readonly properties: EventProperties;
}

/** Reports what happened, if telemetry is on. */
export async function report(
  context: TelemetryContext,
  command: Circumstances,
  describe: (device: Device) => Described | Promise<Described>,
): Promise<void> {
  try {
    if (!mayReport(context, trackingOf(context)) || !mayBeReported(context, command)) return;
    const debug = isDebugging(context.env);
    if (debug && optOut(context)) return; // the settings file is not read without a key
    const folder = context.files.folder();
    await prepareIdentity(context, command);
    const { name, properties } = await describe(context.machine.device());
    const snapshot = await takeSnapshot(folder, command);
    if (!snapshot) return;
    const { activeProject, ...user } = snapshot;
    const event: TelemetryEvent = {
      name,
      properties: { ...properties, ...activeProject },
      timestamp: context.clock.now().getTime(),
      folder,
      ...user,
    };
    if (debug) print(context, event);
    else await context.processes.startTelemetryChild(JSON.stringify(event));
  } catch {
    // Telemetry errors are ignored on purpose.
  }
}

type Snapshot =
  & Pick<TelemetryEvent, "identity" | "user" | "contextName" | "isLogout">
  & Pick<StoredUser, "activeProject">;

/**
 * Who ran the command, and in which project; undefined if another process logged out in the meantime, because the event may belong
 * to either user then.
 */
async function takeSnapshot(
  folder: string,
  { anonId, endedLogin, contextName }: Omit<Circumstances, "isAnnounced">,
): Promise<Snapshot | undefined> {
  if (endedLogin) {
    const { identity, principalId } = endedLogin;
    const user: CurrentUser = principalId === undefined
      ? { kind: "logged-out" }
      : { kind: "known", principalId };
    return { identity, user, activeProject: {}, isLogout: true };
  }
  const { readStoredUser } = await import("./user.ts");
  const stored = await readStoredUser(folder, contextName);
  const identity = readTelemetryIdentity(folder);
  if (anonId !== undefined && identity?.anonId !== anonId) return undefined;
  return { identity, ...stored, contextName, isLogout: false };
}

/** Prints the event, as far as it is known without network requests. */
function print({ io: { stderr } }: TelemetryContext, event: TelemetryEvent): void {
  const { name, properties, timestamp, identity, user } = event;
  const principal = user.kind === "known" ? user.principalId : identity?.linkedPrincipalId;
  const printed = {
    event: name,
    distinct_id: principal ?? identity?.anonId,
    properties: { ...properties, $process_person_profile: principal !== undefined },
    timestamp: new Date(timestamp).toISOString(),
  };
  // Ids come from files and servers, and may contain control characters.
  stderr.write(`${printableJson(printed)}\n`);
}
