/**
 * The OAuth 2.0 grants of the command line, a public native client (RFC 8252): authorization code with PKCE
 * (RFC 6749 4.1, RFC 7636), refresh (RFC 6749 6), device authorization (RFC 8628), revocation (RFC 7009).
 */

import * as oauth from "oauth4webapi";
import { Failure } from "../failure.ts";
import { redact } from "../redaction.ts";
import { Sensitive } from "../sensitive.ts";
import { readAnswer, requestJson } from "../api/answers.ts";
import { MAX_SAID, statusFailure } from "../api/errors.ts";
import { exchange, type HttpContext } from "../api/exchange.ts";
import { isSuccess } from "../api/http_message.ts";
import { isWebAddress } from "../hosts/urls.ts";
import { type OAuthSettings, readOAuthSettings } from "../api/wire.ts";

export const SCOPE = "openid offline_access";
const MAX_INTERVAL_MS = 60_000;

/** The response of a token endpoint. */
export interface Tokens {
  readonly accessToken: Sensitive;
  /** Undefined when the response has none; the old one then stays valid. */
  readonly refreshToken: Sensitive | undefined;
  readonly expiresInSeconds: number;
}

/** One attempt to log in through the browser. */
export interface AuthorizationRequest {
  /** The address to open. */
  readonly url: string;
  readonly state: string;
  readonly codeVerifier: string;
  readonly redirectUri: string;
}

/** The OAuth settings of a coordinator. */
export async function fetchOAuthSettings(
  context: HttpContext,
  coordinator: string,
): Promise<OAuthSettings> {
  const url = `${coordinator}/api/v1/auth/cli_config`;
  const settings = await requestJson(context, { method: "GET", url }, readOAuthSettings);
  for (const [name, endpoint] of Object.entries(settings)) {
    if (name.endsWith("_endpoint") && endpoint) requireWebAddress(name, endpoint);
  }
  return settings;
}

/**
 * Requires an address that a browser may open.
 *
 * @throws {Failure} of kind `server`.
 */
function requireWebAddress(name: string, address: string): void {
  if (isWebAddress(address)) return;
  throw new Failure("server", `The coordinator's ${name} is not an http or https address`, {
    next: "Do not log in there; check the address with its operator",
  });
}

