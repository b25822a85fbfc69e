/** Opens the services: finds the server and the credential of requests, and checks capabilities first. */

import type { ActiveProject } from "../contract/active_project.ts";
import { type AuthorizedClient, bearerClient } from "../api/authorized_client.ts";
import type { CoordinatorAccess } from "../api/coordinator.ts";
import type { HttpContext } from "../api/exchange.ts";
import { httpOfToken } from "../api/reach.ts";
import type { AuthContext } from "../auth/context.ts";
import { Session } from "../auth/session.ts";
import { type ContextFlag, namedContext, notLoggedIn, readLogin } from "../auth/stored_login.ts";
import { Failure } from "../failure.ts";
import { issuerOf } from "../hosts/urls.ts";
import { mayExist } from "../files/private_file.ts";
import type { Sensitive } from "../secrecy/sensitive.ts";
import { credentialsPath } from "../store/credentials.ts";
import {
  coordinatorOfLogin,
  decide,
  type Destination,
  type GivenToken,
  type StoredIdentity,
  type TargetFlags,
} from "./decide.ts";
import { readFacts } from "./facts.ts";

/** An authenticated client of the engine. */
export interface EngineAccess {
  readonly client: AuthorizedClient;
  /** Its address, without a final slash. */
  readonly engine: string;
  /** The login; undefined when another credential decides the project. */
  readonly session: Session | undefined;
  /** The credential of a request, for responses that do not come from an API. */
  readonly credential: () => Promise<EngineCredential>;
}

/** A token, and where it can be sent. */
export interface EngineCredential {
  readonly http: HttpContext;
  readonly bearer: Sensitive;
}

export interface AccessOptions {
  /** Whether the command changes nothing this time, as with `--dry-run`. */
  readonly changesNothing?: boolean | undefined;
}

/**
 * Access to the engine.
 *
 * @throws {Failure} of kind `login` without a valid credential; of kind `forbidden` when an agent lacks a capability that
 * the command declares.
 */
export async function accessEngine(
  context: AuthContext,
  flags: TargetFlags,
  options: AccessOptions = {},
): Promise<EngineAccess> {
  const facts = await readFacts(context, "engine", flags);
  const { credential, address: engine } = decide("engine", flags, facts);
  switch (credential.source) {
    case "none":
      throw await missingLogin(context, flags, ", or set ARCADE_API_KEY in CI");
    case "login": {
      const coordinator = issuerOf(credential.login); // `decide` has checked it
      const namedEngine = flags.host === undefined ? undefined : engine;
      const session = await Session.open(context, credential.login, {
        coordinator,
        namedEngine,
        flags,
      });
      const sent = async () => ({ http: session.http, bearer: await session.accessToken() });
      return { client: session, engine, session, credential: sent };
    }
    default: {
      requireNoContext(credential.source, flags);
      if (credential.source === "ARCADE_API_KEY" && mayHaveLogin(context)) {
        context.io.notice("Using ARCADE_API_KEY instead of your login");
      }
      const { client, sent } = await clientOf(context, { credential, address: engine }, options);
      return { client, engine, session: undefined, credential: () => Promise.resolve(sent) };
    }
  }
}

/**
 * Access to the coordinator for commands that any credential may run, with the active organization and project of the
 * login. Throws as {@link accessEngine} does.
 */
export async function accessCoordinator(
  context: AuthContext,
  flags: TargetFlags,
): Promise<
  CoordinatorAccess & {
    readonly chosen: ActiveProject | undefined;
    readonly session: Session | undefined;
  }
> {
  const facts = await readFacts(context, "coordinator", flags);
  const { credential, address: coordinator } = decide("coordinator", flags, facts);
  switch (credential.source) {
    case "none":
      if (context.env.ARCADE_API_KEY?.trim()) throw apiKeyIsNotEnough();
      throw await missingLogin(context, flags);
    case "login": {
      const session = await Session.open(context, credential.login, { coordinator, flags });
      return { ...session.access, chosen: session.chosenProject, session };
    }
    default: {
      requireNoContext(credential.source, flags);
      const { client } = await clientOf(context, { credential, address: coordinator }, {});
      return { client, coordinator, chosen: undefined, session: undefined };
    }
  }
}

/**
 * The login itself, for commands that change it or need its projects, whatever other credentials there are.
 *
 * @throws {Failure} of kind `login` without one, or when another coordinator is named.
 */
export async function openLogin(context: AuthContext, flags: TargetFlags): Promise<Session> {
  const login = await readLogin(context, flags);
  const coordinator = coordinatorOfLogin(flags, context.env, login);
  return await Session.open(context, login, { coordinator, flags });
}

/** The failure without a login, or with credentials of an older version. */
async function missingLogin(
  context: AuthContext,
  flags: ContextFlag,
  otherwise?: string,
): Promise<Failure> {
  const missing = notLoggedIn(context, namedContext(context, flags), otherwise);
  await readLogin(context, flags, () => missing);
  return missing;
}

/** Refuses `--context` if a credential other than that context's login would be used. */
function requireNoContext(
  source: (GivenToken | StoredIdentity)["source"],
  { context }: ContextFlag,
): void {
  if (context === undefined) return;
  const [what, next] = source === "identity"
    ? ["An identity for this host", "Remove it with `arcade identity remove`"]
    : [source, `Unset ${source}`];
  throw new Failure("usage", `${what} is used instead of a context's login`, {
    next: `${next} to use \`--context\``,
  });
}

/** Whether a login may be stored. */
function mayHaveLogin({ files: { folder } }: AuthContext): boolean {
  try {
    return mayExist(credentialsPath(folder()));
  } catch (error) {
    if (error instanceof Failure) return false; // an unknown home folder
    throw error;
  }
}

/** The coordinator accepts no API keys, so one does not replace a missing login. */
function apiKeyIsNotEnough(): Failure {
  return new Failure(
    "login",
    "ARCADE_API_KEY belongs to one project and cannot list organizations or projects",
    { next: "Run `arcade login` to list them" },
  );
}

async function clientOf(
  context: AuthContext,
  { credential, address }: Destination<GivenToken | StoredIdentity>,
  { changesNothing }: AccessOptions,
): Promise<{ readonly client: AuthorizedClient; readonly sent: EngineCredential }> {
  if (credential.source !== "identity") {
    const { source, token } = credential;
    const renewal = `Check ${source}, or unset it to use the login`;
    const http = await httpOfToken(context, token, { address, source });
    const client = bearerClient(http, token, { renewal, projectFrom: source });
    return { client, sent: { http, bearer: token } };
  }
  const { identity: { hub, type, name, id, capabilities }, identity } = credential;
  const [{ storeHint, requireToken }, { covers }] = await Promise.all([
    import("../auth/identity_token.ts"),
    import("../store/hub_identity.ts"),
  ]);
  const token = requireToken(identity, context.clock.now());
  const needed = context.capabilities
    .filter((one) => !changesNothing || one.endsWith(":read"));
  const missing = needed.filter((one) => !covers(capabilities, one));
  // The hub decides what humans are allowed to do.
  if (type === "agent" && missing.length > 0) {
    const who = name ?? id;
    throw new Failure(
      "forbidden",
      `The agent${who === undefined ? "" : ` "${who}"`} lacks ${missing.join(" and ")} on ${hub}`,
      { next: "Use an identity that has this capability, or store a token with it" },
    );
  }
  const source = `The identity for ${hub}`;
  const http = await httpOfToken(context, token, { address, source });
  const client = bearerClient(http, token, {
    renewal: storeHint(hub),
    projectFrom: `the identity for ${hub}`,
  });
  return { client, sent: { http, bearer: token } };
}
