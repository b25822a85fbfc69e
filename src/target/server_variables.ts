/**
 * The target of a server with Arcade's framework, which reads our login itself. Without these variables, it may treat
 * Arcade Cloud as the engine of any login.
 */

import type { AuthContext } from "../auth/context.ts";
import { Failure } from "../failure.ts";
import { requireRunning } from "../api/reach.ts";
import { decide, type Destination, type TargetFlags } from "./decide.ts";
import { readFacts } from "./facts.ts";

/** The variables of the framework that are set here, unless the user has set them. */
export const TARGET_VARIABLES = ["ARCADE_API_URL", "ARCADE_USER_ID"] as const;

/** A folder that cannot hold a login. */
const NO_LOGIN = { ARCADE_WORK_DIR: Deno.build.os === "windows" ? "NUL" : "/dev/null" };

/**
 * The variables that point a server to the target in use. If that is unclear, or the login is not used,
 * the server gets no login.
 *
 * @param own the variables that the user has set; blank ones count as unset.
 * @param flags which target the command line names.
 */
export async function serverVariables(
  context: AuthContext,
  own: ReadonlyMap<string, string>,
  flags: TargetFlags = {},
): Promise<Readonly<Record<string, string>>> {
  const isOwn = (name: string) => Boolean(own.get(name)?.trim());
  let destination: Destination;
  try {
    destination = decide("engine", flags, await readFacts(context, "engine", flags));
    const { credential } = destination;
    if (credential.source === "login") await requireRunning(context, credential.login);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    if (isOwn("ARCADE_API_URL")) return {};
    context.io.warn(`The server runs without your login: ${error.message}`);
    return NO_LOGIN;
  }
  const { credential, address } = destination;
  if (credential.source === "none") return {};
  // A key from a file, which overrides the login, is for the framework's default engine.
  if (credential.source !== "ARCADE_API_KEY" && isOwn("ARCADE_API_KEY")) return {};
  // The framework does not support ARCADE_TOKEN and identities, and would send the login instead.
  const isForeign = credential.source === "ARCADE_TOKEN" || credential.source === "identity";
  if (isForeign && !isOwn("ARCADE_API_URL")) return { ...NO_LOGIN, ARCADE_API_URL: address };
  const userId = credential.source === "login" ? credential.login.email : "";
  const variables = { ARCADE_API_URL: address, ...(userId && { ARCADE_USER_ID: userId }) };
  return Object.fromEntries(Object.entries(variables).filter(([name]) => !isOwn(name)));
}
