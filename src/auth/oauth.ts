/**
 * The OAuth 2.0 grants of the command line, a public native client (RFC 8252): authorization code with PKCE
 * (RFC 6749 4.1, RFC 7636), refresh (RFC 6749 6), device authorization (RFC 8628), revocation (RFC 7009).
 */

import * as oauth from "oauth4webapi";
import { Failure } from "../failure.ts";
import { redact } from "../secrecy/redaction.ts";
import { Sensitive } from "../secrecy/sensitive.ts";
import { readAnswer, requestJson } from "../api/answers.ts";
import { MAX_SAID, statusFailure } from "../api/errors.ts";
import { exchange, type HttpContext } from "../api/exchange.ts";
import { isMapping, parseJson } from "../contract/fields.ts";
import { isSuccess } from "../api/http_message.ts";
import { isCloudAddress, isSameServer } from "../hosts/cloud.ts";
import { isLoopback } from "../hosts/address.ts";
import {
  issuerOf,
  isWebAddress,
  type LoginAddresses,
  requireInstallation,
  whyUnusable,
} from "../hosts/urls.ts";
import { type OAuthSettings, readOAuthSettings } from "../contract/oauth.ts";

export const SCOPE = "openid offline_access";
/** The bounds of the pause between two polls, and the pause where the server names none (RFC 8628 3.2). */
const MIN_INTERVAL_MS = 1000;
const MAX_INTERVAL_MS = 60_000;
const DEFAULT_INTERVAL_SECONDS = 5;

