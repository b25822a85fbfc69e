import type { Environment } from "../contract/variables.ts";
import type { Capability } from "../contract/capability.ts";
import type { HttpContext } from "../api/exchange.ts";
import type { ServiceEnvironment } from "../hosts/urls.ts";
import type { CredentialsPlace } from "../store/credentials_changes.ts";
import type { LoginContext } from "./stored_login.ts";

/** The context of a login in use. */
export interface SessionContext extends HttpContext, LoginContext, CredentialsPlace {
  readonly env: ServiceEnvironment & LoginContext["env"];
  readonly now: () => Date;
  /** Whether nothing on this machine may change: no token is renewed, and no login is removed. */
  readonly isReadOnly?: true;
  /** Shows a warning to the user. */
  readonly warn: (line: string) => void;
  /**
   * Runs work that must complete. A first interruption takes effect afterwards, as a {@link Failure} of kind
   * `interrupted`; a second one exits immediately.
   */
  readonly deferInterrupts: <T>(work: () => Promise<T>) => Promise<T>;
}

/** The context of a {@link Session}. */
export interface OpenContext extends SessionContext {
  /** The context that the command names; undefined for the active one. */
  readonly named: string | undefined;
}

/** The context that credential lookup needs. */
export interface AuthContext extends SessionContext {
  readonly env: Environment;
  /** Shows a line to a user at a terminal, and nothing to a program. */
  readonly notice: (line: string) => void;
  /** The capabilities that an agent needs for this command. */
  readonly capabilities: readonly Capability[];
}
