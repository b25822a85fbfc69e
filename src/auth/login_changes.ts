/**
 * Changes of the stored login: new tokens, another active project, its removal. Separate from the session, because few
 * commands need it.
 */

import type { ActiveProject } from "../contract/active_project.ts";
import type { OAuthSettings } from "../contract/oauth.ts";
import { issuerOf } from "../hosts/urls.ts";
import { Failure } from "../failure.ts";
import type { Sensitive } from "../secrecy/sensitive.ts";
import { type OAuthCredentials, readCredentials } from "../store/credentials.ts";
import {
  ensureStorable,
  removeLogin,
  withCredentialsLock,
  writeCredentials,
} from "../store/credentials_changes.ts";
import { fetchSettingsOf, refresh, serverOf, type Tokens } from "./oauth.ts";
import type { OpenContext } from "./context.ts";
import { isDue, loginEnded, notLoggedIn, requireLogin, sameContext } from "./stored_login.ts";

/** How long the renewal of a token that is still valid may delay a command. */
const EARLY_RENEWAL_MS = 5000;
/** The lock holder waits for two responses, so other processes wait slightly longer for the lock. */
const LOCK_ANSWERS = 2.5;
/** Longer lifetimes (RFC 6749, 5.1: seconds) are server errors. Python dates end at year 9999. */
const MAX_LIFETIME_SECONDS = 10 * 365 * 24 * 60 * 60;

/** How long new tokens are valid, and at which server, given the time when they arrived. */
export function validityOf(
  { expiresInSeconds }: Tokens,
  settings: OAuthSettings,
  now: Date,
): Pick<OAuthCredentials, "expiresAt" | "lifetimeSeconds" | "authorizationServer"> {
  const lifetimeSeconds = Math.min(expiresInSeconds, MAX_LIFETIME_SECONDS);
  return {
    expiresAt: new Date(now.getTime() + lifetimeSeconds * 1000),
    lifetimeSeconds: Math.ceil(lifetimeSeconds),
    authorizationServer: serverOf(settings),
  };
}

/** Removes the login from its context, unless another process has replaced it. */
export async function endLogin(context: OpenContext, login: OAuthCredentials): Promise<void> {
  const folder = context.files.folder();
  await withCredentialsLock(context.files, async () => {
    const current = await readSameLogin(context, login);
    if (!current.accessToken.equals(login.accessToken)) return;
    await removeLogin(folder, current.contextName);
  }, { isRemoval: true });
}

/** Stores the active organization and project of a login. Returns the login as it is stored now. */
export async function storeActiveProject(
  context: OpenContext,
  login: OAuthCredentials,
  activeProject: ActiveProject,
): Promise<OAuthCredentials> {
  const folder = context.files.folder();
  return await withCredentialsLock(context.files, async () => {
    const changed = { ...await readSameLogin(context, login), activeProject };
    await writeCredentials(folder, changed);
    return changed;
  });
}

/**
 * Renews the tokens at their issuer, under the credentials lock. Refresh tokens rotate, so after taking the lock the file is
 * read again: another process may have renewed the tokens already.
 *
 * @param login the login that the command started with.
 * @param refused the access token that a service refused; undefined when the token is due.
 */
export function renew(
  context: OpenContext,
  login: OAuthCredentials,
  refused: Sensitive | undefined,
): Promise<OAuthCredentials> {
  const folder = context.files.folder();
  const isValid = refused === undefined && login.expiresAt > context.clock.now();
  const waitMs = (answers: number) =>
    isValid
      ? Math.min(EARLY_RENEWAL_MS, answers * context.http.timeoutMs())
      : answers * context.http.timeoutMs();
  return withCredentialsLock(context.files, async () => {
    const current = await readSameLogin(context, login);
    // Tokens that another process renewed while this one waited for the lock are fresh, however soon they expire.
    const isReplaced = !current.accessToken.equals(refused ?? login.accessToken) &&
      (refused !== undefined || current.expiresAt > context.clock.now());
    if (isReplaced || (refused === undefined && !isDue(current, context.clock.now()))) {
      return current;
    }
    const { refreshToken } = current;
    if (!refreshToken) throw loginEnded(context, login);
    // Check first: a rotated token that cannot be stored is lost.
    await ensureStorable(folder, current);
    const settings = await fetchSettingsOf({ ...context.http, requestMs: waitMs(1) }, current);
    // Sending the old refresh token uses it up; after that only the new one is valid.
    return await context.signals.deferInterrupts(async () => {
      const sent = { ...context.http, requestMs: context.http.timeoutMs(), signal: undefined };
      let tokens: Tokens;
      try {
        tokens = await refresh(sent, settings, refreshToken);
      } catch (error) {
        if (!(error instanceof Failure && error.kind === "login")) throw error;
        // The Python CLI renews without a lock, and a refresh token can be used only once.
        const latest = await readSameLogin(context, login);
        if (latest.accessToken.equals(current.accessToken)) throw loginEnded(context, login, error);
        return latest;
      }
      const renewed = {
        ...current,
        accessToken: tokens.accessToken,
        refreshToken: tokens.refreshToken ?? refreshToken,
        ...validityOf(tokens, settings, context.clock.now()),
      };
      await writeCredentials(folder, renewed);
      return renewed;
    });
  }, { timeoutMs: waitMs(LOCK_ANSWERS) });
}

/**
 * The login that the context holds now.
 *
 * @throws {Failure} of kind `login` when its issuer or account differs from the one that the command started with.
 */
async function readSameLogin(
  context: OpenContext,
  first: OAuthCredentials,
): Promise<OAuthCredentials> {
  const folder = context.files.folder();
  const credentials = await readCredentials(folder, first.contextName);
  if (!credentials) throw notLoggedIn(context, context.named);
  const current = requireLogin(credentials, folder);
  const isSameAccount = first.accountId !== undefined && current.accountId !== undefined
    ? first.accountId === current.accountId
    : first.email === current.email; // the Python CLI stores no account id
  if (isSameAccount && issuerOf(first) === issuerOf(current)) return current;
  throw new Failure("login", "The login changed while the command was running", {
    next: `Check it with \`arcade whoami${
      sameContext(context.named)
    }\`, then run the command again`,
  });
}
