/** A login in use: renews its access token when due, and never from two processes at once. */

import type { ActiveProject } from "../active_project.ts";
import { Failure } from "../failure.ts";
import type { Sensitive } from "../sensitive.ts";
import {
  type CredentialsPlace,
  ensureStorable,
  type OAuthCredentials,
  readCredentials,
  removeLogin,
  withCredentialsLock,
  writeCredentials,
} from "../store/credentials.ts";
import {
  exchange,
  type HttpAnswer,
  type HttpContext,
  type HttpRequest,
  requireSuccess,
} from "../api/exchange.ts";
import {
  type AddressFlags,
  coordinatorOfLogin,
  engineOfLogin,
  issuerOf,
  requireInstallation,
  type ServiceEnvironment,
} from "../api/urls.ts";
import type { AuthorizedClient } from "../api/authorized_client.ts";
import type { CoordinatorAccess } from "../api/coordinator.ts";
import type { Tokens } from "./oauth.ts";
import {
  type ContextFlag,
  type LoginContext,
  notLoggedIn,
  readLogin,
  requireLogin,
} from "./stored_login.ts";

/** A token counts as expired this long before it expires (docs/contracts.md, Files). */
const EXPIRES_EARLY_MS = 300_000;
/** How long the renewal of a token that is still valid may delay a command. */
const EARLY_RENEWAL_MS = 5000;
/** The lock holder waits for two responses, so other processes wait slightly longer for the lock. */
const LOCK_ANSWERS = 2.5;
/** Longer lifetimes (RFC 6749, 5.1: seconds) are server errors. Python dates end at year 9999. */
const MAX_LIFETIME_SECONDS = 10 * 365 * 24 * 60 * 60;

export interface SessionContext extends HttpContext, LoginContext, CredentialsPlace {
  readonly env: ServiceEnvironment & LoginContext["env"];
  readonly now: () => Date;
  /** Whether nothing on this machine may change: no token is renewed, and no login is removed. */
  readonly isReadOnly?: true;
  /** Shows a warning to the user. */
  readonly warn: (line: string) => void;
  /**
   * Runs work that must complete. A first interruption takes effect afterwards, as a {@link Failure} of kind
   * `interrupted`; a second one exits immediately.
   */
  readonly deferInterrupts: <T>(work: () => Promise<T>) => Promise<T>;
}

/** The stored login in use. Its tokens go to the coordinator that issued them and to the engine of the login only. */
export class Session implements AuthorizedClient {
  readonly coordinator: string;
  readonly #context: SessionContext;
  #credentials: OAuthCredentials;
  #renewal: Promise<OAuthCredentials> | undefined;
  #hasWarned = false;

  private constructor(
    context: SessionContext,
    credentials: OAuthCredentials,
    coordinator: string,
  ) {
    this.#context = context;
    this.#credentials = credentials;
    this.coordinator = coordinator;
  }

  /**
   * Opens the stored login.
   *
   * @param flags which coordinator and which context the command line names.
   * @param missing the failure when not logged in.
   * @throws {Failure} as {@link readLogin} and {@link coordinatorOfLogin} do.
   */
  static async open(
    context: SessionContext,
    flags: AddressFlags & ContextFlag = {},
    missing: () => Failure = notLoggedIn,
  ): Promise<Session> {
    const credentials = await readLogin(context, flags, missing);
    return new Session(
      context,
      credentials,
      coordinatorOfLogin(flags, context.env, credentials),
    );
  }

  /** Coordinator URL and authorized client. */
  get access(): CoordinatorAccess {
    return { client: this, coordinator: this.coordinator };
  }

