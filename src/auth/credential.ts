/**
 * Which credential a request uses: `ARCADE_API_KEY`, then `ARCADE_TOKEN`, then the identity for exactly that host, then the
 * login.
 */

import { findLogin } from "./stored_login.ts";
import type { AddressFlags } from "../api/urls.ts";
import { Sensitive } from "../sensitive.ts";
import type { OAuthCredentials } from "../store/credentials.ts";
import type { HubIdentity } from "../store/hub_identities.ts";
import { hasIdentities, identityFile } from "../store/identity_file.ts";
import type { AuthContext } from "./context.ts";

/** What a request uses. */
export type Credential = GivenToken | StoredIdentity | { readonly source: "login" };

/** A token of the environment. */
export interface GivenToken {
  readonly source: "ARCADE_API_KEY" | "ARCADE_TOKEN";
  readonly token: Sensitive;
}

/** An identity for the host of the request, whose token may have expired. */
export interface StoredIdentity {
  readonly source: "identity";
  readonly identity: HubIdentity;
}

/** What requests to a service use, and where it is. */
export interface CredentialFor {
  readonly credential: GivenToken | StoredIdentity;
  /** Its address, without a final slash. */
  readonly address: string;
}

type Service = "engine" | "coordinator";

/** What requests use while no flag names another server. Whether there is a login is not looked at. */
export async function findCredentials(
  context: AuthContext,
): Promise<Readonly<Record<Service, Credential>>> {
  const login: Credential = { source: "login" };
  const { ARCADE_API_KEY, ARCADE_TOKEN } = context.env;
  if (!ARCADE_API_KEY && !ARCADE_TOKEN && !hasIdentities(identityFile(context))) {
    return { engine: login, coordinator: login };
  }
  const [engine, coordinator] = [
    await findCredential(context, "engine", {}),
    await findCredential(context, "coordinator", {}),
  ];
  return {
    engine: engine?.credential ?? login,
    coordinator: coordinator?.credential ?? login,
  };
}

/** What a request to a service uses; undefined when that is the login. */
export async function findCredential(
  context: AuthContext,
  service: Service,
  flags: AddressFlags,
): Promise<CredentialFor | undefined> {
  const given = tokenFromEnvironment(context, service);
  if (given) return { credential: given, address: await addressOf(context, service, flags) };
  const file = identityFile(context);
  if (!hasIdentities(file)) return undefined;
  // The login says where the services are that there may be identities for.
  const login = await findLogin(context.folder());
  const address = await addressOf(context, service, flags, login);
  const credential = await findStored(file.path, address);
  return credential && { credential, address };
}

async function addressOf(
  { env }: AuthContext,
  service: Service,
  flags: AddressFlags,
  login?: OAuthCredentials,
): Promise<string> {
  const { coordinatorUrl, engineUrl } = await import("../api/urls.ts");
  return service === "engine"
    ? engineUrl(flags, env, login?.engineUrl)
    : coordinatorUrl(flags, env, login?.coordinatorUrl);
}

/** The token that the environment gives for a service. API keys are for the engine, and no use at the coordinator. */
function tokenFromEnvironment({ env }: AuthContext, service: Service): GivenToken | undefined {
  const apiKey = env.ARCADE_API_KEY?.trim(); // a file that it was read from may end in a line end
  if (apiKey && service === "engine") {
    return { source: "ARCADE_API_KEY", token: new Sensitive(apiKey) };
  }
  const token = env.ARCADE_TOKEN?.trim();
  return token ? { source: "ARCADE_TOKEN", token: new Sensitive(token) } : undefined;
}

async function findStored(path: string, address: string): Promise<StoredIdentity | undefined> {
  const [{ hubKeyOf }, { findIdentity }] = await Promise.all([
    import("../store/hub.ts"),
    import("../store/hub_identities.ts"),
  ]);
  const hub = hubKeyOf(new URL(address));
  const identity = hub === undefined ? undefined : findIdentity(path, hub);
  return identity?.token && { source: "identity", identity };
}
