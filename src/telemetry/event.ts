/** The telemetry events, and how they reach the child (docs/contracts.md, Telemetry). */

import type { Os } from "../system/os.ts";
import type { TelemetryIdentity } from "./identity.ts";

/** The event names. */
export const COMMAND_SUCCEEDED = "CLI execution succeeded";
export const COMMAND_FAILED = "CLI execution failed";
export const MCP_SERVER_STARTED = "MCP server started";

export type EventProperties = Readonly<Record<string, string | number>>;

/**
 * The user of a command, according to the stored login:
 *
 * - `logged-out`: not logged in
 * - `known`: the login stores its principal
 * - `unknown`: logged in, but the login does not store its principal
 */
export type CurrentUser =
  | { readonly kind: "logged-out" }
  | { readonly kind: "known"; readonly principalId: string }
  | { readonly kind: "unknown" };

/** An event as its command saw it. The child resolves the distinct id. */
export interface TelemetryEvent {
  readonly name: string;
  readonly properties: EventProperties;
  /** Milliseconds since 1970. */
  readonly timestamp: number;
  /** The Arcade folder; the child has neither the working directory nor the variables to find it. */
  readonly folder: string;
  /** The identity at the end of the command, or before a logout; undefined if there was none. */
  readonly identity: TelemetryIdentity | undefined;
  readonly user: CurrentUser;
  /** The stored context that the command named; undefined for the active one. */
  readonly contextName?: string | undefined;
  /** Whether the command ended the login, and replaced the identity. */
  readonly isLogout: boolean;
}

/** The properties of the machine. */
export interface Device {
  readonly os: Os;
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
