/** The parts of a login that do not depend on how the user approves it. */

import { chooseDefault, fetchAccount, fetchAccountOf } from "../../api/coordinator.ts";
import { requireProtection } from "../../api/exchange.ts";
import { reach } from "../../api/local_peer.ts";
import { validityOf } from "../../auth/login_changes.ts";
import { revoke, serverOf, type Tokens } from "../../auth/oauth.ts";
import { prepareRevocation, withinRevocationTime } from "../../auth/revocation.ts";
import { Session } from "../../auth/session.ts";
import { type ContextFlag, namedContext, olderVersion } from "../../auth/stored_login.ts";
import type { Account } from "../../contract/coordinator.ts";
import type { OAuthSettings } from "../../contract/oauth.ts";
import { Failure } from "../../failure.ts";
import { isLoopback } from "../../hosts/address.ts";
import { isCloudAddress, isSameServer } from "../../hosts/cloud.ts";
import { type AddressFlags, issuerOf } from "../../hosts/urls.ts";
import {
  CorruptFile,
  findContext,
  type OAuthCredentials,
  readContexts,
  type StoredContext,
} from "../../store/credentials.ts";
import {
  prepareForLogin,
  storeLogin,
  withCredentialsLock,
} from "../../store/credentials_changes.ts";
import { forgetPending } from "./forget_pending.ts";
import { seconds } from "../../system/environment.ts";
import { withDeadline } from "../../system/waiting.ts";
import { printable } from "../../terminal/safe_text.ts";
import { shellWord } from "../../text/shell_word.ts";
import type { Context } from "../context.ts";
import type { IfNotExistsFlag } from "../shared/existing.ts";
import type { JsonFlag } from "../shared/flags.ts";
import { writeJson } from "../shared/json.ts";
import { loginToJson } from "../shared/login_fields.ts";

export interface LoginFlags extends AddressFlags, ContextFlag, JsonFlag, IfNotExistsFlag {
  readonly url?: string;
  readonly local?: boolean;
  readonly browser?: boolean;
  readonly device?: boolean;
  readonly callbackPort: number;
  readonly timeout?: number;
  readonly noWait?: boolean;
  readonly resume?: boolean;
}

const TIMEOUT_SECONDS = 600;

/** The installation to log in to, and the context that the login is stored in. */
export interface LoginTarget {
  readonly contextName: string;
  /** Without a final slash, like the other addresses. */
  readonly coordinator: string;
  /** Undefined for the default engine of the coordinator. */
  readonly engine: string | undefined;
  readonly dashboard: string | undefined;
  /** Whether the installation provides the addresses of its services, and therefore the name of the context. */
  readonly isFound: boolean;
}

/** The same, and whether a local Arcade has proven itself there. */
export interface ProvenTarget extends LoginTarget {
  readonly isProven: boolean;
}

/** A new login, as it was stored. */
export interface Accepted {
  readonly account: Account;
  readonly login: OAuthCredentials;
}

/** The login that a new one replaces; undefined without one. */
export interface Previous {
  readonly login: OAuthCredentials | undefined;
  /** Whether it is at another coordinator. */
  readonly isElsewhere: boolean;
}

/**
 * The login in the context of a new one; undefined if the user is logged in there already, which is reported.
 *
 * @param options.isNamed whether a flag or a variable says where to log in.
 * @throws {Failure} of kind `usage` when the installation alone decides to replace the login at another one.
 */
export async function findReplaced(
  context: Context,
  flags: LoginFlags,
  { target, isNamed }: { readonly target: LoginTarget; readonly isNamed: boolean },
): Promise<Previous | undefined> {
  const { contextName, coordinator, isFound } = target;
  const login = (await findPrevious(context, contextName))?.login;
  const isElsewhere = login !== undefined && isNamed && issuerOf(login) !== coordinator;
  if (login && !isElsewhere && await isLoggedIn(context, flags, login)) return undefined;
  const isLocal = isElsewhere && [issuerOf(login), coordinator].every(isLoopbackAddress);
  if (isElsewhere && isFound && !isLocal && namedContext(context, flags) === undefined) {
    // The installation decides this name, so it replaces nothing unless the user asks for it.
    throw new Failure("usage", `The context "${contextName}" is a login at ${issuerOf(login)}`, {
      next: "Choose another name with `--context`",
    });
  }
  return { login, isElsewhere };
}