/** Prepares an authorization request with PKCE S256 and a fresh `state` (RFC 7636 4.3, RFC 6749 10.12). */
export async function prepareAuthorization(
  settings: OAuthSettings,
  redirectUri: string,
): Promise<AuthorizationRequest> {
  const state = oauth.generateRandomState();
  const codeVerifier = oauth.generateRandomCodeVerifier();
  const url = new URL(settings.authorization_endpoint);
  const parameters = {
    response_type: "code",
    client_id: settings.client_id,
    redirect_uri: redirectUri,
    scope: SCOPE,
    state,
    code_challenge: await oauth.calculatePKCECodeChallenge(codeVerifier),
    code_challenge_method: "S256",
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return { url: url.href, state, codeVerifier, redirectUri };
}

/**
 * Validates the parameters of the redirect and exchanges the code for tokens.
 *
 * @throws {Failure} of kind `login` when the server refused, or when the response does not belong to this request.
 */
export function redeemCallback(
  context: HttpContext,
  settings: OAuthSettings,
  request: AuthorizationRequest,
  callback: URLSearchParams,
): Promise<Tokens> {
  return withOAuthErrors(async () => {
    const { server, client, options } = authorizationServerOf(context, settings);
    // The settings contain no issuer to compare `iss` (RFC 9207) with.
    const parameters = new URLSearchParams(callback);
    parameters.delete("iss");
    const checked = oauth.validateAuthResponse(server, client, parameters, request.state);
    const response = await oauth.authorizationCodeGrantRequest(
      server,
      client,
      oauth.None(),
      checked,
      request.redirectUri,
      request.codeVerifier,
      options,
    );
    return tokensOf(await oauth.processAuthorizationCodeResponse(server, client, response));
  });
}

/**
 * Trades a refresh token for new tokens.
 *
 * @throws {Failure} of kind `login` when the server refuses it; `network` or `server` when the request fails.
 */
export function refresh(
  context: HttpContext,
  settings: OAuthSettings,
  refreshToken: Sensitive,
): Promise<Tokens> {
  return withOAuthErrors(async () => {
    const { server, client, options } = authorizationServerOf(context, settings);
    const response = await oauth.refreshTokenGrantRequest(
      server,
      client,
      oauth.None(),
      refreshToken.reveal(),
      options,
    );
    return tokensOf(await oauth.processRefreshTokenResponse(server, client, response));
  });
}

/** What the user needs to log in on another device (RFC 8628 3.2). */
export interface DeviceAuthorization {
  readonly userCode: string;
  readonly verificationUri: string;
  readonly verificationUriComplete: string | undefined;
  readonly expiresInSeconds: number;
  readonly intervalSeconds: number;
  readonly deviceCode: Sensitive;
}

/** Requests a device code and a user code (RFC 8628 3.1). */
export function authorizeDevice(
  context: HttpContext,
  settings: OAuthSettings,
): Promise<DeviceAuthorization> {
  return withOAuthErrors(async () => {
    const { server, client, options } = authorizationServerOf(context, settings);
    const response = await oauth.deviceAuthorizationRequest(
      server,
      client,
      oauth.None(),
      { scope: SCOPE },
      options,
    );
    const answer = await oauth.processDeviceAuthorizationResponse(server, client, response);
    const { verification_uri, verification_uri_complete } = answer;
    for (const [name, uri] of Object.entries({ verification_uri, verification_uri_complete })) {
      if (uri !== undefined) requireWebAddress(name, uri);
    }
    return {
      userCode: answer.user_code,
      verificationUri: verification_uri,
      verificationUriComplete: verification_uri_complete,
      expiresInSeconds: answer.expires_in,
      intervalSeconds: answer.interval ?? 5,
      deviceCode: new Sensitive(answer.device_code),
    };
  });
}

/**
 * Polls until the user has decided on the other device (RFC 8628 3.5).
 *
 * @throws {Failure} of kind `login` when the user denies it or the code expires.
 */
export async function pollForDeviceTokens(
  context: HttpContext,
  settings: OAuthSettings,
  device: DeviceAuthorization,
): Promise<Tokens> {
  const { server, client, options } = authorizationServerOf(context, settings);
  let intervalMs = device.intervalSeconds * 1000;
  while (true) {
    await context.sleep(intervalMs, context.signal);
    try {
      const response = await oauth.deviceCodeGrantRequest(
        server,
        client,
        oauth.None(),
        device.deviceCode.reveal(),
        options,
      );
      return tokensOf(await oauth.processDeviceCodeResponse(server, client, response));
    } catch (error) {
      const code = error instanceof oauth.ResponseBodyError ? error.error : undefined;
      const unreachable = error instanceof Failure && error.kind === "network" &&
        !context.signal?.aborted;
      if (code === "slow_down") intervalMs += 5000;
      // After a connection timeout, poll less often instead of giving up (RFC 8628 3.5).
      else if (unreachable) intervalMs = Math.min(intervalMs * 2, MAX_INTERVAL_MS);
      else if (code !== "authorization_pending") throw oauthFailure(error);
    }
  }
}

/** Revokes a refresh token, if the coordinator supports it (RFC 7009). */
export async function revoke(
  context: HttpContext,
  settings: OAuthSettings,
  refreshToken: Sensitive,
): Promise<void> {
  if (!settings.revocation_endpoint) return;
  await withOAuthErrors(async () => {
    const { server, client, options } = authorizationServerOf(context, settings);
    const response = await oauth.revocationRequest(
      server,
      client,
      oauth.None(),
      refreshToken.reveal(),
      { ...options, additionalParameters: { token_type_hint: "refresh_token" } },
    );
    await oauth.processRevocationResponse(response);
  });
}

/**
 * Requires that a coordinator with TLS names only endpoints with TLS.
 *
 * @throws {Failure} of kind `server`.
 */
export function requireSameProtection(coordinator: string, settings: OAuthSettings): void {
  if (!coordinator.startsWith("https:")) return;
  const endpoints = [
    settings.authorization_endpoint,
    settings.token_endpoint,
    settings.device_authorization_endpoint,
    settings.revocation_endpoint,
  ];
  if (endpoints.some((endpoint) => endpoint && !endpoint.startsWith("https:"))) {
    throw new Failure("server", `${coordinator} offers a login address without TLS`, {
      next: "Do not log in there; check the address with its operator",
    });
  }
}

function authorizationServerOf(context: HttpContext, settings: OAuthSettings) {
  const server: oauth.AuthorizationServer = {
    issuer: new URL(settings.token_endpoint).origin,
    authorization_endpoint: settings.authorization_endpoint,
    token_endpoint: settings.token_endpoint,
    ...(settings.device_authorization_endpoint &&
      { device_authorization_endpoint: settings.device_authorization_endpoint }),
    ...(settings.revocation_endpoint && { revocation_endpoint: settings.revocation_endpoint }),
  };
  const options = {
    [oauth.allowInsecureRequests]: settings.token_endpoint.startsWith("http:"),
    [oauth.customFetch]: (url: string, request: { body?: unknown }) =>
      postForm(context, url, request.body),
  };
  return { server, client: { client_id: settings.client_id }, options };
}

/** Sends a form through our own exchange, so that its limits apply here too. */
async function postForm(context: HttpContext, url: string, body: unknown): Promise<Response> {
  if (!(body instanceof URLSearchParams)) throw new TypeError("OAuth requests are forms");
  const request = { method: "POST", url, form: body } as const;
  const answer = await exchange(context, request);
  const oauthError = answer.status === 400 || answer.status === 401;
  if (!isSuccess(answer) && !oauthError) throw statusFailure(request, answer);
  const init = { status: answer.status, headers: answer.headers };
  if (answer.text === "") return new Response(null, init);
  const fields = readAnswer(request, answer, ({ mapping }) => mapping);
  return Response.json(isSuccess(answer) ? usable(fields) : refusalOf(fields), init);
}

/**
 * The usable fields of a token response. Optional fields with a type that RFC 6749 5.1 does not allow are dropped rather
 * than rejected, because the request may have spent a refresh token.
 */
function usable(fields: Record<string, unknown>): Record<string, unknown> {
  const present = Object.entries(fields).filter(([, field]) => field !== null);
  // The ID token is unused (whoami identifies the account), and no known issuer could verify it.
  const { id_token: _idToken, scope: _scope, expires_in, refresh_token, ...others } = Object
    .fromEntries(present);
  const lifetime = typeof expires_in === "string" ? Number(expires_in) : expires_in;
  const isLifetime = typeof lifetime === "number" && Number.isFinite(lifetime) && lifetime > 0;
  const isToken = typeof refresh_token === "string" && refresh_token !== "";
  return {
    token_type: "Bearer",
    ...others,
    ...(isLifetime && { expires_in: lifetime }),
    ...(isToken && { refresh_token }),
  };
}

function tokensOf(answer: oauth.TokenEndpointResponse): Tokens {
  return {
    accessToken: new Sensitive(answer.access_token),
    refreshToken: answer.refresh_token === undefined
      ? undefined
      : new Sensitive(answer.refresh_token),
    expiresInSeconds: answer.expires_in ?? 3600,
  };
}

/** The error codes that are handled here (RFC 6749 5.2, RFC 8628 3.5). */
const ERROR_CODES = new Set([
  "access_denied",
  "authorization_pending",
  "expired_token",
  "invalid_client",
  "invalid_grant",
  "invalid_request",
  "invalid_scope",
  "slow_down",
  "unauthorized_client",
  "unsupported_grant_type",
]);

/** The error of a refusal, redacted: its description may repeat the request. */
function refusalOf({ error, error_description, error_uri }: Record<string, unknown>) {
  const uri = webAddress(error_uri);
  const text = said(error_description);
  const description = uri === undefined ? text : `${text ?? "see"} (${uri})`;
  const code = typeof error === "string" && ERROR_CODES.has(error) ? error : said(error);
  return {
    ...(typeof error === "string" && { error: code || "unknown_error" }),
    ...(description && { error_description: description }),
  };
}

/** A text from a server, shortened and redacted. */
function said(text: unknown): string | undefined {
  return typeof text === "string" ? redact(text.slice(0, MAX_SAID)) : undefined;
}

/** An address with more about an error (RFC 6749 5.2), redacted; undefined unless a browser may open it. */
function webAddress(address: unknown): string | undefined {
  const shown = said(address);
  return shown !== undefined && isWebAddress(shown) ? shown : undefined;
}

async function withOAuthErrors<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw oauthFailure(error);
  }
}

