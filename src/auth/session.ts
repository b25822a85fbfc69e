/** A login in use: its access token, renewed when due. */

import type { ActiveProject } from "../contract/active_project.ts";
import { Failure } from "../failure.ts";
import type { Sensitive } from "../secrecy/sensitive.ts";
import type { OAuthCredentials } from "../store/credentials.ts";
import { httpOfLogin } from "../api/reach.ts";
import { exchange, type HttpContext, requireSuccess } from "../api/exchange.ts";
import { type HttpAnswer, type HttpRequest } from "../api/http_message.ts";
import type { AuthorizedClient } from "../api/authorized_client.ts";
import type { CoordinatorAccess } from "../api/coordinator.ts";
import type { OpenContext, SessionContext } from "./context.ts";
import {
  type ContextFlag,
  isDue,
  loginCommand,
  loginEnded,
  namedContext,
  sameContext,
} from "./stored_login.ts";

/** The stored login in use. Its tokens go to the coordinator that issued them and to the engine of the login only. */
export class Session implements AuthorizedClient {
  readonly coordinator: string;
  /** The flags or variables that name the project of its requests, for hints; undefined for the active one. */
  projectFrom: string | undefined;
  readonly #context: OpenContext;
  #credentials: OAuthCredentials;
  #renewal: Promise<OAuthCredentials> | undefined;
  #hasWarned = false;

  private constructor(
    context: OpenContext,
    credentials: OAuthCredentials,
    coordinator: string,
  ) {
    this.#context = context;
    this.#credentials = credentials;
    this.coordinator = coordinator;
  }

  /**
   * Opens a stored login.
   *
   * @param options.coordinator its issuer, without a final slash.
   * @param options.flags which context the command line names, for hints.
   * @param options.namedEngine the engine that the command line names, which can differ from the login's engine.
   */
  static async open(
    context: SessionContext,
    login: OAuthCredentials,
    { coordinator, flags, namedEngine }: {
      readonly coordinator: string;
      readonly flags: ContextFlag;
      readonly namedEngine?: string | undefined;
    },
  ): Promise<Session> {
    const http = await httpOfLogin(context, login, namedEngine);
    const named = namedContext(context, flags);
    return new Session({ ...context, http, named }, login, coordinator);
  }

  /** Where its tokens may be sent. */
  get http(): HttpContext {
    return this.#context.http;
  }

  /** Coordinator URL and authorized client. */
  get access(): CoordinatorAccess {
    return { client: this, coordinator: this.coordinator };
  }

  /** The context of the login. */
  get contextName(): string {
    return this.#credentials.contextName;
  }

  get email(): string {
    return this.#credentials.email;
  }

  /** The active organization and project. Throws a {@link Failure} of kind `usage` without one. */
  get activeProject(): ActiveProject {
    if (this.#credentials.activeProject) return this.#credentials.activeProject;
    const context = sameContext(this.#context.named);
    throw new Failure("usage", "No active organization and project", {
      next: `Choose them with \`arcade org set${context}\` and \`arcade project set${context}\``,
    });
  }

  /** The active organization and project, if set. */
  get chosenProject(): ActiveProject | undefined {
    return this.#credentials.activeProject;
  }

  /** An access token, renewed if it expires soon. If renewal fails, a token that is still valid is used. */
  async accessToken(): Promise<Sensitive> {
    const now = this.#context.clock.now();
    if (this.#context.files.isReadOnly) {
      if (this.#credentials.expiresAt <= now) throw loginEnded(this.#context, this.#credentials);
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
        this.#context.io.warn(
          `Could not renew the login, which expires at ${end}: ${error.message}`,
        );
      }
    }
    return this.#credentials.accessToken;
  }

  async request(request: HttpRequest): Promise<HttpAnswer> {
    let bearer = await this.accessToken();
    let answer = await exchange(this.#context.http, { ...request, bearer });
    const isRefused = answer.status === 401 && !this.#context.files.isReadOnly;
    if (isRefused && await this.#isTooWeak(answer)) {
      await this.#end();
    } else if (isRefused) {
      // The clocks may differ, or the token was revoked, so retry once with a new token.
      await this.#renew(bearer);
      bearer = this.#credentials.accessToken;
      answer = await exchange(this.#context.http, { ...request, bearer });
    }
    await requireSuccess({ ...request, bearer }, answer, {
      renewal: `Run ${loginCommand(this.#context, this.#credentials.contextName)}`,
      sameContext: sameContext(this.#context.named),
      projectFrom: this.projectFrom,
    });
    return answer;
  }

  /** Whether the service requires a stronger authentication, which a renewal does not give (RFC 9470). */
  async #isTooWeak({ headers }: HttpAnswer): Promise<boolean> {
    const { readChallenge } = await import("../api/challenge.ts");
    return readChallenge(headers) !== undefined;
  }

  /** Removes the login, and keeps the context. */
  async #end(): Promise<void> {
    const { endLogin } = await import("./login_changes.ts");
    await endLogin(this.#context, this.#credentials);
  }

  /** Changes the active organization and project. */
  async choose(chosen: ActiveProject): Promise<void> {
    const { storeActiveProject } = await import("./login_changes.ts");
    this.#credentials = await storeActiveProject(this.#context, this.#credentials, chosen);
  }

  async #renew(refused: Sensitive | undefined): Promise<void> {
    // Concurrent requests share one renewal.
    this.#renewal ??= this.#context.http.networkTime.during(
      () => "Renewing the login",
      async () => {
        const { renew } = await import("./login_changes.ts");
        return await renew(this.#context, this.#credentials, refused);
      },
    );
    try {
      this.#credentials = await this.#renewal;
    } finally {
      this.#renewal = undefined;
    }
  }
}

/** Whether a renewal failed for another reason than a refusal, so that the current token may still be valid. */
function canBeEndured(error: unknown): error is Failure {
  return error instanceof Failure &&
    (error.isOfService || ["file", "not-found", "forbidden"].includes(error.kind));
}