/**
 * Logs in within the time limit, and revokes the login at another coordinator that the new one replaces.
 *
 * @param work logs in with the requests of its context.
 */
export async function replaceLogin(
  context: Context,
  { previous: { login: previous, isElsewhere }, target, limitSeconds }: {
    readonly previous: Previous;
    readonly target: LoginTarget;
    readonly limitSeconds: number;
  },
  work: (context: Bounded, target: ProvenTarget) => Promise<void>,
): Promise<void> {
  const aside = await prepareForLogin(context.files, context.clock.now());
  if (aside !== undefined) {
    context.io.info(`The old credentials were unreadable and moved to ${aside}`);
  }
  if (isElsewhere && previous) {
    context.io.info(`Replacing your login as ${previous.email} at ${issuerOf(previous)}`);
  }
  const revokePrevious = isElsewhere && previous
    ? await prepareRevocation(context, previous)
    : undefined;
  await withinLimit(context, { target, limitSeconds }, work);
  await revokePrevious?.();
}

/** A context whose requests end with a time limit or Ctrl-C. */
export type Bounded = Context & {
  readonly http: Context["http"] & { readonly signal: AbortSignal };
};

/** Runs `work` with requests that reach the coordinator and end with the time limit or Ctrl-C. */
export async function withinLimit(
  context: Context,
  { target, limitSeconds }: { readonly target: LoginTarget; readonly limitSeconds: number },
  work: (context: Bounded, target: ProvenTarget) => Promise<void>,
): Promise<void> {
  const late = () =>
    new Failure("login", `Login timed out after ${limitSeconds} s`, {
      next: "Run the same command again, with a longer `--timeout` if you need it",
    });
  const at = await reach(context, target.coordinator);
  requireProtection(target.coordinator);
  await withDeadline(
    { milliseconds: limitSeconds * 1000, late, signal: context.signals.interruption() },
    (signal) =>
      work(
        { ...context, http: { ...at.http, signal } },
        { ...target, isProven: at.isProven },
      ),
  );
}

/** How long a login waits for the user. */
export function limitOf({ env }: Context, { timeout }: LoginFlags): number {
  return timeout ?? seconds(env, "ARCADE_LOGIN_TIMEOUT_SECONDS", TIMEOUT_SECONDS);
}

/** The stored context with this name; undefined without one, or when the file is corrupt. */
export async function findPrevious(
  context: Context,
  contextName: string,
): Promise<StoredContext | undefined> {
  const folder = context.files.folder();
  try {
    const contexts = await readContexts(folder);
    const found = contexts.find((one) => one.contextName === contextName);
    if (!found?.login && contexts.length === 1 && contexts[0]?.isLegacy) throw olderVersion(folder);
    return found;
  } catch (error) {
    if (error instanceof CorruptFile) return undefined;
    throw error;
  }
}

/** Reports the current user, if the server still accepts the stored login. */
async function isLoggedIn(
  context: Context,
  flags: JsonFlag,
  login: OAuthCredentials,
): Promise<boolean> {
  const logout = `arcade logout --context ${shellWord(login.contextName)}`;
  try {
    const session = await Session.open(context, login, {
      coordinator: issuerOf(login),
      flags: {},
    });
    if ((await fetchAccountOf(session.access)).isTooWeak) return false;
  } catch (error) {
    if (!(error instanceof Failure) || error.kind === "interrupted") throw error;
    if (error.kind === "login") return false;
    throw new Failure(
      error.kind,
      `Could not check the login as ${login.email} at ${issuerOf(login)}: ${error.message}`,
      { next: `Try again, or run \`${logout}\` and log in elsewhere`, cause: error },
    );
  }
  context.io.info(
    `Already logged in as ${login.email} at ${issuerOf(login)}. ` +
      `To switch users, run \`${logout}\` first; to log in elsewhere, use \`--url\``,
  );
  const active = await findContext(context.files.folder(), undefined);
  if (active?.contextName !== login.contextName) {
    context.io.info(`To work there, run \`arcade context set ${shellWord(login.contextName)}\``);
  }
  writeLogin(context, flags, { contextName: login.contextName, login, isNew: false });
  return true;
}