function oauthFailure(error: unknown): Failure {
  if (error instanceof Failure) return error;
  const again = "Run `arcade login` again";
  if (error instanceof oauth.AuthorizationResponseError) {
    const denied = error.error === "access_denied";
    const uri = webAddress(error.cause.get("error_uri"));
    const told = said(error.error_description ?? error.error) ?? "the server refused it";
    const reason = uri === undefined ? told : `${told} (${uri})`;
    return new Failure("login", denied ? "The login was denied" : `The login failed: ${reason}`, {
      next: again,
    });
  }
  if (error instanceof oauth.ResponseBodyError) {
    switch (error.error) {
      case "access_denied":
        return new Failure("login", "The login was denied", { next: again });
      case "expired_token":
        return new Failure("login", "The login code has expired", { next: again });
      default:
        return new Failure(
          "login",
          `The server refused the login: ${error.error_description ?? error.error}`,
          { next: again },
        );
    }
  }
  if (error instanceof oauth.OperationProcessingError) {
    const state = error.code === oauth.INVALID_RESPONSE && /state/.test(error.message);
    return new Failure(
      "server",
      state
        ? "Rejected a login response with the wrong state"
        : "The coordinator sent an unusable login response",
      { next: `${again}; if this repeats, someone may be tampering with the login`, cause: error },
    );
  }
  return new Failure("internal", "The login failed", { next: again, cause: error });
}
