/** The MCP server that a command works with, and its credential (docs/gateways.md). */

import type { McpCredential, McpServer } from "../../api/mcp_server.ts";
import { readBearerChallenge } from "../../api/challenge.ts";
import type { HttpContext } from "../../api/exchange.ts";
import type { HttpAnswer } from "../../api/http_message.ts";
import { reach, throughPeer } from "../../api/local_peer.ts";
import { refresh } from "../../auth/oauth.ts";
import { settingsOf } from "../../auth/mcp_authorization.ts";
import { validityOf } from "../../auth/login_changes.ts";
import { Failure } from "../../failure.ts";
import { isLoopback } from "../../hosts/address.ts";
import { pathSegment, whyUnusable } from "../../hosts/urls.ts";
import { withLock } from "../../files/lock.ts";
import {
  type McpLogin,
  readMcpLogin,
  removeMcpLogin,
  storeMcpLogin,
  withMcpLoginsLock,
} from "../../store/mcp_logins.ts";
import { accessEngine, type EngineCredential } from "../../target/access.ts";
import { addressFor, credentialFor } from "../../target/decide.ts";
import { readFacts } from "../../target/facts.ts";
import { type EngineFlags, openTarget } from "../../target/target.ts";
import type { Context } from "../context.ts";
import { logInAtServer, type McpLoginOptions } from "./mcp_login.ts";

/** The flags that choose the credential for a server. */
export interface McpServerFlags extends EngineFlags {
  readonly user?: string;
}

/** Where a credential comes from. */
export type CredentialSource = "login at the server" | "login" | "none";

/** A token is renewed this early. */
const EARLY_MS = 60_000;
/** How long another process may wait for its user to log in. */
const BROWSER_MS = 600_000;

/**
 * The address of an MCP server, or of a gateway by its slug.
 *
 * @throws {Failure} of kind `usage` when a client cannot use the address.
 */
export async function mcpAddress(
  context: Context,
  flags: EngineFlags,
  written: string,
): Promise<URL> {
  if (!/[:/]/.test(written)) {
    const { address } = await openTarget(context, flags);
    return new URL(`${address}/mcp/${pathSegment(written)}`);
  }
  const url = URL.parse(written);
  const why = written.includes("://")
    ? whyUnusable(written)
    : "does not begin with http:// or https://";
  if (url && why === undefined && !url.username && !url.password) {
    url.hash = "";
    return url;
  }
  throw new Failure(
    "usage",
    `The address of the server ${why ?? "contains a user name or a password"}`,
    {
      next: "Write it like https://api.arcade.dev/mcp/my-gateway",
    },
  );
}

/**
 * An MCP server. Requests use the login that is stored for it, or else the Arcade login if it is a gateway of the login's engine.
 * If the server requires a login, the user logs in to it. Each credential is sent only to its own server.
 */
export class AuthorizedMcpServer implements McpServer {
  readonly url: string;
  readonly #context: Context;
  readonly #flags: McpServerFlags;
  readonly #server: URL;
  readonly #options: McpLoginOptions;
  #login: McpLogin | undefined;
  #own: (() => Promise<McpCredential>) | undefined;
  #renewal: Promise<boolean> | undefined;
  /** Why the user did not log in. They are not asked again and again. */
  #refusal: Failure | undefined;
  #source: CredentialSource = "none";

  private constructor(
    context: Context,
    flags: McpServerFlags,
    { server, options }: { readonly server: URL; readonly options: McpLoginOptions },
  ) {
    this.#context = context;
    this.#flags = flags;
    this.#server = server;
    this.#options = options;
    this.url = server.href;
  }

