import { findLogin } from "../auth/stored_login.ts";
import type { AuthContext } from "../auth/context.ts";
import { hasIdentities, identityFile } from "../store/identity_file.ts";
import { type Facts, type Service, type TargetFlags, tokenFrom } from "./decide.ts";

/**
 * Reads the inputs that decide the server of a request. With a token in the environment, no file is read, so a corrupt file cannot break CI.
 *
 * @throws {Failure} of kind `file` when the credentials are unreadable; of kind `usage` when there is no such context.
 */
export async function readFacts(
  context: AuthContext,
  service: Service,
  flags: TargetFlags,
): Promise<Facts> {
  const variables = context.env;
  if (tokenFrom(variables, service)) {
    return { variables, login: undefined, identityOf: undefined };
  }
  const file = identityFile(context);
  const login = await findLogin(context, flags);
  if (!hasIdentities(file)) return { variables, login, identityOf: undefined };
  const [{ findIdentity }, { hubKeyOf }] = await Promise.all([
    import("../store/hub_identities.ts"),
    import("../hosts/hub.ts"),
  ]);
  const identityOf = (address: URL) => {
    const hub = hubKeyOf(address);
    return hub === undefined ? undefined : findIdentity(file.path, hub);
  };
  return { variables, login, identityOf };
}
