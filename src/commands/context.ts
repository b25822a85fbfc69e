import type { HttpContext } from "../api/exchange.ts";
import type { Permission } from "../cli/permissions.ts";
import type { Capability } from "../contract/capability.ts";
import type { Environment } from "../contract/variables.ts";
import type { CredentialsPlace } from "../store/credentials_changes.ts";
import type { Clock } from "../system/clock.ts";
import type { Os } from "../system/os.ts";
import type { Signals } from "../system/signals.ts";
import type { Device } from "../telemetry/event.ts";
import type { Io } from "../terminal/io.ts";

/** Everything that a command uses from outside. src/process/ builds it for the real process, and tests pass their own. */
export interface Context {
  /** The environment variables that arcade reads. */
  readonly env: Environment;
  readonly io: Io;
  readonly http: HttpContext;
  readonly files: Files;
  readonly clock: Clock;
  readonly signals: Signals;
  readonly machine: Machine;
  readonly processes: Processes;
  /** Drops permissions for the rest of the process. */
  readonly dropPermissions: (permissions: readonly Permission[]) => void;
  /** The capabilities that the declaration of the command requires of agents. */
  readonly capabilities: readonly Capability[];
}

/** Where files are. */
export interface Files extends CredentialsPlace {
  /** The path of the machine-wide policy. */
  readonly policyFile: string;
  /** The working directory. */
  readonly cwd: () => string;
}

export interface Machine {
  readonly os: Os;
  /** Reads the properties for telemetry once, before that permission is dropped. */
  readonly device: () => Device;
  /** Environment variables that arcade itself does not use, by name, if they are set. */
  readonly variables: (names: readonly string[]) => Promise<ReadonlyMap<string, string>>;
}

/** The programs that a command starts and does not wait for, and how others start this one. */
export interface Processes {
  /** Starts a program; false when it fails to start or exits with an error at once. */
  readonly launch: (command: string, args: readonly string[]) => Promise<boolean>;
  /** Starts the detached process that sends a telemetry event (JSON). */
  readonly startTelemetryChild: (event: string) => Promise<void>;
  /** The command that starts this program from another one, also after an update. */
  readonly ownCommand: () => Promise<readonly string[]>;
  /** Starts a process that checks for a newer version. */
  readonly startUpdateCheck: () => Promise<void>;
}
