/**
 * The authorization server: sign-in page, token endpoint, device grant, revocation. Its clients are arcade, which signs in to
 * everything, and MCP clients, which sign in to one gateway. All are public, and there are no passwords: anyone with access to
 * the pages (page_access.ts) may sign in as any account.
 */

import { type Context, Hono } from "hono";
import { html } from "hono/html";
import type {
  DeviceAuthorizationResponse,
  OAuthErrorResponse,
  TokenResponse,
} from "../../contract/oauth.ts";
import { type Account, type Accounts, emailOf } from "../model/accounts.ts";
import type { Services } from "../services.ts";
import { ApiError } from "../api_error.ts";
import { gatewayOfResource } from "../gateways/resource.ts";
import { GATEWAY_SCOPES, issuerOf, type Scopes } from "../gateways/metadata.ts";
import { ownOrigin } from "../own_origin.ts";
import { formBody, uniqueParameters } from "../body.ts";
import { type Html, messagePage, named, show } from "../pages/layout.ts";
import { accountPage, userCodePage } from "../pages/sign_in.ts";
import { ARCADE_CLIENT, type Client, mayRedirect } from "../model/clients.ts";
import { type Authorization, invalidTarget } from "../model/tokens.ts";

export const CLIENT_ID = ARCADE_CLIENT.id;

export const OAUTH_PATHS = {
  authorize: "/oauth2/authorize",
  authorizeDecision: "/oauth2/authorize/decision",
  token: "/oauth2/token",
  deviceAuthorization: "/oauth2/device_authorization",
  revoke: "/oauth2/revoke",
  device: "/device",
  deviceDecision: "/device/decision",
};

/** The scopes of arcade. */
const SCOPES: Scopes = {
  known: ["openid", "profile", "email", "offline_access"],
  otherwise: "openid",
};
const MAX_STATE_LENGTH = 2048;
/** A SHA-256 hash in base64url (RFC 7636 section 4.2). */
const CODE_CHALLENGE = /^[\w-]{43}$/;
/** RFC 7636 section 4.1. */
const CODE_VERIFIER = /^[\w.~-]{43,128}$/;

const INVALID_EMAIL = "That is not an e-mail address.";

export function oauthRoutes(services: Services): Hono {
  const app = new Hono();
  addAuthorization(app, services);
  addTokens(app, services);
  addDevicePages(app, services);
  return app;
}

/**
 * The code flow up to the redirect (RFC 6749 sections 4.1.1 and 4.1.2, RFC 7636 sections 4.3 and
 * 4.4).
 */