  /** The engine that goes with the login. Throws as {@link engineOfLogin} does. */
  engine(flags: AddressFlags): string {
    return engineOfLogin(flags, this.#context.env, this.#credentials);
  }

  get email(): string {
    return this.#credentials.email;
  }

  /** The active organization and project. Throws a {@link Failure} of kind `usage` without one. */
  get activeProject(): ActiveProject {
    if (this.#credentials.activeProject) return this.#credentials.activeProject;
    throw new Failure("usage", "No active organization and project", {
      next: "Choose them with `arcade org set` and `arcade project set`",
    });
  }

  /** The active organization and project, if set. */
  get chosenProject(): ActiveProject | undefined {
    return this.#credentials.activeProject;
  }

  /** An access token, renewed if it expires within five minutes. If renewal fails, a token that is still valid is used. */
  async accessToken(): Promise<Sensitive> {
    const now = this.#context.now();
    if (this.#context.isReadOnly) {
      if (this.#credentials.expiresAt <= now) throw loginEnded();
      return this.#credentials.accessToken;
    }
    if (isDue(this.#credentials, now) && !this.#hasWarned) {
      try {
        await this.#renew(undefined);
      } catch (error) {
        if (!canBeEndured(error) || this.#credentials.expiresAt <= now) throw error;
        // Later requests of this command skip the wait and the warning.
        this.#hasWarned = true;
        const end = this.#credentials.expiresAt.toLocaleTimeString("en-GB");
        this.#context.warn(`Could not renew the login, which expires at ${end}: ${error.message}`);
      }
    }
    return this.#credentials.accessToken;
  }

  async request(request: HttpRequest): Promise<HttpAnswer> {
    let bearer = await this.accessToken();
    let answer = await exchange(this.#context, { ...request, bearer });
    const isRefused = answer.status === 401 && !this.#context.isReadOnly;
    if (isRefused && await this.#isTooWeak(answer)) {
      await this.#end();
    } else if (isRefused) {
      // The clocks may differ, or the token was revoked, so retry once with a new token.
      await this.#renew(bearer);
      bearer = this.#credentials.accessToken;
      answer = await exchange(this.#context, { ...request, bearer });
    }
    await requireSuccess({ ...request, bearer }, answer);
    return answer;
  }

  /** Whether the service requires a stronger authentication, which a renewal does not give (RFC 9470). */
  async #isTooWeak({ headers }: HttpAnswer): Promise<boolean> {
    const { readChallenge } = await import("../api/challenge.ts");
    return readChallenge(headers) !== undefined;
  }

  /** Removes the login from its context, unless another process has replaced it. */
  async #end(): Promise<void> {
    const folder = this.#context.folder();
    await withCredentialsLock(this.#context, async () => {
      const current = await readSameLogin(folder, this.#credentials);
      if (!current.accessToken.equals(this.#credentials.accessToken)) return;
      await removeLogin(folder, current.contextName);
    }, { isRemoval: true });
  }

  /** Stores another organization and project as the active ones. */
  async choose(chosen: ActiveProject): Promise<void> {
    const folder = this.#context.folder();
    await withCredentialsLock(this.#context, async () => {
      const current = await readSameLogin(folder, this.#credentials);
      this.#credentials = { ...current, activeProject: chosen };
      await writeCredentials(folder, this.#credentials);
    });
  }

  async #renew(refused: Sensitive | undefined): Promise<void> {
    // Concurrent requests share one renewal.
    this.#renewal ??= this.#context.networkTime.during(
      () => "Renewing the login",
      () => renew(this.#context, this.#credentials, refused),
    );
    try {
      this.#credentials = await this.#renewal;
    } finally {
      this.#renewal = undefined;
    }
  }
}

/** When an access token ends, given the clock at the moment it came. */
export function expiryOf(tokens: Tokens, now: Date): Date {
  return new Date(now.getTime() + Math.min(tokens.expiresInSeconds, MAX_LIFETIME_SECONDS) * 1000);
}

function isDue(credentials: OAuthCredentials, now: Date): boolean {
  return credentials.expiresAt.getTime() - now.getTime() <= EXPIRES_EARLY_MS;
}

/** Whether a renewal failed for another reason than a refusal, so that the current token may still be valid. */
function canBeEndured(error: unknown): error is Failure {
  return error instanceof Failure &&
    ["network", "server", "file", "not-found", "forbidden"].includes(error.kind);
}

/**
 * Renews the tokens at their issuer, under the credentials lock. Refresh tokens rotate, so after taking the lock the file is
 * read again: another process may have renewed the tokens already.
 *
 * @param login the login that the command started with.
 * @param refused the access token that a service refused; undefined when the token is due.
 */
function renew(
  context: SessionContext,
  login: OAuthCredentials,
  refused: Sensitive | undefined,
): Promise<OAuthCredentials> {
  const folder = context.folder();
  const isValid = refused === undefined && login.expiresAt > context.now();
  const waitMs = (answers: number) =>
    isValid ? Math.min(EARLY_RENEWAL_MS, answers * context.timeoutMs) : answers * context.timeoutMs;
  return withCredentialsLock(context, async () => {
    const current = await readSameLogin(folder, login);
    const isReplaced = refused !== undefined && !current.accessToken.equals(refused);
    if (isReplaced || (refused === undefined && !isDue(current, context.now()))) return current;
    const { refreshToken } = current;
    if (!refreshToken) throw loginEnded();
    // Check first: a rotated token that cannot be stored is lost.
    await ensureStorable(folder, current);
    const { fetchOAuthSettings, refresh, requireSameProtection } = await import("./oauth.ts");
    const issuer = requireInstallation(current, issuerOf(current));
    const settings = await fetchOAuthSettings({ ...context, requestMs: waitMs(1) }, issuer);
    requireSameProtection(issuer, settings);
    // Sending the old refresh token spends it; after that only the new one is valid.
    return await context.deferInterrupts(async () => {
      const sent = { ...context, requestMs: context.timeoutMs, signal: undefined };
      let tokens: Tokens;
      try {
        tokens = await refresh(sent, settings, refreshToken);
      } catch (error) {
        if (!(error instanceof Failure && error.kind === "login")) throw error;
        // The Python CLI renews without a lock, and a refresh token is good for one use.
        const latest = await readSameLogin(folder, login);
        if (latest.accessToken.equals(current.accessToken)) throw loginEnded(error);
        return latest;
      }
      const renewed = {
        ...current,
        accessToken: tokens.accessToken,
        refreshToken: tokens.refreshToken ?? refreshToken,
        expiresAt: expiryOf(tokens, context.now()),
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
async function readSameLogin(folder: string, first: OAuthCredentials): Promise<OAuthCredentials> {
  const credentials = await readCredentials(folder, first.contextName);
  if (!credentials) throw notLoggedIn();
  const current = requireLogin(credentials, folder);
  const isSameAccount = first.accountId !== undefined && current.accountId !== undefined
    ? first.accountId === current.accountId
    : first.email === current.email; // the Python CLI stores no account id
  if (isSameAccount && issuerOf(first) === issuerOf(current)) return current;
  throw new Failure("login", "The login changed while the command ran", {
    next: "Check it with `arcade whoami`, then run the command again",
  });
}

function loginEnded(cause?: Failure): Failure {
  return new Failure("login", "The login has expired and could not be renewed", {
    next: "Run `arcade logout`, then `arcade login`",
    cause,
  });
}
