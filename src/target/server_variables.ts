/**
 * Where a server of Arcade's framework, which reads our login itself, sends requests. Without these variables it may take
 * Arcade's cloud for the engine of any login.
 */

import type { AuthContext } from "../auth/context.ts";
import { Failure } from "../failure.ts";
import { decide, type Destination } from "./decide.ts";
import { readFacts } from "./facts.ts";

/** The variables of the framework that are set here, unless the user has set them. */
export const TARGET_VARIABLES = ["ARCADE_API_URL", "ARCADE_USER_ID"] as const;

/** A folder that cannot hold a login. */
const NO_LOGIN = { ARCADE_WORK_DIR: Deno.build.os === "windows" ? "NUL" : "/dev/null" };

/**
 * The variables that lead a server to the target in use. If that is unclear, the server gets no login, with a warning.
 *
 * @param own the names of those that the user has set.
 */
export async function serverVariables(
  context: AuthContext,
  own: ReadonlySet<string>,
): Promise<Readonly<Record<string, string>>> {
  let destination: Destination;
  try {
    destination = decide("engine", {}, await readFacts(context, "engine", {}));
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    if (own.has("ARCADE_API_URL")) return {};
    context.warn(`The server runs without your login: ${error.message}`);
    return NO_LOGIN;
  }
  const { credential, address } = destination;
  if (credential.source === "none") return {};
  const userId = credential.source === "login" ? credential.login.email : "";
  const variables = { ARCADE_API_URL: address, ...(userId && { ARCADE_USER_ID: userId }) };
  return Object.fromEntries(Object.entries(variables).filter(([name]) => !own.has(name)));
}
