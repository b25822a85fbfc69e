import type { Environment } from "../variables.ts";
import type { Capability } from "../capability.ts";
import type { SessionContext } from "./session.ts";
import type { LoginContext } from "./stored_login.ts";

/** The context that credential lookup needs. */
export interface AuthContext extends SessionContext {
  readonly env: Environment;
  /** Shows a line to a user at a terminal, and nothing to a program. */
  readonly notice: (line: string) => void;
  readonly result: LoginContext["result"] & {
    /** The capabilities that an agent needs for this command. */
    capabilities?: readonly Capability[];
  };
}