function addAuthorization(app: Hono, services: Services): void {
  const { accounts, clients, gateways, tokens, autoApprove } = services;

  app.get(OAUTH_PATHS.authorize, (c) => {
    const search = new URL(c.req.url).searchParams;
    const redirectUri = only(search, "redirect_uri");
    // Never redirect to an address that does not belong to the client (RFC 6749 section 4.1.2.1).
    const client = clients.find(only(search, "client_id") ?? "");
    if (client === undefined) {
      return badRequest(c, "An unknown application requested a sign-in.");
    }
    if (redirectUri === undefined || !mayRedirect(client, redirectUri)) {
      return badRequest(
        c,
        "The application requested a redirect to an address that is not allowed.",
      );
    }
    const request = authorizationOf(search, {
      client,
      redirectUri,
      gatewayOf: (resource) => gatewayOfResource(c, gateways, resource),
    });
    if ("error" in request) {
      const state = only(search, "state");
      return c.redirect(respond(c, redirectUri, { ...request, ...(state && { state }) }));
    }
    if (autoApprove) {
      return c.redirect(approve(c, accounts.forApproval(), request));
    }
    return signInPage(c, request, { id: tokens.hold(request) });
  });

  app.post(OAUTH_PATHS.authorizeDecision, async (c) => {
    const form = await formBody(c);
    const id = form.get("authorization") ?? "";
    const request = tokens.held(id);
    if (request === undefined) {
      return badRequest(c, "The request was already answered, or has expired.");
    }
    if (form.get("decision") !== "approve") {
      tokens.release(id);
      const { redirect_uri, state } = request;
      const error = { error: "access_denied", error_description: "The sign-in was denied" };
      return c.redirect(respond(c, redirect_uri, { ...error, ...(state && { state }) }), 303);
    }
    const account = chosenAccount(form, accounts);
    if (account === undefined) return signInPage(c, request, { id, problem: INVALID_EMAIL });
    tokens.release(id);
    return c.redirect(approve(c, account, request), 303);
  });

  function approve(c: Context, account: Account, request: Authorization): string {
    const code = tokens.createCode(account.id, request);
    const { redirect_uri, state } = request;
    return respond(c, redirect_uri, { code, ...(state && { state }) });
  }

  /** The address of the client with a response, which names its issuer (RFC 9207). */
  function respond(c: Context, uri: string, response: OAuthErrorResponse | Record<string, string>) {
    return withQuery(uri, { ...response, iss: issuerOf(c) });
  }

  function signInPage(
    c: Context,
    request: Authorization,
    options: { id: string; problem?: string },
  ): Response | Promise<Response> {
    const content = accountPage({
      title: "Sign in to the local Arcade",
      text: purposeOf(request),
      action: OAUTH_PATHS.authorizeDecision,
      hidden: { name: "authorization", value: options.id },
      accounts: accounts.all(),
      problem: options.problem,
    });
    return show(c, content, {
      status: options.problem === undefined ? 200 : 422,
      formRedirects: [request.redirect_uri],
    });
  }

  /** The application that wants to sign in, and its destination. */
  function purposeOf({ client_id, gateway_id, redirect_uri }: Authorization): Html {
    const gateway = gateways.find(gateway_id ?? "");
    if (gateway === undefined) {
      return html`The Arcade command line on this machine wants to sign in. Choose an account.`;
    }
    const name = clients.find(client_id)?.name ?? "An unnamed application";
    // The client chose its name, but not its address.
    return html`<strong>${named(name)}</strong> at <code>${
      withoutQuery(redirect_uri)
    }</code> wants to
      use the tools of the gateway <strong>${named(gateway.name)}</strong>
      (<code>${gateway.slug}</code>). Choose the account that it acts for.`;
  }
}

/**
 * Token endpoint (RFC 6749 section 3.2), device authorization (RFC 8628 section 3.1) and revocation
 * (RFC 7009).
 */
function addTokens(app: Hono, services: Services): void {
  const { accounts, clients, gateways, tokens, devices, autoApprove } = services;

  app.post(OAUTH_PATHS.token, async (c) => {
    const request = await clientRequest(c, clients);
    const answer = "error" in request ? request : tokensFor(c, request);
    return c.json(answer, "error" in answer ? 400 : 200, { pragma: "no-cache" });
  });

  function tokensFor(
    c: Context,
    { client, parameters }: ClientRequest,
  ): TokenResponse | OAuthErrorResponse {
    const parameter = (name: string) => parameters.get(name) ?? "";
    const resource = parameters.get("resource");
    const gateway = resource && gatewayOfResource(c, gateways, resource);
    if (resource && !gateway) return UNKNOWN_RESOURCE;
    const common = { client_id: client.id, gateway_id: gateway ? gateway.id : undefined };
    switch (parameter("grant_type")) {
      case "authorization_code": {
        const missing = missingOf(parameters, ["code", "redirect_uri", "code_verifier"]);
        if (missing !== undefined) return missing;
        if (!CODE_VERIFIER.test(parameter("code_verifier"))) {
          return invalidRequest("The code_verifier is malformed");
        }
        return tokens.exchangeCode(parameter("code"), {
          ...common,
          redirect_uri: parameter("redirect_uri"),
          code_verifier: parameter("code_verifier"),
        });
      }
      case "refresh_token":
        return missingOf(parameters, ["refresh_token"]) ??
          tokens.refresh(parameter("refresh_token"), common);
      case "urn:ietf:params:oauth:grant-type:device_code":
        return missingOf(parameters, ["device_code"]) ??
          devices.exchange(parameter("device_code"), {
            client_id: client.id,
            code_verifier: parameters.get("code_verifier"),
            tokens,
          });
      case "":
        return invalidRequest("The grant_type is missing");
      default:
        return { error: "unsupported_grant_type", error_description: "Unknown grant_type" };
    }
  }

  app.post(OAUTH_PATHS.deviceAuthorization, async (c) => {
    const request = await clientRequest(c, clients);
    if ("error" in request) return c.json(request, 400);
    const { client, parameters } = request;
    if (client !== ARCADE_CLIENT) return c.json(UNAUTHORIZED_CLIENT, 400);
    const scope = grantedScope(parameters.get("scope"), SCOPES);
    if (scope === undefined) return c.json(INVALID_SCOPE, 400);
    const code_challenge = parameters.get("code_challenge");
    if (code_challenge !== undefined && !isS256(parameters)) {
      return c.json(INVALID_CHALLENGE, 400);
    }
    const codes = devices.create({ client_id: CLIENT_ID, scope, code_challenge });
    if (codes === undefined) throw new ApiError(429, "Too many devices are waiting for approval");
    if (autoApprove) devices.approve(codes.user_code, accounts.forApproval().id);
    const verification_uri = `${ownOrigin(c)}${OAUTH_PATHS.device}`;
    const verification_uri_complete = withQuery(verification_uri, { user_code: codes.user_code });
    return c.json(
      {
        ...codes,
        verification_uri,
        verification_uri_complete,
      } satisfies DeviceAuthorizationResponse,
    );
  });

  app.post(OAUTH_PATHS.revoke, async (c) => {
    const request = await clientRequest(c, clients);
    if ("error" in request) return c.json(request, 400);
    const { client, parameters } = request;
    const missing = missingOf(parameters, ["token"]);
    if (missing !== undefined) return c.json(missing, 400);
    tokens.revoke(parameters.get("token") ?? "", client.id);
    return c.body(null, 200);
  });
}

