/**
 * Decides the server and the credential of a request: `ARCADE_API_KEY`, then `ARCADE_TOKEN`, then the identity for exactly
 * that host, then the login (docs/contracts.md, Services). Reads nothing itself; facts.ts does.
 */

import type { ContextFlag } from "../auth/stored_login.ts";
import { Failure } from "../failure.ts";
import { isLoopback } from "../hosts/address.ts";
import { CLOUD_COORDINATOR } from "../hosts/cloud.ts";
import {
  type AddressFlags,
  coordinatorUrl,
  engineUrl,
  hasAddress,
  installationAddress,
  issuerOf,
  type LoginAddresses,
  requireInstallation,
} from "../hosts/urls.ts";
import { Sensitive } from "../secrecy/sensitive.ts";
import type { OAuthCredentials } from "../store/credentials.ts";
import type { HubIdentity } from "../store/hub_identity.ts";

export type Service = "engine" | "coordinator";

/** The flags that choose a server and a context. */
export type TargetFlags = AddressFlags & ContextFlag;

/** The variables that choose a server and a credential. */
export interface TargetVariables {
  readonly ARCADE_API_KEY?: string | undefined;
  readonly ARCADE_TOKEN?: string | undefined;
  readonly ARCADE_URL?: string | undefined;
  readonly ARCADE_ENGINE_URL?: string | undefined;
  readonly ARCADE_COORDINATOR_URL?: string | undefined;
}

/** The inputs of the decision, except the command line. */
export interface Facts {
  readonly variables: TargetVariables;
  /** The login of the context in use; undefined without one, and if a variable has the token. */
  readonly login: OAuthCredentials | undefined;
  /** Finds the identity for the host of an address; undefined if none is stored. */
  readonly identityOf: ((address: URL) => HubIdentity | undefined) | undefined;
}

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

/** The credential of a request; `none` when not logged in. */
export type Credential =
  | GivenToken
  | StoredIdentity
  | { readonly source: "login"; readonly login: OAuthCredentials }
  | { readonly source: "none" };

/** The server and the credential of a request. */
export interface Destination<C extends Credential = Credential> {
  readonly credential: C;
  /** The address of the service, without a final slash. */
  readonly address: string;
}

/**
 * The server and the credential of requests to a service.
 *
 * @throws {Failure} of kind `usage` when an address in use is invalid or unknown; of kind `login` when another server is
 * named than the login's server.
 */
export function decide(service: Service, flags: TargetFlags, facts: Facts): Destination {
  const credential = credentialFor(service, flags, facts);
  return { credential, address: addressFor(service, credential, { flags, facts }) };
}

/** The credential of requests to a service. Throws as {@link decide} does. */
export function credentialFor(service: Service, flags: TargetFlags, facts: Facts): Credential {
  const { variables, login, identityOf } = facts;
  const given = tokenFrom(variables, service);
  if (given) return given;
  const identity = identityOf?.(new URL(namedAddress(service, flags, facts)));
  if (identity?.token) return { source: "identity", identity };
  return login ? { source: "login", login } : { source: "none" };
}

/** The address of a service for a credential. Throws as {@link decide} does. */
export function addressFor(
  service: Service,
  credential: Credential,
  { flags, facts }: { readonly flags: TargetFlags; readonly facts: Facts },
): string {
  if (credential.source !== "login") return namedAddress(service, flags, facts);
  const { login } = credential;
  if (service === "coordinator") return coordinatorOfLogin(flags, facts.variables, login);
  // A command must not work on two installations. The flags name only the engine.
  coordinatorOfLogin({}, facts.variables, login);
  return engineOfLogin(flags, facts.variables, login);
}

/**
 * The token for a service from the environment. Only the coordinator of a local Arcade accepts API keys. Reads a variable
 * only if it counts, because reading one that is not UTF-8 text fails.
 */
export function tokenFrom(variables: TargetVariables, service: Service): GivenToken | undefined {
  // A value may come from a file that ends in a newline.
  const apiKey = service === "engine" || isLocal(variables)
    ? variables.ARCADE_API_KEY?.trim()
    : undefined;
  if (apiKey) return { source: "ARCADE_API_KEY", token: new Sensitive(apiKey) };
  const token = variables.ARCADE_TOKEN?.trim();
  return token ? { source: "ARCADE_TOKEN", token: new Sensitive(token) } : undefined;
}

