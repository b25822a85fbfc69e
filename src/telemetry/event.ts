/** The events and what the child is told of them (design, telemetry). */

import type { TelemetryIdentity } from "./identity.ts";

/** The events that exist. */
export const COMMAND_SUCCEEDED = "CLI execution succeeded";
export const COMMAND_FAILED = "CLI execution failed";
export const MCP_SERVER_STARTED = "MCP server started";

/** How the child gets its event. */
export const EVENT_VARIABLE = "ARCADE_USAGE_EVENT_DATA";

/** The child gives up after so many milliseconds, whatever happens, so that it is gone within ten seconds of its command. */
export const CHILD_MS = 9_500;

export type EventProperties = Readonly<Record<string, string | number>>;

/** A login that the command ended. */
export interface EndedLogin {
  /** The identity as it was; it is not used any more. */
  readonly identity: TelemetryIdentity;
  /** Whose login it was, if that is known. */
  readonly principalId: string | undefined;
}

/** What happened, without who did it: the child finds that out. */
export interface TelemetryEvent {
  readonly name: string;
  readonly properties: EventProperties;
  /** Milliseconds since 1970. */
  readonly timestamp: number;
  /** The Arcade folder; the child has neither the working directory nor the variables to find it. */
  readonly folder: string;
  /**
   * The anonymous id at that time. Where it is another one by the time the event is sent, somebody else may be at the
   * machine. Undefined where there was none yet.
   */
  readonly anonId: string | undefined;
  readonly endedLogin: EndedLogin | undefined;
}

/** What telemetry tells of the machine. */
export interface Device {
  readonly os: "linux" | "darwin" | "windows" | "other";
  readonly osRelease: string;
  readonly runtimeVersion: string;
  /** Seconds from the start of the machine to that of this process; no clock that is set moves it. */
  readonly uptimeAtStart: number;
}

/** The properties that every event has. */
export function deviceProperties({ os, osRelease, runtimeVersion }: Device): EventProperties {
  return {
    runtime_language: "typescript",
    runtime_version: runtimeVersion,
    os_type: OS_TYPES[os],
    os_release: osRelease,
  };
}

/** As Python's `platform.system()` names them. */
const OS_TYPES = { linux: "Linux", darwin: "Darwin", windows: "Windows", other: "Other" } as const;