  /**
   * Opens a server. Sends nothing to it yet.
   *
   * @param to.options the options of a login to the server.
   */
  static async open(
    context: Context,
    flags: McpServerFlags,
    to: { readonly server: URL; readonly options: McpLoginOptions },
  ): Promise<AuthorizedMcpServer> {
    const opened = new AuthorizedMcpServer(context, flags, to);
    opened.#login = readMcpLogin(context.files.folder(), opened.url);
    if (!opened.#login) opened.#own = await ownCredential(context, flags, to.server);
    return opened;
  }

  /** Where the credential of the last request came from. */
  get source(): CredentialSource {
    return this.#source;
  }

  /** A credential for the next request, without one if none is known. */
  async credential(): Promise<McpCredential> {
    const login = this.#login;
    if (login && this.#isDue(login) && login.refreshToken) await this.#refresh(login);
    if (this.#login) {
      this.#source = "login at the server";
      const http = this.#httpOf(this.#login);
      return { http, bearer: this.#login.accessToken, headers: {} };
    }
    const own = await this.#own?.();
    this.#source = own ? "login" : "none";
    return own ?? { http: this.#context.http, bearer: undefined, headers: {} };
  }

  /** Obtains another credential after a refusal: a renewed one, or a new login. */
  async renew(refused: McpCredential, answer: HttpAnswer): Promise<boolean> {
    // Concurrent requests share one login.
    this.#renewal ??= this.#renewOnce(refused, answer).finally(() => this.#renewal = undefined);
    return await this.#renewal;
  }

  async #renewOnce({ bearer }: McpCredential, answer: HttpAnswer): Promise<boolean> {
    const login = this.#login;
    const isOld = login !== undefined && bearer !== undefined && !login.accessToken.equals(bearer);
    if (isOld) return true; // another request has already renewed it
    if (login && answer.status === 401 && login.refreshToken && await this.#refresh(login)) {
      return true;
    }
    if (this.#refusal) throw this.#refusal;
    if (!login && bearer !== undefined && !readBearerChallenge(answer.headers)?.resourceMetadata) {
      const { statusFailure } = await import("../../api/errors.ts");
      throw statusFailure({ method: "POST", url: this.url }, answer, {
        renewal:
          "If the gateway accepts API keys, set ARCADE_API_KEY and name the user with `--user`",
      });
    }
    const { files, http } = this.#context;
    await withLock(
      files.folder(),
      ".mcp-logins-browser.lock",
      async () => {
        const stored = readMcpLogin(files.folder(), this.url);
        const isNew = stored && (bearer === undefined || !stored.accessToken.equals(bearer));
        if (isNew && !this.#isDue(stored)) this.#login = stored;
        else {
          const at = await this.#reach();
          const context = { ...this.#context, http: { ...at.http, signal: http.signal } };
          const to = { server: this.#server, refusal: answer, isProven: at.isProven };
          this.#login = await logInAtServer(context, to, this.#options).catch((error) => {
            if (error instanceof Failure && error.kind === "login") this.#refusal = error;
            throw error;
          });
        }
      },
      {
        timeoutMs: BROWSER_MS,
        windows: files.windows,
        ...(http.signal && { signal: http.signal }),
      },
    );
    this.#own = undefined;
    return true;
  }

  /** How a server of this machine is reached: a local Arcade through its socket. */
  async #reach(): Promise<{ readonly http: HttpContext; readonly isProven: boolean }> {
    const { http } = this.#context;
    return isLoopback(this.#server.hostname)
      ? await reach(this.#context, this.#server.origin)
      : { http, isProven: false };
  }

  #httpOf({ isProven }: McpLogin): HttpContext {
    return isProven ? throughPeer(this.#context, this.#server.origin) : this.#context.http;
  }

  #isDue({ expiresAt }: McpLogin): boolean {
    return expiresAt.getTime() - this.#context.clock.now().getTime() <= EARLY_MS;
  }

  /** Renews a login. False when its server refuses that; the login is then removed. */
  async #refresh(login: McpLogin): Promise<boolean> {
    const { files, signals, clock } = this.#context;
    return await withMcpLoginsLock(files, async () => {
      // Refresh tokens rotate, and another process may have renewed the login already.
      const stored = readMcpLogin(files.folder(), this.url);
      if (!stored?.refreshToken || !stored.accessToken.equals(login.accessToken)) {
        this.#login = stored;
        return stored !== undefined;
      }
      const settings = settingsOf(stored, stored.clientId);
      const { refreshToken, resource } = stored;
      return await signals.deferInterrupts(async () => {
        try {
          const http = { ...this.#httpOf(stored), signal: undefined };
          const tokens = await refresh(http, settings, refreshToken, { resource });
          this.#login = {
            ...stored,
            accessToken: tokens.accessToken,
            refreshToken: tokens.refreshToken ?? refreshToken,
            expiresAt: validityOf(tokens, settings, clock.now()).expiresAt,
          };
          await storeMcpLogin(files.folder(), this.#login);
          return true;
        } catch (error) {
          if (!(error instanceof Failure && error.kind === "login")) throw error;
          await removeMcpLogin(files.folder(), this.url);
          this.#login = undefined;
          return false;
        }
      });
    });
  }
}

/** The credential for a gateway of the engine; undefined for other servers, and if not logged in. */
export async function ownCredential(
  context: Context,
  flags: McpServerFlags,
  server: URL,
): Promise<(() => Promise<McpCredential>) | undefined> {
  const facts = await readFacts(context, "engine", flags);
  const credential = credentialFor("engine", flags, facts);
  if (credential.source === "none") return undefined;
  if (originOfEngine(() => addressFor("engine", credential, { flags, facts })) !== server.origin) {
    return undefined;
  }
  const access = await accessEngine(context, flags);
  const { ARCADE_USER_ID } = context.env;
  const user = flags.user ?? (access.session?.email || ARCADE_USER_ID);
  const headers = user === undefined ? {} : { "arcade-user-id": headerOf(user) };
  return async () => {
    const { http, bearer }: EngineCredential = await access.credential();
    return { http, bearer, headers };
  };
}

/** The origin of the engine; undefined when it is not known, or the variables contradict the login. */
function originOfEngine(find: () => string): string | undefined {
  try {
    return new URL(find()).origin;
  } catch (error) {
    if (error instanceof Failure) return undefined;
    throw error;
  }
}

function headerOf(user: string): string {
  if (/^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(user)) return user;
  throw new Failure("usage", "The user id has characters that a header cannot contain", {
    next: "Name the user with `--user`: usually an e-mail address",
  });
}
