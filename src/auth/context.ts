import type { Environment } from "../variables.ts";
import type { Capability } from "../capability.ts";
import type { SessionContext } from "./session.ts";

/** The context that credential lookup needs. */
export interface AuthContext extends SessionContext {
  readonly env: Environment;
  readonly result: {
    /** The capabilities that an agent needs for this command. */
    capabilities?: readonly Capability[];
  };
}