/** Whether the environment names a local Arcade, as `arcade local env` sets it. */
function isLocal(variables: TargetVariables): boolean {
  const { hostname = "" } = URL.parse(variables.ARCADE_COORDINATOR_URL?.trim() ?? "") ?? {};
  return isLoopback(hostname) && variables.ARCADE_API_KEY?.trim().startsWith("arc_local_") === true;
}

/** The address that the flags, the environment or the login name, or else the default. Sends no token there. */
export function namedAddress(service: Service, flags: TargetFlags, facts: Facts): string {
  const { variables, login } = facts;
  return service === "engine"
    ? engineUrl(flags, variables, login?.engineUrl ?? engineOfApiKey(flags, variables))
    : coordinatorUrl(flags, variables, login?.coordinatorUrl);
}

/** As in the Python CLI, ARCADE_URL and ARCADE_API_KEY together name a project for CI. */
function engineOfApiKey({ host }: AddressFlags, variables: TargetVariables): string | undefined {
  const isOverridden = host !== undefined || variables.ARCADE_ENGINE_URL;
  if (isOverridden || !variables.ARCADE_API_KEY?.trim() || !variables.ARCADE_URL) return undefined;
  return installationAddress(variables.ARCADE_URL, "ARCADE_URL");
}

/**
 * The coordinator that issued a login. Its tokens go to no other coordinator.
 *
 * @throws {Failure} of kind `login` when the flags or the environment name another one.
 */
export function coordinatorOfLogin(
  flags: AddressFlags,
  { ARCADE_COORDINATOR_URL }: TargetVariables,
  login: LoginAddresses,
): string {
  const issuer = requireInstallation(login, issuerOf(login));
  const isFlag = hasAddress(flags);
  if (!isFlag && !ARCADE_COORDINATOR_URL) return issuer;
  const named = coordinatorUrl(flags, { ARCADE_COORDINATOR_URL }, login.coordinatorUrl);
  if (named === issuer) return issuer;
  requireInstallation(login, named);
  const where = isFlag ? "the command line" : "ARCADE_COORDINATOR_URL";
  throw new Failure("login", `You are logged in at ${issuer}, but ${where} names ${named}`, {
    next: isFlag
      ? "Run `arcade login` with the same flags to log in there, or set ARCADE_TOKEN"
      : "Unset it, run `arcade login` to log in there, or set ARCADE_TOKEN",
  });
}

/**
 * The engine that can receive the access token of a login: the engine of the login, or the one in `--host`.
 *
 * @throws {Failure} of kind `login` when the environment names another one; of kind `usage` when none is known.
 */
export function engineOfLogin(
  flags: AddressFlags,
  { ARCADE_ENGINE_URL }: TargetVariables,
  login: LoginAddresses,
): string {
  if (flags.host !== undefined) return requireInstallation(login, engineUrl(flags, {}));
  const issuer = issuerOf(login);
  const hasOwn = login.engineUrl !== undefined || issuer === CLOUD_COORDINATOR;
  const own = hasOwn ? engineUrl({}, {}, login.engineUrl) : undefined;
  const named = ARCADE_ENGINE_URL ? engineUrl({}, { ARCADE_ENGINE_URL }) : own;
  if (named !== own) {
    if (named !== undefined) requireInstallation(login, named);
    const its = own === undefined ? "no known engine" : `the engine ${own}`;
    throw new Failure(
      "login",
      `The login at ${issuer} is for ${its}, but ARCADE_ENGINE_URL names ${named}`,
      {
        next:
          "Name the engine with `--host`, log in again with the variable set, or set ARCADE_TOKEN",
      },
    );
  }
  if (own === undefined) {
    throw new Failure("usage", `The engine of ${issuer} is unknown`, {
      next: "Name it with `--host`, or log in again with ARCADE_ENGINE_URL set",
    });
  }
  return requireInstallation(login, hasAddress(flags) ? engineUrl(flags, {}, own) : own);
}
