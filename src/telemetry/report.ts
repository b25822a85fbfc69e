/**
 * The part of telemetry that runs in the command: describes the event and passes it to a child process. Uses no network, does
 * not wait, and ignores all errors on purpose.
 */

import { isOn } from "../system/environment.ts";
import {
  changeTelemetryIdentity,
  newTelemetryIdentity,
  readTelemetryIdentity,
  readTelemetryUse,
  type TelemetryIdentity,
} from "./identity.ts";
import { printableJson } from "../terminal/safe_text.ts";
import { wrap } from "../terminal/wrap.ts";
import {
  COMMAND_FAILED,
  COMMAND_SUCCEEDED,
  type CurrentUser,
  type Device,
  deviceProperties,
  type EventProperties,
  MCP_SERVER_STARTED,
  type TelemetryEvent,
} from "./event.ts";
import {
  hasOwnKey,
  isDebugging,
  mayReport,
  optOut,
  type Tracking,
  type TrackingContext,
  trackingOf,
} from "./tracking.ts";
import type { StoredUser } from "./user.ts";
import type { TelemetryContext } from "./context.ts";

/** A login that a command ended. */
export interface EndedLogin {
  /** The identity before the logout; no longer in use. */
  readonly identity: TelemetryIdentity;
  /** The principal of the login, if known. */
  readonly principalId: string | undefined;
}

/** A command line that has ended. */
export interface EndedCommand {
  /** The words of the command, joined by dots: `secret.set`. */
  readonly name: string;
  readonly cliVersion: string;
  /** The error message that the user saw, if the command failed. */
  readonly failure: string | undefined;
  /** What the user typed after the words of the command. */
  readonly typed: readonly string[];
  /** The anonymous id when the command started; undefined if there was none. */
  readonly anonId: string | undefined;
  /** Whether the notice was shown before. */
  readonly isAnnounced: boolean;
  readonly endedLogin?: EndedLogin | undefined;
  /** The stored context that the command named; undefined for the active one. */
  readonly contextName?: string | undefined;
}

/** An MCP server that has started. */
export interface StartedServer {
  readonly transport: "http" | "stdio";
  /** The address it listens at; undefined for a transport without one. */
  readonly address: { readonly host: string; readonly port: number } | undefined;
  /** Undefined if the server does not tell it. */
  readonly toolCount: number | undefined;
  /** What runs the server's tools, such as `python` or `typescript`. */
  readonly runtime: string;
}

/** What the report of a command needs before the command drops its permissions. */
export interface BegunReport {
  /** The anonymous id; undefined if there is none yet. */
  readonly anonId: string | undefined;
  /** Whether the notice was shown before. */
  readonly isAnnounced: boolean;
  /** The permissions that the report needs after the command. */
  readonly permissions: readonly ("run" | "write")[];
}

/** Begins the report of a command that is about to run; undefined if it is not reported. */
export function beginReport(context: TelemetryContext): BegunReport | undefined {
  const use = currentUse(context);
  if (!mayBeReported(context, use)) return undefined;
  const permissions: ("run" | "write")[] = [];
  try {
    context.device();
    if (!isDebugging(context.env)) permissions.push("run");
    if (writesIdentity(context, use)) permissions.push("write");
  } catch {
    // The report will fail for the same reason.
  }
  return { ...use, permissions };
}

/** The anonymous id, if there is one, and whether the notice was shown. */
type Use = Pick<BegunReport, "anonId" | "isAnnounced">;

function currentUse({ folder }: TrackingContext): Use {
  try {
    const { identity, isAnnounced } = readTelemetryUse(folder());
    return { anonId: identity?.anonId, isAnnounced };
  } catch {
    return { anonId: undefined, isAnnounced: false }; // without a folder nothing is reported
  }
}

/** Whether this command shows the notice: the first on a terminal with a person. */
function announces({ env, stderr }: TelemetryContext, { isAnnounced }: Use): boolean {
  return !isAnnounced && stderr.isTerminal && !isOn(env.CI) && !isDebugging(env);
}

/** Nothing is sent before the notice was shown, unless the user has set a key. */
function mayBeReported(context: TelemetryContext, use: Use): boolean {
  const { env } = context;
  return use.isAnnounced || hasOwnKey(env) || isDebugging(env) || announces(context, use);
}

/**
 * Whether this process writes the identity instead of the child: to print the event, or to note that it has shown the notice.
 */
function writesIdentity(context: TelemetryContext, use: Use): boolean {
  return announces(context, use) || (use.anonId === undefined && isDebugging(context.env));
}

