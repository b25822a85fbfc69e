import type { Capability } from "../contract/capability.ts";
import type { Environment } from "../contract/variables.ts";
import type { HttpContext } from "../api/exchange.ts";
import type { ServiceEnvironment } from "../hosts/urls.ts";
import type { CredentialsPlace } from "../store/credentials_changes.ts";
import type { Clock } from "../system/clock.ts";
import type { Signals } from "../system/signals.ts";
import type { LoginContext } from "./stored_login.ts";

/** The context of a login in use. */
export interface SessionContext extends LoginContext {
  readonly env: ServiceEnvironment & LoginContext["env"];
  readonly http: HttpContext;
  readonly files: CredentialsPlace;
  readonly clock: Pick<Clock, "now">;
  readonly signals: Pick<Signals, "deferInterrupts">;
  readonly io: {
    /** Shows a warning to the user. */
    readonly warn: (line: string) => void;
  };
}

/** The context of a {@link Session}. */
export interface OpenContext extends SessionContext {
  /** The context that the command names; undefined for the active one. */
  readonly named: string | undefined;
}

/** The context that credential lookup needs. */
export interface AuthContext extends SessionContext {
  readonly env: Environment;
  readonly io: SessionContext["io"] & {
    /** Shows a line to a user at a terminal, and nothing to a program. */
    readonly notice: (line: string) => void;
  };
  /** The capabilities that an agent needs for this command. */
  readonly capabilities: readonly Capability[];
}