/** The pages where the user enters the user code and decides (RFC 8628 section 3.3). */
function addDevicePages(app: Hono, services: Services): void {
  const { access, accounts, devices } = services;

  app.get(OAUTH_PATHS.device, (c) => {
    const result = c.req.query("result");
    if (result === "approved") {
      const text = "Return to your device; you can close this page.";
      return show(c, messagePage("You're signed in", text, "success"));
    }
    if (result === "denied") {
      return show(c, messagePage("Sign-in denied", "The device has no access.", "problem"));
    }
    const typed = c.req.query("user_code");
    if (typed === undefined) return show(c, userCodePage(OAUTH_PATHS.device));
    const userCode = devices.pending(typed);
    if (userCode === undefined) return unknownUserCode(c, typed);
    return confirmPage(c, userCode);
  });

  /** A redirect, so that a reload does not send the form again. */
  const decided = (c: Context, result: "approved" | "denied") =>
    c.redirect(withQuery(OAUTH_PATHS.device, { result }), 303);

  app.post(OAUTH_PATHS.deviceDecision, async (c) => {
    const form = await formBody(c);
    const typed = form.get("user_code") ?? "";
    const userCode = devices.pending(typed);
    if (userCode === undefined) return unknownUserCode(c, typed);
    if (form.get("decision") !== "approve") {
      devices.deny(userCode);
      return decided(c, "denied");
    }
    const account = chosenAccount(form, accounts);
    if (account === undefined) return confirmPage(c, userCode, INVALID_EMAIL);
    devices.approve(userCode, account.id);
    return decided(c, "approved");
  });

  function confirmPage(
    c: Context,
    userCode: string,
    problem?: string,
  ): Response | Promise<Response> {
    const content = accountPage({
      title: "Sign in a device",
      text:
        "A device shows this code and is trying to sign in. Approve it only if the device is yours.",
      userCode,
      action: OAUTH_PATHS.deviceDecision,
      hidden: { name: "user_code", value: userCode },
      accounts: accounts.all(),
      problem,
    });
    return show(c, content, { status: problem === undefined ? 200 : 422 });
  }

  function unknownUserCode(c: Context, typed: string): Response | Promise<Response> {
    const problem = access.isOwnCode(typed)
      ? "That code is for signing in to the dashboard. Enter the code that arcade login shows."
      : "Unknown code. It may have expired or been used already.";
    return show(c, userCodePage(OAUTH_PATHS.device, problem), { status: 404 });
  }
}

