/** Logs in to an MCP server with its own authorization server. */

import {
  fetchAuthorizationServer,
  fetchResource,
  registerClient,
  scopeToAsk,
  settingsOf,
} from "../../auth/mcp_authorization.ts";
import { validityOf } from "../../auth/login_changes.ts";
import type { HttpAnswer } from "../../api/http_message.ts";
import { Failure } from "../../failure.ts";
import { shownAddress } from "../../hosts/urls.ts";
import { shellWord } from "../../text/shell_word.ts";
import { type McpLogin, storeMcpLogin, withMcpLoginsLock } from "../../store/mcp_logins.ts";
import { whyUnattended } from "../../system/attendance.ts";
import { seconds } from "../../system/environment.ts";
import { withDeadline } from "../../system/waiting.ts";
import type { Context } from "../context.ts";
import { canOpen } from "./browser.ts";
import { redeemInBrowser } from "./browser_login.ts";
import { listenForCallback } from "./callback_server.ts";

const TIMEOUT_SECONDS = 600;

/** The steps of a login, in their order. */
export type LoginStep = "resource metadata" | "authorization server" | "registration" | "token";

/** Runs a step of a login. */
export type RunStep = <T>(name: LoginStep, work: () => Promise<T>) => Promise<T>;

/** The options of a login to a server. */
export interface McpLoginOptions {
  /** A client that is registered at the authorization server; by default a new one. */
  readonly clientId?: string | undefined;
  /** The port of this machine that the browser returns to; by default a free one. */
  readonly callbackPort?: number | undefined;
  /** Whether an address may be shown to a user who opens it. Otherwise a browser must be there to be opened. */
  readonly isAttended: boolean;
  readonly step: RunStep;
}

/**
 * Logs in to a server, and stores the login.
 *
 * @param at.refusal the server's response without a valid token.
 * @param at.isProven whether it is a local Arcade that proved its identity. Then the context sends requests to no other server.
 * @throws {Failure} of kind `login` without a browser; and others.
 */
export async function logInAtServer(
  context: Context,
  { server, refusal, isProven }: {
    readonly server: URL;
    readonly refusal: HttpAnswer;
    readonly isProven: boolean;
  },
  { clientId: given, callbackPort = 0, isAttended, step }: McpLoginOptions,
): Promise<McpLogin> {
  const { http, env, clock, files } = context;
  const resource = await step("resource metadata", () => fetchResource(http, server, refusal));
  const authorization = await step(
    "authorization server",
    () => fetchAuthorizationServer(http, resource.authorizationServer, server),
  );
  // An MCP client that starts this without a terminal has a user, unlike CI and coding agents.
  const opensBrowser = whyUnattended(env) === undefined && canOpen(context);
  if (!opensBrowser && !isAttended) {
    throw new Failure("login", `${server.origin} requires a login, and there is no browser here`, {
      next: `Run \`arcade gateway test ${
        shellWord(shownAddress(server.href))
      }\` in a terminal first`,
    });
  }
  const scope = scopeToAsk(resource, authorization);
  await using callback = await listenForCallback(callbackPort, { env, os: context.machine.os });
  const { redirectUri } = callback;
  const clientId = await step(
    "registration",
    async () => given ?? await registerClient(http, authorization, { redirectUri, scope }),
  );
  const settings = settingsOf(authorization, clientId);
  const limitSeconds = seconds(env, "ARCADE_LOGIN_TIMEOUT_SECONDS", TIMEOUT_SECONDS);
  const late = () =>
    new Failure("login", `Login timed out after ${limitSeconds} s`, {
      next: "Run the same command again, with a higher ARCADE_LOGIN_TIMEOUT_SECONDS if you need it",
    });
  return await step("token", () =>
    withDeadline(
      { milliseconds: limitSeconds * 1000, late, signal: context.signals.interruption() },
      (limit) =>
        redeemInBrowser(context, {
          server: callback,
          settings,
          purpose: { resource: resource.resource, scope },
          opensBrowser,
          limit,
        }, async (_bounded, tokens) => {
          const { accessToken, refreshToken } = tokens;
          const given: McpLogin = {
            ...authorization,
            server: server.href,
            resource: resource.resource,
            clientId,
            accessToken,
            refreshToken,
            expiresAt: validityOf(tokens, settings, clock.now()).expiresAt,
            isProven,
          };
          await withMcpLoginsLock(files, () => storeMcpLogin(files.folder(), given));
          return { what: `arcade is logged in to ${server.origin}`, given };
        }),
    ));
}
