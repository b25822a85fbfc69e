/** The telemetry events, and how they reach the child (docs/contracts.md, Telemetry). */

import type { TelemetryIdentity } from "./identity.ts";

/** The event names. */
export const COMMAND_SUCCEEDED = "CLI execution succeeded";
export const COMMAND_FAILED = "CLI execution failed";
export const MCP_SERVER_STARTED = "MCP server started";

/** The variable that passes the event to the child. */
export const EVENT_VARIABLE = "ARCADE_USAGE_EVENT_DATA";

/** The child exits after this time in any case, so that it is gone within ten seconds of its command. */
export const CHILD_MS = 9_500;

export type EventProperties = Readonly<Record<string, string | number>>;

/** A login that the command ended. */
export interface EndedLogin {
  /** The identity before the logout; no longer in use. */
  readonly identity: TelemetryIdentity;
  /** The principal of the login, if known. */
  readonly principalId: string | undefined;
}

/** An event without its distinct id, which the child resolves. */
export interface TelemetryEvent {
  readonly name: string;
  readonly properties: EventProperties;
  /** Milliseconds since 1970. */
  readonly timestamp: number;
  /** The Arcade folder; the child has neither the working directory nor the variables to find it. */
  readonly folder: string;
  /**
   * The anonymous id at the time of the event; undefined if there was none. If it has changed when the event is sent, the
   * user may have changed too.
   */
  readonly anonId: string | undefined;
  readonly endedLogin: EndedLogin | undefined;
}

/** The properties of the machine. */
export interface Device {
  readonly os: "linux" | "darwin" | "windows" | "other";
  readonly osRelease: string;
  readonly runtimeVersion: string;
  /** Monotonic seconds from the boot of the machine to the start of this process. */
  readonly uptimeAtStart: number;
}

/** The common properties of all events. */
export function deviceProperties({ os, osRelease, runtimeVersion }: Device): EventProperties {
  return {
    runtime_language: "typescript",
    runtime_version: runtimeVersion,
    os_type: OS_TYPES[os],
    os_release: osRelease,
  };
}

/** The names of `platform.system()` in Python. */
const OS_TYPES = { linux: "Linux", darwin: "Darwin", windows: "Windows", other: "Other" } as const;
