/** A login in use: its access token is renewed when it is due, and never by two processes at once. */

import { Failure } from "../failure.ts";
import type { Sensitive } from "../sensitive.ts";
import {
  type ActiveContext,
  credentialsPath,
  type OAuthCredentials,
  withCredentialsLock,
  writeCredentials,
} from "../store/credentials.ts";
import { ensureWritable } from "../store/private_file.ts";
import {
  exchange,
  type HttpAnswer,
  type HttpContext,
  type HttpRequest,
  isSuccess,
  statusFailure,
} from "./http.ts";
import {
  type AddressFlags,
  coordinatorUrl,
  engineOfLogin,
  type ServiceEnvironment,
} from "./urls.ts";
import type { Caller } from "./caller.ts";
import type { CoordinatorAccess } from "./coordinator.ts";
import type { Tokens } from "./oauth.ts";
import { readLogin } from "./stored_login.ts";

/** A token counts as expired this long before its end (design, files on the user's machine). */
const EXPIRES_EARLY_MS = 300_000;

export interface SessionContext extends HttpContext {
  /** The Arcade folder. Throws a {@link Failure} when it is not known, which not every command has to ask. */
  readonly folder: () => string;
  readonly env: ServiceEnvironment;
  readonly now: () => Date;
  /**
   * Does work that must not be cut off. An interruption takes effect when the work is done, as a {@link Failure} of kind
   * `interrupted`; a second one at once.
   */
  readonly uninterrupted: <T>(work: () => Promise<T>) => Promise<T>;
}

export class Session implements Caller {
  readonly coordinator: string;
  readonly #context: SessionContext;
  #credentials: OAuthCredentials;
  #renewal: Promise<OAuthCredentials> | undefined;

  private constructor(
    context: SessionContext,
    credentials: OAuthCredentials,
    coordinator: string,
  ) {
    this.#context = context;
    this.#credentials = credentials;
    this.coordinator = coordinator;
  }

  /** Opens the stored login; see {@link readLogin} for what it throws. */
  static async open(context: SessionContext, flags: AddressFlags = {}): Promise<Session> {
    const credentials = await readLogin(context.folder());
    const coordinator = coordinatorUrl(flags, context.env, credentials.coordinatorUrl);
    return new Session(context, credentials, coordinator);
  }

  /** Whom to ask the coordinator as. */
  get access(): CoordinatorAccess {
    return { caller: this, coordinator: this.coordinator };
  }

  /** The engine that goes with the login. Throws as {@link engineOfLogin} does. */
  engine(flags: AddressFlags): string {
    return engineOfLogin(flags, this.#context.env, this.#credentials);
  }

  get email(): string {
    return this.#credentials.email;
  }

  /** The active organization and project. Throws a {@link Failure} of kind `usage` when none was chosen. */
  get activeContext(): ActiveContext {
    if (this.#credentials.context) return this.#credentials.context;
    throw new Failure("usage", "No organization and project are chosen", {
      next: "Choose with arcade org set and arcade project set",
    });
  }

  /** The active organization and project, if any were chosen. */
  get chosenContext(): ActiveContext | undefined {
    return this.#credentials.context;
  }

  /** An access token that is good for at least five minutes, renewed if it has to be. */
  async accessToken(): Promise<Sensitive> {
    if (isDue(this.#credentials, this.#context.now())) await this.#renew(undefined);
    return this.#credentials.accessToken;
  }

  async request(request: HttpRequest): Promise<HttpAnswer> {
    let bearer = await this.accessToken();
    let answer = await exchange(this.#context, { ...request, bearer });
    if (answer.status === 401) {
      // The clocks may differ, or the token was revoked: one new token is worth a try.
      await this.#renew(bearer);
      bearer = this.#credentials.accessToken;
      answer = await exchange(this.#context, { ...request, bearer });
    }
    if (!isSuccess(answer)) throw statusFailure({ ...request, bearer }, answer);
    return answer;
  }

  /** Stores another organization and project as the active ones. */
  async choose(chosen: ActiveContext): Promise<void> {
    await withCredentialsLock(this.#context.folder(), async () => {
      this.#credentials = { ...await readLogin(this.#context.folder()), context: chosen };
      await writeCredentials(this.#context.folder(), this.#credentials);
    });
  }

  async #renew(refused: Sensitive | undefined): Promise<void> {
    // Requests that run side by side share one renewal.
    this.#renewal ??= renew(this.#context, this.coordinator, refused);
    try {
      this.#credentials = await this.#renewal;
    } finally {
      this.#renewal = undefined;
    }
  }
}

/** When an access token ends, given the clock at the moment it came. */
export function expiryOf(tokens: Tokens, now: Date): Date {
  return new Date(now.getTime() + tokens.expiresInSeconds * 1000);
}

function isDue(credentials: OAuthCredentials, now: Date): boolean {
  return credentials.expiresAt.getTime() - now.getTime() <= EXPIRES_EARLY_MS;
}

/**
 * Renews the tokens under the credentials lock. Refresh tokens rotate, so after taking the lock the file is read again:
 * another process may have been faster, and its tokens are the ones to use then.
 */
function renew(
  context: SessionContext,
  coordinator: string,
  refused: Sensitive | undefined,
): Promise<OAuthCredentials> {
  return withCredentialsLock(context.folder(), async () => {
    const current = await readLogin(context.folder());
    const replaced = refused !== undefined && !current.accessToken.equals(refused);
    if (replaced || (refused === undefined && !isDue(current, context.now()))) return current;
    if (!current.refreshToken) throw loginEnded();
    // A rotated token that cannot be stored would be lost.
    ensureWritable(credentialsPath(context.folder()));
    const { fetchOAuthSettings, refresh, requireSameProtection } = await import("./oauth.ts");
    const settings = await fetchOAuthSettings(context, coordinator);
    requireSameProtection(coordinator, settings);
    const { refreshToken } = current;
    // From the moment that the old refresh token is sent, the new one is the only one there is.
    return await context.uninterrupted(async () => {
      let tokens: Tokens;
      try {
        tokens = await refresh({ ...context, signal: undefined }, settings, refreshToken);
      } catch (error) {
        throw error instanceof Failure && error.kind === "login" ? loginEnded(error) : error;
      }
      const renewed = {
        ...current,
        accessToken: tokens.accessToken,
        refreshToken: tokens.refreshToken ?? refreshToken,
        expiresAt: expiryOf(tokens, context.now()),
      };
      await writeCredentials(context.folder(), renewed);
      return renewed;
    });
  });
}

function loginEnded(cause?: Failure): Failure {
  return new Failure("login", "The login has ended and could not be renewed", {
    next: "Log in again: arcade logout, then arcade login",
    cause,
  });
}
