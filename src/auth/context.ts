import type { Environment } from "../variables.ts";
import type { Capability } from "../capability.ts";
import type { SessionContext } from "./session.ts";

/** What finding a credential needs from outside. */
export interface AuthContext extends SessionContext {
  readonly env: Environment;
  readonly result: {
    /** What an agent has to be capable of for this command. */
    capabilities?: readonly Capability[];
  };
}