/** Shows the services of a login if they are on several servers, because one of them may belong to someone else. */
export function showServices(
  context: Context,
  { coordinator, engine, dashboard }: LoginTarget,
  settings: OAuthSettings,
): void {
  const services = Object.entries({
    coordinator,
    engine,
    dashboard,
    "sign-in": serverOf(settings),
  }).flatMap(([name, address]) => address === undefined ? [] : [{ name, address }]);
  if (services.every(({ address }) => isSameServer(coordinator, address))) return;
  context.io.info(
    "This login uses several servers; cancel it if you do not recognize one of them:",
  );
  for (const { name, address } of services) {
    context.io.stderr.write(`  ${name.padEnd(11)}  ${printable(address)}\n`);
  }
}

/** Fetches the account and stores the login. Revokes the tokens if that fails. */
export async function accept(
  context: Context,
  { contextName, coordinator, engine, dashboard, isProven }: ProvenTarget,
  settings: OAuthSettings,
  tokens: Tokens,
): Promise<Accepted> {
  const validity = validityOf(tokens, settings, context.clock.now());
  try {
    const account = await fetchAccount(context.http, coordinator, tokens.accessToken);
    if (account.isTooWeak) {
      const { strongAuthenticationFailure } = await import("../../api/errors.ts");
      throw strongAuthenticationFailure({}, "Run the same command again");
    }
    const organization = chooseDefault(account.organizations);
    const project = chooseDefault(account.projects);
    const login: OAuthCredentials = {
      kind: "oauth",
      contextName,
      installation: [coordinator, engine ?? ""].some(isCloudAddress) ? "cloud" : "self_hosted",
      coordinatorUrl: coordinator,
      engineUrl: engine,
      dashboardUrl: dashboard,
      accessToken: tokens.accessToken,
      refreshToken: tokens.refreshToken,
      ...validity,
      email: account.email,
      accountId: account.id || undefined,
      activeProject: organization && project && {
        orgId: organization.id,
        orgName: organization.name,
        projectId: project.id,
        projectName: project.name,
      },
    };
    await withCredentialsLock(context.files, async () => {
      await storeLogin(context.files.folder(), login, { isProven });
      forgetPending(context, (one) => one.contextName === contextName);
    });
    return { account, login };
  } catch (error) {
    await withinRevocationTime(context.http, (bounded) => revoke(bounded, settings, tokens));
    throw error;
  }
}

export function welcome(context: Context, flags: JsonFlag, { account, login }: Accepted): void {
  const { activeProject } = login;
  context.io.info(`Logged in as ${account.email}`);
  if (activeProject) {
    context.io.info(`Organization: ${activeProject.orgName}`);
    context.io.info(`Project: ${activeProject.projectName}`);
  } else {
    context.io.info("No active organization and project; choose them with `arcade org set`");
  }
  writeLogin(context, flags, { contextName: login.contextName, login, isNew: true });
}

/** With `--json`, prints the login of a context. */
export function writeLogin(
  context: Context,
  { json }: JsonFlag,
  { contextName, login, isNew }: {
    readonly contextName: string;
    readonly login: OAuthCredentials | undefined;
    readonly isNew: boolean;
  },
): void {
  const existing = isNew ? [] : [contextName];
  if (json) writeJson(context, { context: contextName, ...loginToJson(login), existing });
}

/** Whether an address is on this machine, where local Arcades start and stop. */
export function isLoopbackAddress(address: string): boolean {
  return isLoopback(new URL(address).hostname);
}