/** The response of a token endpoint. */
export interface Tokens {
  readonly accessToken: Sensitive;
  /** Undefined if the response has none; the old one then remains valid. */
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

/**
 * The OAuth settings of a coordinator.
 *
 * @param options.authorizationServer the origin that issued the tokens in use; undefined for a new login.
 * @throws {Failure} of kind `server` when the endpoints do not belong together (docs/contracts.md, OAuth).
 */
export async function fetchOAuthSettings(
  context: HttpContext,
  coordinator: string,
  { authorizationServer }: { readonly authorizationServer?: string | undefined } = {},
): Promise<OAuthSettings> {
  const url = `${coordinator}/api/v1/auth/cli_config`;
  const settings = await requestJson(context, { method: "GET", url }, readOAuthSettings);
  for (const [name, endpoint] of endpointsOf(settings)) requireWebAddress(name, endpoint);
  requireName("client_id", settings.client_id);
  requireProtectedEndpoints(coordinator, settings);
  requireOneServer(coordinator, settings);
  const issued = authorizationServer;
  if (issued !== undefined && !isSameServer(issued, settings.token_endpoint)) {
    throw new Failure(
      "server",
      `${coordinator} now names ${serverOf(settings)} for logins, but yours is from ${issued}`,
      { next: "If the operator moved it, run `arcade logout`, then `arcade login`" },
    );
  }
  return settings;
}

/** The OAuth settings for the tokens of a stored login. Throws as {@link fetchOAuthSettings} does. */
export async function fetchSettingsOf(
  context: HttpContext,
  login: LoginAddresses & { readonly authorizationServer: string | undefined },
): Promise<OAuthSettings> {
  return await fetchOAuthSettings(context, requireInstallation(login, issuerOf(login)), login);
}

/** The origin of the server that issues tokens. */
export function serverOf(settings: OAuthSettings): string {
  return new URL(settings.token_endpoint).origin;
}

function endpointsOf(settings: OAuthSettings): [name: string, endpoint: string][] {
  const {
    authorization_endpoint,
    token_endpoint,
    device_authorization_endpoint,
    revocation_endpoint,
  } = settings;
  const endpoints = {
    authorization_endpoint,
    token_endpoint,
    ...(device_authorization_endpoint && { device_authorization_endpoint }),
    ...(revocation_endpoint && { revocation_endpoint }),
  };
  return Object.entries(endpoints);
}

const MAX_NAME = 500;
const NOT_THERE = { next: "Do not log in there; check the address with its operator" };

/**
 * Requires an address that a browser may open.
 *
 * @throws {Failure} of kind `server`.
 */
function requireWebAddress(name: string, address: string): void {
  const why = whyUnusable(address);
  if (why !== undefined) throw new Failure("server", `The coordinator's ${name} ${why}`, NOT_THERE);
}

/**
 * Requires a name that can be shown, or be a part of an address.
 *
 * @throws {Failure} of kind `server`.
 */
function requireName(name: string, text: string): void {
  if (text.length <= MAX_NAME) return;
  const message = `The coordinator's ${name} is longer than ${MAX_NAME} characters`;
  throw new Failure("server", message, NOT_THERE);
}

/**
 * Requires TLS, unless both the coordinator and the endpoint are on this machine.
 *
 * @throws {Failure} of kind `server`.
 */
function requireProtectedEndpoints(coordinator: string, settings: OAuthSettings): void {
  const mayBePlain = coordinator.startsWith("http:");
  for (const [, endpoint] of endpointsOf(settings)) {
    const { protocol, hostname } = new URL(endpoint);
    if (protocol === "https:" || (mayBePlain && isLoopback(hostname))) continue;
    throw new Failure("server", `${coordinator} offers a login address without TLS`, NOT_THERE);
  }
}

/**
 * Requires that all endpoints belong to one authorization server, so that no code and no token of one server is sent to
 * another (RFC 9700 4.4). The endpoints of Arcade Cloud belong to its coordinator, and to no other.
 *
 * @throws {Failure} of kind `server`.
 */
function requireOneServer(coordinator: string, settings: OAuthSettings): void {
  const { token_endpoint } = settings;
  if (endpointsOf(settings).some(([, endpoint]) => !isSameServer(token_endpoint, endpoint))) {
    throw new Failure(
      "server",
      `${coordinator} names login addresses of different servers`,
      NOT_THERE,
    );
  }
  requireSameCloud(coordinator, token_endpoint);
}

function requireSameCloud(coordinator: string, address: string): void {
  if (isCloudAddress(coordinator) === isCloudAddress(address)) return;
  throw new Failure(
    "server",
    `${coordinator} mixes login addresses of Arcade Cloud with others`,
    NOT_THERE,
  );
}

/** What tokens are for: a protected resource (RFC 8707), and a scope of it. */
export interface TokenPurpose {
  /** Undefined for the services of an installation. */
  readonly resource?: string;
  readonly scope?: string | undefined;
}

/**
 * Prepares an authorization request with PKCE S256 and a fresh `state` (RFC 7636 4.3, RFC 6749 10.12).
 *
 * @param purpose by default a login at an installation.
 */
export async function prepareAuthorization(
  settings: OAuthSettings,
  redirectUri: string,
  { resource, scope }: TokenPurpose = { scope: SCOPE },
): Promise<AuthorizationRequest> {
  const state = oauth.generateRandomState();
  const codeVerifier = oauth.generateRandomCodeVerifier();
  const url = new URL(settings.authorization_endpoint);
  const parameters = {
    response_type: "code",
    client_id: settings.client_id,
    redirect_uri: redirectUri,
    ...(scope !== undefined && { scope }),
    ...(resource !== undefined && { resource }),
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
  { resource }: TokenPurpose = {},
): Promise<Tokens> {
  return withOAuthErrors(async () => {
    const { server, client, options } = authorizationServerOf(context, settings);
    requireIssuer(settings, callback);
    const parameters = new URLSearchParams(callback);
    parameters.delete("iss");
    if (!parameters.get("error") && !parameters.get("code")) {
      throw new Failure("server", `${serverOf(settings)} completed the login without a code`, {
        next: `${AGAIN}; if this repeats, tell the operator of the server`,
      });
    }
    if (parameters.getAll("state").join() !== request.state) throw wrongState();
    const checked = oauth.validateAuthResponse(server, client, parameters, request.state);
    const response = await oauth.authorizationCodeGrantRequest(
      server,
      client,
      oauth.None(),
      checked,
      request.redirectUri,
      request.codeVerifier,
      { ...options, ...forResource(resource) },
    );
    return tokensOf(await oauth.processAuthorizationCodeResponse(server, client, response));
  });
}

/** The parameter that says which resource a token is for (RFC 8707 2.2). */
function forResource(resource: string | undefined) {
  return resource === undefined ? {} : { additionalParameters: { resource } };
}

/**
 * Requires that a response comes from the server that was asked, if it says where it comes from (RFC 9207 2.4). Without an
 * issuer in the settings, its origin counts.
 *
 * @throws {Failure} of kind `server`.
 */
function requireIssuer(settings: OAuthSettings, callback: URLSearchParams): void {
  const named = callback.getAll("iss").filter((iss) => iss !== "");
  const { issuer, authorization_endpoint, namesIssuer } = settings;
  const isRight = (iss: string) =>
    issuer === undefined ? isSameServer(authorization_endpoint, iss) : iss === issuer;
  if (named.every(isRight) && (named.length > 0 || !namesIssuer)) return;
  throw new Failure(
    "server",
    `The login response does not come from ${serverOf(settings)}`,
    NOT_THERE,
  );
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
  { resource }: TokenPurpose = {},
): Promise<Tokens> {
  return withOAuthErrors(async () => {
    const { server, client, options } = authorizationServerOf(context, settings);
    const response = await oauth.refreshTokenGrantRequest(
      server,
      client,
      oauth.None(),
      refreshToken.reveal(),
      { ...options, ...forResource(resource) },
    );
    return tokensOf(await oauth.processRefreshTokenResponse(server, client, response));
  });
}

/** What is exchanged for tokens (RFC 8628 3.4, RFC 7636). */
export interface DeviceCode {
  readonly deviceCode: Sensitive;
  readonly codeVerifier: string;
}

/** How long and how often a server can be polled for the tokens (RFC 8628 3.2). */
export interface PendingDeviceCode extends DeviceCode {
  readonly expiresInSeconds: number;
  readonly intervalSeconds: number;
}

/** What the user needs to log in on another device (RFC 8628 3.2). */
export interface DeviceAuthorization extends PendingDeviceCode {
  readonly userCode: string;
  readonly verificationUri: string;
  readonly verificationUriComplete: string | undefined;
}

/**
 * Requests a device code and a user code (RFC 8628 3.1), with PKCE for servers that require it of every grant.
 *
 * @throws {Failure} of kind `server` when the user would enter the code at Arcade Cloud for another coordinator.
 */
export function authorizeDevice(
  context: HttpContext,
  settings: OAuthSettings,
): Promise<DeviceAuthorization> {
  return withOAuthErrors(async () => {
    const { server, client, options } = authorizationServerOf(context, settings);
    const codeVerifier = oauth.generateRandomCodeVerifier();
    const response = await oauth.deviceAuthorizationRequest(
      server,
      client,
      oauth.None(),
      {
        scope: SCOPE,
        code_challenge: await oauth.calculatePKCECodeChallenge(codeVerifier),
        code_challenge_method: "S256",
      },
      options,
    );
    const answer = await oauth.processDeviceAuthorizationResponse(server, client, response);
    const { verification_uri, verification_uri_complete } = answer;
    for (const [name, uri] of Object.entries({ verification_uri, verification_uri_complete })) {
      if (uri === undefined) continue;
      requireWebAddress(name, uri);
      requireSameCloud(serverOf(settings), uri);
    }
    requireName("user_code", answer.user_code);
    return {
      userCode: answer.user_code,
      verificationUri: verification_uri,
      verificationUriComplete: verification_uri_complete,
      expiresInSeconds: answer.expires_in,
      intervalSeconds: answer.interval ?? DEFAULT_INTERVAL_SECONDS,
      deviceCode: new Sensitive(answer.device_code),
      codeVerifier,
    };
  });
}

/**
 * Polls until the user has responded on the other device (RFC 8628 3.5). A server that cannot be reached or cannot answer now
 * is asked again, less often.
 *
 * @throws {Failure} of kind `login` when the user denies it or the code expires.
 */
export async function pollForDeviceTokens(
  context: HttpContext,
  settings: OAuthSettings,
  device: PendingDeviceCode,
): Promise<Tokens> {
  const bounded = (ms: number) => Math.min(Math.max(ms, MIN_INTERVAL_MS), MAX_INTERVAL_MS);
  let intervalMs = bounded(device.intervalSeconds * 1000);
  for (let waitedMs = 0; waitedMs < device.expiresInSeconds * 1000;) {
    await context.sleep(intervalMs, context.signal);
    waitedMs += intervalMs;
    try {
      return await requestDeviceTokens(context, settings, device);
    } catch (error) {
      const code = errorCodeOf(error);
      if (code === "slow_down") intervalMs = bounded(intervalMs + 5000);
      else if (isOutage(error) && !context.signal?.aborted) intervalMs = bounded(intervalMs * 2);
      else if (code !== "authorization_pending") throw oauthFailure(error);
    }
  }
  throw codeExpired();
}

/**
 * Asks once for the tokens of a device code; undefined if the user has not decided yet.
 *
 * @throws {Failure} of kind `login` when the user denied it or the code has expired; of other kinds when the request fails.
 */
export async function findDeviceTokens(
  context: HttpContext,
  settings: OAuthSettings,
  device: DeviceCode,
): Promise<Tokens | undefined> {
  try {
    return await requestDeviceTokens(context, settings, device);
  } catch (error) {
    const code = errorCodeOf(error);
    if (code === "authorization_pending" || code === "slow_down") return undefined;
    throw oauthFailure(error);
  }
}

async function requestDeviceTokens(
  context: HttpContext,
  settings: OAuthSettings,
  { deviceCode, codeVerifier }: DeviceCode,
): Promise<Tokens> {
  const { server, client, options } = authorizationServerOf(context, settings);
  const additionalParameters = { code_verifier: codeVerifier };
  const response = await oauth.deviceCodeGrantRequest(
    server,
    client,
    oauth.None(),
    deviceCode.reveal(),
    { ...options, additionalParameters },
  );
  return tokensOf(await oauth.processDeviceCodeResponse(server, client, response));
}

function errorCodeOf(error: unknown): string | undefined {
  return error instanceof oauth.ResponseBodyError ? error.error : undefined;
}

/** Whether the same request may succeed later. */
function isOutage(error: unknown): boolean {
  return error instanceof Failure && error.isRetryable;
}

function codeExpired(): Failure {
  return new Failure("login", "The login code has expired", { next: AGAIN });
}

/** Revokes the tokens of a login, if the coordinator supports it (RFC 7009). */
export async function revoke(
  context: HttpContext,
  settings: OAuthSettings,
  { refreshToken, accessToken }: Pick<Tokens, "refreshToken" | "accessToken">,
): Promise<void> {
  if (!settings.revocation_endpoint) return;
  await withOAuthErrors(async () => {
    const { server, client, options } = authorizationServerOf(context, settings);
    const response = await oauth.revocationRequest(
      server,
      client,
      oauth.None(),
      (refreshToken ?? accessToken).reveal(),
      {
        ...options,
        additionalParameters: { token_type_hint: refreshToken ? "refresh_token" : "access_token" },
      },
    );
    await oauth.processRevocationResponse(response);
  });
}

function authorizationServerOf(context: HttpContext, settings: OAuthSettings) {
  const server: oauth.AuthorizationServer = {
    issuer: serverOf(settings),
    ...Object.fromEntries(endpointsOf(settings)),
  };
  const options = {
    [oauth.allowInsecureRequests]: settings.token_endpoint.startsWith("http:"),
    [oauth.customFetch]: (url: string, request: { body?: unknown }) =>
      postForm(context, url, request.body),
  };
  return { server, client: { client_id: settings.client_id }, options };
}

/**
 * Sends a form through our own exchange, so that its limits apply here too. The response has one of the two statuses of the
 * RFCs, because servers use others for the same: 201, 403 and 428 were seen, and 200 for an error.
 */
async function postForm(context: HttpContext, url: string, body: unknown): Promise<Response> {
  if (!(body instanceof URLSearchParams)) throw new TypeError("OAuth requests are forms");
  const request = { method: "POST", url, form: body } as const;
  const answer = await exchange(context, request);
  const { status } = answer;
  if (status === 408 || status === 429 || status >= 500) throw statusFailure(request, answer);
  if (isSuccess(answer) && answer.text === "") return new Response();
  const isRefusal = status === 400 || status === 401 || isOAuthError(parseJson(answer.text));
  if (!isSuccess(answer) && !isRefusal) throw statusFailure(request, answer);
  const fields = readAnswer(request, answer, ({ mapping }) => mapping);
  return isRefusal
    ? Response.json(refusalOf(fields), { status: 400 })
    : Response.json(usable(fields));
}

/** Whether a response of any status is an OAuth error. Frameworks put their own texts in the same field. */
function isOAuthError(content: unknown): boolean {
  if (!isMapping(content)) return false;
  const { error, access_token } = content;
  return typeof error === "string" && ERROR_CODES.has(error) && access_token === undefined;
}

/**
 * The usable fields of a response. Optional fields with a type that RFC 6749 5.1 and RFC 8628 3.2 do not allow are dropped
 * rather than rejected, because the request may have spent a refresh token. A number may be written as text.
 */
function usable(fields: Record<string, unknown>): Record<string, unknown> {
  const present = Object.entries(fields).filter(([, field]) => field !== null);
  // The ID token is unused (whoami identifies the account), and no known issuer could verify it.
  const {
    id_token: _idToken,
    scope: _scope,
    expires_in,
    interval,
    refresh_token,
    verification_uri_complete,
    ...others
  } = Object.fromEntries(present);
  return {
    token_type: "Bearer",
    ...others,
    ...positive("expires_in", expires_in),
    ...positive("interval", interval),
    ...text("refresh_token", refresh_token),
    ...text("verification_uri_complete", verification_uri_complete),
  };
}

function positive(name: string, value: unknown): Record<string, number> {
  const number = typeof value === "string" ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) && number > 0
    ? { [name]: number }
    : {};
}

function text(name: string, value: unknown): Record<string, string> {
  return typeof value === "string" && value !== "" ? { [name]: value } : {};
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

const AGAIN = "Run the same command again";

async function withOAuthErrors<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw oauthFailure(error);
  }
}

