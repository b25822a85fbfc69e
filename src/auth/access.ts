/** Resolves the credential for a service, and checks its capabilities before any request. */

import type { ActiveProject } from "../active_project.ts";
import { type AuthorizedClient, bearerClient } from "../api/authorized_client.ts";
import type { CoordinatorAccess } from "../api/coordinator.ts";
import { Session } from "./session.ts";
import type { AddressFlags } from "../hosts/urls.ts";
import { Failure } from "../failure.ts";
import { type ContextFlag, notLoggedIn } from "./stored_login.ts";
import { credentialsPath } from "../store/credentials.ts";
import { mayExist } from "../files/private_file.ts";
import type { AuthContext } from "./context.ts";
import { findCredential, type GivenToken, type StoredIdentity } from "./credential.ts";

/** An authorized client of the engine. */
export interface EngineAccess {
  readonly client: AuthorizedClient;
  /** Its address, without a final slash. */
  readonly engine: string;
  /** The login; undefined when another credential decides the project. */
  readonly session: Session | undefined;
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
  flags: AddressFlags & ContextFlag,
  options: AccessOptions = {},
): Promise<EngineAccess> {
  const found = await findCredential(context, "engine", flags);
  if (found) {
    const { source } = found.credential;
    requireNoContext(source, flags);
    if (source === "ARCADE_API_KEY" && mayHaveLogin(context)) {
      context.notice("Using ARCADE_API_KEY instead of your login");
    }
    const client = await clientOf(context, found.credential, options);
    return { client, engine: found.address, session: undefined };
  }
  const session = await Session.open(
    context,
    { context: flags.context },
    () => notLoggedIn("Run `arcade login`, or set ARCADE_API_KEY in CI"),
  );
  return { client: session, engine: session.engine(flags), session };
}

/**
 * Access to the coordinator for commands that any credential may run, with the active organization and project of the
 * login. Throws as {@link accessEngine} does.
 */
export async function accessCoordinator(
  context: AuthContext,
  flags: AddressFlags & ContextFlag,
): Promise<CoordinatorAccess & { readonly chosen: ActiveProject | undefined }> {
  const found = await findCredential(context, "coordinator", flags);
  if (found) {
    requireNoContext(found.credential.source, flags);
    const client = await clientOf(context, found.credential, {});
    return { client, coordinator: found.address, chosen: undefined };
  }
  const hasApiKey = Boolean(context.env.ARCADE_API_KEY?.trim());
  const session = await Session.open(context, flags, hasApiKey ? apiKeyIsNotEnough : undefined);
  return { ...session.access, chosen: session.chosenProject };
}

/** Refuses `--context` where another credential would be used than the login of that context. */
function requireNoContext(
  source: (GivenToken | StoredIdentity)["source"],
  { context }: ContextFlag,
): void {
  if (context === undefined) return;
  const [what, next] = source === "identity"
    ? ["An identity for this host", "Remove it with `arcade identity remove`"]
    : [source, `Unset ${source}`];
  throw new Failure("usage", `${what} is used instead of the login of a context`, {
    next: `${next} to use \`--context\``,
  });
}

/** Whether a login may be stored. */
function mayHaveLogin({ folder }: AuthContext): boolean {
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
    { next: "Run `arcade login` for that" },
  );
}

async function clientOf(
  context: AuthContext,
  credential: GivenToken | StoredIdentity,
  { changesNothing }: AccessOptions,
): Promise<AuthorizedClient> {
  if (credential.source !== "identity") {
    const renewal = `Check ${credential.source}, or unset it to use the login`;
    return bearerClient(context, credential.token, { renewal });
  }
  const { identity: { hub, type, name, id, capabilities }, identity } = credential;
  const [{ storeHint, requireToken }, { covers }] = await Promise.all([
    import("./identity_token.ts"),
    import("../store/hub_identities.ts"),
  ]);
  const token = requireToken(identity, context.now());
  const needed = (context.result.capabilities ?? [])
    .filter((one) => !changesNothing || one.endsWith(":read"));
  const missing = needed.filter((one) => !covers(capabilities, one));
  // The hub decides what people may do.
  if (type === "agent" && missing.length > 0) {
    const who = name ?? id;
    throw new Failure(
      "forbidden",
      `The agent${who === undefined ? "" : ` "${who}"`} lacks ${missing.join(" and ")} on ${hub}`,
      { next: "Use an identity that has this capability, or store a token with it" },
    );
  }
  return bearerClient(context, token, { renewal: storeHint(hub) });
}