/** Reports a command that has ended. */
export function reportCommand(
  context: TelemetryContext,
  tracking: Tracking,
  command: EndedCommand,
): Promise<void> {
  return report(context, tracking, command, async (device) => {
    const ms = context.elapsedMs();
    const failed = command.failure !== undefined && {
      error_message: await redactFailure(context, command.failure, command.typed),
    };
    return {
      name: failed ? COMMAND_FAILED : COMMAND_SUCCEEDED,
      properties: {
        command_name: command.name,
        cli_version: command.cliVersion,
        ...deviceProperties(device),
        duration_ms: Math.round(ms),
        device_start_timestamp: device.uptimeAtStart,
        device_end_timestamp: device.uptimeAtStart + ms / 1000,
        ...failed,
      },
    };
  });
}

/** Reports that an MCP server has started. Called by commands that start one. */
export function reportMcpServerStarted(
  context: TelemetryContext,
  { transport, address, toolCount, runtime }: StartedServer,
): Promise<void> {
  return report(context, trackingOf(context), currentUse(context), (device) => ({
    name: MCP_SERVER_STARTED,
    properties: {
      transport,
      ...(address && { host: address.host, port: address.port }),
      ...(toolCount !== undefined && { tool_count: toolCount }),
      runtime,
      ...deviceProperties(device),
      device_timestamp: device.uptimeAtStart + context.elapsedMs() / 1000,
    },
  }));
}

/**
 * Replaces the identity of a login at logout, so that later events do not use it.
 *
 * @param login.isEnded whether a login ended. A linked identity is replaced without one too.
 * @param login.principalId the principal of the login, if known.
 * @returns the old identity, for the event of the logout.
 */
export async function endTelemetryIdentity(
  context: TrackingContext,
  login: { readonly isEnded: boolean; readonly principalId: string | undefined },
): Promise<EndedLogin | undefined> {
  try {
    if (optOut(context)) return undefined;
    const folder = context.folder();
    if (!readTelemetryIdentity(folder)) return undefined;
    const { before, after } = await changeTelemetryIdentity(
      folder,
      (current) => login.isEnded || current.linkedPrincipalId ? newTelemetryIdentity() : current,
      { timeoutMs: LOGOUT_LOCK_MS },
    );
    return before === after ? undefined : { identity: before, principalId: login.principalId };
  } catch {
    return undefined;
  }
}

/** The lock is held only during a write, so this is long enough. */
const LOGOUT_LOCK_MS = 1000;
/** Short, because the user is waiting. */
const FIRST_RUN_LOCK_MS = 250;

export const NOTICE =
  "arcade reports which commands you run, whether they succeed and how long they take, to help improve it; " +
  "never what you type, or your values, tokens and names. See what was sent with `arcade telemetry show`. " +
  "Opt out with `arcade telemetry disable` or ARCADE_USAGE_TRACKING=0.";

interface Described {
  readonly name: string;
  readonly properties: EventProperties;
}

async function report(
  context: TelemetryContext,
  tracking: Tracking,
  command: Circumstances,
  describe: (device: Device) => Described | Promise<Described>,
): Promise<void> {
  try {
    if (!mayReport(context, tracking) || !mayBeReported(context, command)) return;
    const debug = isDebugging(context.env);
    if (debug && optOut(context)) return; // the settings file is not read without a key
    const folder = context.folder();
    if (writesIdentity(context, command)) {
      const isAnnounced = announces(context, command);
      const options = { timeoutMs: FIRST_RUN_LOCK_MS, isAnnounced };
      await changeTelemetryIdentity(folder, (current) => current, options);
      if (isAnnounced) {
        context.stderr.write(`${wrap(NOTICE, Math.min(context.stderr.columns() ?? 80, 80))}\n`);
      }
    }
    const { name, properties } = await describe(context.device());
    const snapshot = await takeSnapshot(folder, command);
    if (!snapshot) return;
    const { activeProject, ...user } = snapshot;
    const event: TelemetryEvent = {
      name,
      properties: { ...properties, ...activeProject },
      timestamp: context.now().getTime(),
      folder,
      ...user,
    };
    if (debug) print(context, event);
    else await context.startTelemetryChild(JSON.stringify(event));
  } catch {
    // Telemetry errors are ignored on purpose.
  }
}

/** What decides who ran a command. */
type Circumstances = Pick<EndedCommand, "anonId" | "isAnnounced" | "endedLogin" | "contextName">;

type Snapshot =
  & Pick<TelemetryEvent, "identity" | "user" | "contextName" | "isLogout">
  & Pick<StoredUser, "activeProject">;

/**
 * Who ran the command, and in which project; undefined if another process logged out meanwhile, because the event may belong
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
function print({ stderr }: TelemetryContext, event: TelemetryEvent): void {
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

async function redactFailure(
  context: TelemetryContext,
  failure: string,
  typed: readonly string[],
): Promise<string> {
  const [{ hidePrivate }, { privateTexts }] = await Promise.all([
    import("./error_text.ts"),
    import("./private_texts.ts"),
  ]);
  return hidePrivate(failure, await privateTexts(context, typed));
}
