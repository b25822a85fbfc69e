/**
 * What a command does for telemetry: it describes what happened and hands that to a child process. It asks no network and
 * waits for nobody, and whatever goes wrong here is nobody's concern.
 */

import { Sensitive } from "../sensitive.ts";
import { mayExist } from "../store/private_file.ts";
import {
  changeTelemetryIdentity,
  newTelemetryIdentity,
  readTelemetryIdentity,
  telemetryIdentityPath,
} from "./identity.ts";
import { printableJson } from "../terminal/safe_text.ts";
import type { Output } from "../terminal/streams.ts";
import { wrap } from "../terminal/wrap.ts";
import {
  COMMAND_FAILED,
  COMMAND_SUCCEEDED,
  type Device,
  deviceProperties,
  type EndedLogin,
  type EventProperties,
  MCP_SERVER_STARTED,
  type TelemetryEvent,
} from "./event.ts";
import {
  isDebugging,
  mayReport,
  optOut,
  type Tracking,
  type TrackingContext,
  trackingOf,
} from "./tracking.ts";

export interface TelemetryContext extends TrackingContext {
  readonly env: TrackingContext["env"] & {
    readonly HOME?: string | undefined;
    readonly USERPROFILE?: string | undefined;
    readonly ARCADE_IDENTITY_FILE?: string | undefined;
  };
  readonly stderr: Pick<Output, "isTerminal" | "columns" | "write">;
  readonly now: () => Date;
  /** Milliseconds since the process started; no clock that is set moves it. */
  readonly elapsedMs: () => number;
  /** Asks the system once, which the process may no longer do later. */
  readonly device: () => Device;
  /** Starts the process that sends the event (JSON) and that this one does not wait for. */
  readonly startTelemetryChild: (event: string) => Promise<void>;
}

/** A command line that has ended. */
export interface EndedCommand {
  /** The words of the command, joined by dots: `secret.set`. */
  readonly name: string;
  readonly cliVersion: string;
  /** The sentence that the user saw when it failed. */
  readonly failure: string | undefined;
  /** What the user typed behind the words of the command. */
  readonly typed: readonly string[];
  /** The anonymous id when it began; undefined where there was none. */
  readonly anonId: string | undefined;
  readonly endedLogin: EndedLogin | undefined;
}

/** An MCP server that has started. */
export interface StartedServer {
  readonly transport: "http" | "stdio";
  /** Where it listens; undefined for a transport without an address. */
  readonly address: { readonly host: string; readonly port: number } | undefined;
  readonly toolCount: number;
  /** What runs the server's tools, such as `python` or `typescript`. */
  readonly runtime: string;
}

/** What the report of a command has to find out before the command drops its permissions. */
export interface BegunReport {
  /** The anonymous id; undefined where there is none yet. */
  readonly anonId: string | undefined;
  /** The permissions that the report needs in the end. */
  readonly permissions: readonly ("run" | "write")[];
}

/** Begins the report of a command that is about to run. */
export function beginReport(context: TelemetryContext): BegunReport {
  const anonId = currentAnonId(context);
  const permissions: ("run" | "write")[] = [];
  try {
    context.device();
    if (!isDebugging(context.env)) permissions.push("run");
    if (anonId === undefined && createsIdentity(context)) permissions.push("write");
  } catch {
    // Nothing is reported in the end for the same reason.
  }
  return { anonId, permissions };
}

/** The anonymous id at this moment; undefined where there is none yet. */
function currentAnonId({ folder }: TrackingContext): string | undefined {
  try {
    return readTelemetryIdentity(folder())?.anonId;
  } catch {
    return undefined; // without a folder nothing is reported
  }
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
      error_message: await tellFailure(context, command.failure, command.typed),
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

/** Reports that an MCP server has started; for whoever starts one. */
export function reportMcpServerStarted(
  context: TelemetryContext,
  { transport, address, toolCount, runtime }: StartedServer,
): Promise<void> {
  const tracking = trackingOf(context);
  const anonId = currentAnonId(context);
  return report(context, tracking, { anonId, endedLogin: undefined }, (device) => ({
    name: MCP_SERVER_STARTED,
    properties: {
      transport,
      ...(address && { host: address.host, port: address.port }),
      tool_count: toolCount,
      runtime,
      ...deviceProperties(device),
      device_timestamp: device.uptimeAtStart + context.elapsedMs() / 1000,
    },
  }));
}

/**
 * Ends the identity that a login used, so that nothing that is reported from now on carries it.
 *
 * @param login.isEnded whether there was a login; an identity that is linked ends without one too.
 * @param login.principalId whose login it was, if that is known.
 * @returns what the event of the logout is reported with.
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

/** The lock is held for a write only, so this is long. */
const LOGOUT_LOCK_MS = 1000;
/** On a first run somebody waits. */
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
  who: Pick<TelemetryEvent, "anonId" | "endedLogin">,
  describe: (device: Device) => Described | Promise<Described>,
): Promise<void> {
  try {
    if (!mayReport(context, tracking)) return;
    const debug = isDebugging(context.env);
    if (debug && optOut(context)) return; // nobody looked into the file where there is no key
    const folder = context.folder();
    let { anonId } = who;
    if (anonId === undefined && createsIdentity(context)) {
      const options = { timeoutMs: FIRST_RUN_LOCK_MS };
      anonId = (await changeTelemetryIdentity(folder, (current) => current, options)).after.anonId;
      if (!debug) {
        context.stderr.write(`${wrap(NOTICE, Math.min(context.stderr.columns() ?? 80, 80))}\n`);
      }
    }
    const event: TelemetryEvent = {
      ...await describe(context.device()),
      timestamp: context.now().getTime(),
      folder,
      anonId,
      endedLogin: who.endedLogin,
    };
    if (debug) await print(context, event);
    else await context.startTelemetryChild(JSON.stringify(event));
  } catch {
    // Telemetry is never in the way.
  }
}

