/**
 * Which credential a request uses: `ARCADE_API_KEY`, then `ARCADE_TOKEN`, then the identity for exactly that host, then the
 * login.
 */

import { type ContextFlag, findLogin } from "./stored_login.ts";
import type { AddressFlags } from "../hosts/urls.ts";
import { Sensitive } from "../sensitive.ts";
import type { OAuthCredentials } from "../store/credentials.ts";
import type { HubIdentity } from "../store/hub_identities.ts";
import { hasIdentities, identityFile } from "../store/identity_file.ts";
import type { AuthContext } from "./context.ts";

/** The credential of a request. */
export type Credential = GivenToken | StoredIdentity | { readonly source: "login" };

/** A token from the environment. */
export interface GivenToken {
  readonly source: "ARCADE_API_KEY" | "ARCADE_TOKEN";
  readonly token: Sensitive;
}

/** An identity for the host of the request, whose token may have expired. */
export interface StoredIdentity {
  readonly source: "identity";
  readonly identity: HubIdentity;
}

/** The credential for a service, and the address of that service. */
export interface CredentialFor {
  readonly credential: GivenToken | StoredIdentity;
  /** Its address, without a final slash. */
  readonly address: string;
}

type Service = "engine" | "coordinator";

/** The credentials that requests use unless a flag names another server. Does not check whether a login exists. */
export async function findCredentials(
  context: AuthContext,
  flags: ContextFlag,
): Promise<Readonly<Record<Service, Credential>>> {
  const login: Credential = { source: "login" };
  const { ARCADE_API_KEY, ARCADE_TOKEN } = context.env;
  if (!ARCADE_API_KEY && !ARCADE_TOKEN && !hasIdentities(identityFile(context))) {
    return { engine: login, coordinator: login };
  }
  const [engine, coordinator] = [
    await findCredential(context, "engine", flags),
    await findCredential(context, "coordinator", flags),
  ];
  return {
    engine: engine?.credential ?? login,
    coordinator: coordinator?.credential ?? login,
  };
}

/** The credential for a service; undefined when that is the login. */
export async function findCredential(
  context: AuthContext,
  service: Service,
  flags: AddressFlags & ContextFlag,
): Promise<CredentialFor | undefined> {
  const given = tokenFromEnvironment(context, service);
  if (given) return { credential: given, address: await addressOf(context, service, flags) };
  const file = identityFile(context);
  if (!hasIdentities(file)) return undefined;
  // The login stores the addresses that an identity may match.
  const login = await findLogin(context, flags);
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
  const { coordinatorUrl, engineUrl, installationAddress } = await import("../hosts/urls.ts");
  const { ARCADE_API_KEY, ARCADE_URL } = env;
  // As in the Python CLI, both together name a project for CI.
  const ofApiKey = ARCADE_API_KEY && ARCADE_URL && installationAddress(ARCADE_URL, "ARCADE_URL");
  return service === "engine"
    ? engineUrl(flags, env, login?.engineUrl ?? (ofApiKey || undefined))
    : coordinatorUrl(flags, env, login?.coordinatorUrl);
}

/** The token for a service from the environment. The coordinator does not accept API keys. */
function tokenFromEnvironment({ env }: AuthContext, service: Service): GivenToken | undefined {
  const apiKey = env.ARCADE_API_KEY?.trim(); // may come from a file that ends in a newline
  if (apiKey && service === "engine") {
    return { source: "ARCADE_API_KEY", token: new Sensitive(apiKey) };
  }
  const token = env.ARCADE_TOKEN?.trim();
  return token ? { source: "ARCADE_TOKEN", token: new Sensitive(token) } : undefined;
}

async function findStored(path: string, address: string): Promise<StoredIdentity | undefined> {
  const [{ hubKeyOf }, { findIdentity }] = await Promise.all([
    import("../hosts/hub.ts"),
    import("../store/hub_identities.ts"),
  ]);
  const hub = hubKeyOf(new URL(address));
  const identity = hub === undefined ? undefined : findIdentity(path, hub);
  return identity?.token && { source: "identity", identity };
}