/** RFC 6749 10.12. */
function wrongState(): Failure {
  return new Failure("server", "Rejected a login response with the wrong state", {
    next: `${AGAIN}; if this repeats, someone may be tampering with the login`,
  });
}

function oauthFailure(error: unknown): Failure {
  if (error instanceof Failure) return error;
  if (error instanceof oauth.AuthorizationResponseError) {
    const denied = error.error === "access_denied";
    const uri = webAddress(error.cause.get("error_uri"));
    const told = said(error.error_description ?? error.error) ?? "the server refused it";
    const reason = uri === undefined ? told : `${told} (${uri})`;
    return new Failure("login", denied ? "The login was denied" : `The login failed: ${reason}`, {
      next: AGAIN,
    });
  }
  if (error instanceof oauth.ResponseBodyError) {
    switch (error.error) {
      case "access_denied":
        return new Failure("login", "The login was denied", { next: AGAIN });
      case "expired_token":
        return codeExpired();
      default:
        return new Failure(
          "login",
          `The server refused the login: ${error.error_description ?? error.error}`,
          { next: AGAIN },
        );
    }
  }
  if (error instanceof oauth.OperationProcessingError) {
    return new Failure("server", "The coordinator sent an unusable login response", {
      next: `${AGAIN}; if this repeats, tell the operator of the coordinator`,
      cause: error,
    });
  }
  return new Failure("internal", "The login failed", { next: AGAIN, cause: error });
}