/** Prints the event as far as it is known without asking anybody. */
async function print(context: TelemetryContext, event: TelemetryEvent): Promise<void> {
  const { readStoredUser } = await import("./user.ts");
  const folder = context.folder();
  const { user, activeProject } = await readStoredUser(folder);
  const identity = event.endedLogin?.identity ?? readTelemetryIdentity(folder);
  const principal = event.endedLogin?.principalId ??
    (user.kind === "known" ? user.principalId : identity?.linkedPrincipalId);
  const { name, properties, timestamp } = event;
  const printed = {
    event: name,
    distinct_id: principal ?? identity?.anonId,
    properties: {
      ...properties,
      ...activeProject,
      $process_person_profile: principal !== undefined,
    },
    timestamp: new Date(timestamp).toISOString(),
  };
  // The ids are those of the credentials file and of a server, which may hold control characters.
  context.stderr.write(`${printableJson(printed)}\n`);
}

/**
 * Whether this process creates the identity and not its child: to print the event, or to show a notice on the first run,
 * where there is not even an identity that cannot be used.
 */
function createsIdentity({ env, stderr, folder }: TelemetryContext): boolean {
  return isDebugging(env) || (stderr.isTerminal && !mayExist(telemetryIdentityPath(folder())));
}

async function tellFailure(
  context: TelemetryContext,
  failure: string,
  typed: readonly string[],
): Promise<string> {
  const { hidePrivate } = await import("./error_text.ts");
  return hidePrivate(failure, await privateTexts(context, typed));
}

/** Everything that was typed or stored here, which no message may repeat. */
async function privateTexts(
  context: TelemetryContext,
  typed: readonly string[],
): Promise<Set<string>> {
  const { env } = context;
  const texts = new Set(Sensitive.all());
  for (const text of typed) {
    texts.add(text);
    // `--flag=value` and `KEY=VALUE` may come back in parts, which may be short.
    for (const part of text.split("=")) texts.add(part);
  }
  for (const value of Object.values(env)) {
    if (value !== undefined && value.length >= SHORTEST) texts.add(value);
  }
  const home = env.HOME || env.USERPROFILE || "";
  texts.add(home.split(/[/\\]/).findLast((part) => part !== "") ?? "");
  for (const text of await storedTexts(context)) texts.add(text);
  return texts;
}

/** Shorter settings such as `1` say nothing about anybody. */
const SHORTEST = 4;

/** Every name, id and address that is stored in the Arcade folder. What cannot be read was not read by the command either. */
async function storedTexts(context: TelemetryContext): Promise<string[]> {
  const stored = await Promise.all([storedLogin(context), storedHubs(context)].map(orNothing));
  return stored.flat();
}

async function orNothing(texts: Promise<string[]>): Promise<string[]> {
  try {
    return await texts;
  } catch {
    return [];
  }
}

async function storedLogin({ folder }: TelemetryContext): Promise<string[]> {
  const { readCredentials } = await import("../store/credentials.ts");
  const credentials = await readCredentials(folder());
  if (!credentials) return [];
  const addresses = [credentials.coordinatorUrl ?? ""].flatMap(partsOfAddress);
  if (credentials.kind === "legacy") return addresses;
  const { email, accountId, engineUrl, context } = credentials;
  const texts = [
    email,
    accountId,
    ...partsOfAddress(engineUrl ?? ""),
    ...Object.values(context ?? {}),
  ];
  return [...addresses, ...texts.filter((text) => text !== undefined)];
}

async function storedHubs(context: TelemetryContext): Promise<string[]> {
  const { hasIdentities, identityFile } = await import("../store/identity_file.ts");
  const file = identityFile(context);
  if (!hasIdentities(file)) return [];
  const { listIdentities } = await import("../store/hub_identities.ts");
  const { identities, unusable } = listIdentities(file.path);
  return [
    ...unusable.map(({ hub }) => hub),
    ...identities.flatMap((
      { hub, name = "", id = "", capabilities },
    ) => [hub, name, id, ...capabilities]),
  ];
}

/** An address and its host; nothing where it is Arcade's own. */
function partsOfAddress(address: string): string[] {
  const url = URL.parse(address);
  if (!url || /(?:^|\.)arcade\.dev$/.test(url.hostname)) return [];
  return [address, url.host, url.hostname];
}
