import { fetchAccountOf } from "../../api/coordinator.ts";
import { openEngine } from "../../api/engine.ts";
import { strongAuthenticationFailure } from "../../api/errors.ts";
import { type ContextFlag, loginCommand } from "../../auth/stored_login.ts";
import { accessEngine, openLogin } from "../../target/access.ts";
import type { Credential } from "../../target/decide.ts";
import type { Context } from "../context.ts";

/**
 * Asks the server of a credential whether it accepts it: the coordinator for a login, the engine for any other credential.
 *
 * @returns the address of that server.
 * @throws {Failure} of kind `login` when the server refuses it.
 */
export async function checkCredential(
  context: Context,
  flags: ContextFlag,
  { source }: Credential,
): Promise<string> {
  if (source === "login" || source === "none") {
    const session = await openLogin(context, flags);
    const { isTooWeak } = await fetchAccountOf(session.access);
    if (isTooWeak) {
      throw strongAuthenticationFailure({}, `Run ${loginCommand(context, session.contextName)}`);
    }
    return session.coordinator;
  }
  const { client, engine: address } = await accessEngine(context, flags);
  await (await openEngine(client, { address, project: undefined }).tools()).requireAccess();
  return address;
}