/** The validated request of the authorization endpoint, or the error for the client. */
function authorizationOf(
  search: URLSearchParams,
  { client, redirectUri, gatewayOf }: {
    readonly client: Client;
    readonly redirectUri: string;
    /** The gateway that is a resource (RFC 8707), if clients can sign in to it. */
    readonly gatewayOf: (resource: string) => { readonly id: string } | undefined;
  },
): Authorization | OAuthErrorResponse {
  const parameters = uniqueParameters(search);
  if (parameters === undefined) return invalidRequest("A parameter was sent twice");
  const isArcade = client === ARCADE_CLIENT;
  const needed = ["response_type", ...(isArcade ? ["state"] : []), "code_challenge"];
  const missing = missingOf(parameters, needed);
  if (missing !== undefined) return missing;
  if (parameters.get("response_type") !== "code") {
    return {
      error: "unsupported_response_type",
      error_description: "Only the response_type code is supported",
    };
  }
  const state = parameters.get("state") ?? "";
  if (state.length > MAX_STATE_LENGTH) return invalidRequest("The state is too long");
  const code_challenge = parameters.get("code_challenge") ?? "";
  if (!isS256(parameters)) return INVALID_CHALLENGE;
  const scope = grantedScope(parameters.get("scope"), isArcade ? SCOPES : GATEWAY_SCOPES);
  if (scope === undefined) return INVALID_SCOPE;
  const gateway = isArcade ? undefined : gatewayOf(parameters.get("resource") ?? "");
  if (!isArcade && gateway === undefined) return UNKNOWN_RESOURCE;
  return {
    client_id: client.id,
    redirect_uri: redirectUri,
    code_challenge,
    scope,
    state,
    gateway_id: gateway?.id,
  };
}

const UNKNOWN_RESOURCE = invalidTarget("The resource is not the address of a gateway with OAuth");

/** Whether a request has a code challenge with the method S256 (RFC 7636 section 4.3). */
function isS256(parameters: Map<string, string>): boolean {
  return parameters.get("code_challenge_method") === "S256" &&
    CODE_CHALLENGE.test(parameters.get("code_challenge") ?? "");
}

const INVALID_CHALLENGE = invalidRequest("A code_challenge with the method S256 is required");

/** A request of a client that is known. */
interface ClientRequest {
  readonly client: Client;
  readonly parameters: Map<string, string>;
}

/** The form of a request from a known client, or the error (RFC 6749 section 5.2). */
async function clientRequest(
  c: Context,
  clients: Services["clients"],
): Promise<ClientRequest | OAuthErrorResponse> {
  const parameters = uniqueParameters(await formBody(c));
  if (parameters === undefined) return invalidRequest("A parameter was sent twice");
  const client = clients.find(parameters.get("client_id") ?? "");
  if (client !== undefined) return { client, parameters };
  return { error: "invalid_client", error_description: "The client_id is missing or unknown" };
}

const UNAUTHORIZED_CLIENT: OAuthErrorResponse = {
  error: "unauthorized_client",
  error_description: "Only arcade signs in with a device code",
};

const INVALID_SCOPE: OAuthErrorResponse = {
  error: "invalid_scope",
  error_description: "None of the requested scopes is known",
};

/** The supported part of the requested scope (RFC 6749 section 3.3). */
function grantedScope(
  requested: string | undefined,
  { known, otherwise }: Scopes,
): string | undefined {
  const wanted = (requested || otherwise).split(" ");
  const granted = known.filter((scope) => wanted.includes(scope));
  return granted.length === 0 ? undefined : granted.join(" ");
}

function missingOf(
  parameters: Map<string, string>,
  names: string[],
): OAuthErrorResponse | undefined {
  const missing = names.find((name) => !parameters.get(name));
  return missing === undefined ? undefined : invalidRequest(`The ${missing} is missing`);
}

function invalidRequest(error_description: string): OAuthErrorResponse {
  return { error: "invalid_request", error_description };
}

function chosenAccount(form: URLSearchParams, accounts: Accounts): Account | undefined {
  const existing = accounts.find(form.get("account") ?? "");
  if (existing !== undefined) return existing;
  const email = emailOf(form.get("email") ?? "");
  return email === undefined ? undefined : accounts.findOrCreate(email);
}

/** The value of a parameter that occurs exactly once. */
function only(search: URLSearchParams, name: string): string | undefined {
  const values = search.getAll(name);
  return values.length === 1 ? values[0] : undefined;
}

function withQuery(uri: string, parameters: Record<string, string>): string {
  return `${uri}${uri.includes("?") ? "&" : "?"}${new URLSearchParams(parameters)}`;
}

function withoutQuery(uri: string): string {
  return uri.replace(/\?.*/, "");
}

function badRequest(c: Context, text: string): Response | Promise<Response> {
  return show(c, messagePage("Sign-in failed", text, "problem"), { status: 400 });
}
