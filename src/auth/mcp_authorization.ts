/**
 * How a client of an MCP server gets a token, step by step (docs/contracts.md, MCP servers): the metadata of the protected resource
 * (RFC 9728), that of its authorization server (RFC 8414), and the registration as a client (RFC 7591). Addresses in them are checked,
 * because a server may be hostile; no credential is sent to any of these.
 */

import { readBearerChallenge } from "../api/challenge.ts";
import { readAnswer } from "../api/answers.ts";
import { exchange, type HttpContext, requireSuccess } from "../api/exchange.ts";
import { type HttpAnswer, type HttpRequest, isSuccess, isWebPage } from "../api/http_message.ts";
import type { Fields } from "../contract/fields.ts";
import type { OAuthSettings } from "../contract/oauth.ts";
import { Failure } from "../failure.ts";
import { isLoopback } from "../hosts/address.ts";
import { whyUnusable } from "../hosts/urls.ts";

/** The metadata of a server as a protected resource. */
export interface ProtectedResource {
  /** The resource that a token is requested for. */
  readonly resource: string;
  readonly authorizationServer: string;
  /** The scope to request; undefined if the server does not say. */
  readonly scope: string | undefined;
}

/** The metadata of an authorization server. */
export interface AuthorizationServer {
  readonly issuer: string;
  readonly authorizationEndpoint: string;
  readonly tokenEndpoint: string;
  readonly registrationEndpoint: string | undefined;
  readonly revocationEndpoint: string | undefined;
  readonly knowsRefresh: boolean;
  readonly namesIssuer: boolean;
}

/** Only the server's operator can fix the problem. */
const TELL = "Tell the server's operator, and do not log in there until this is fixed";

/** The address of a server's metadata as a protected resource, if it names one. Throws if it is on another server. */
export function namedMetadata(server: URL, { headers }: HttpAnswer): string | undefined {
  const named = readBearerChallenge(headers)?.resourceMetadata;
  if (named === undefined) return undefined;
  const address = URL.parse(named);
  if (address && whyUnusable(named) === undefined && address.origin === server.origin) {
    return address.href;
  }
  throw new Failure("server", "The server points to another server's metadata", {
    next: TELL,
  });
}

/**
 * The metadata of a protected resource: at the address that the refusal names, or else at the well-known ones.
 *
 * @throws {Failure} of kind `server` when it is missing or does not belong to the server; and others.
 */
export async function fetchResource(
  http: HttpContext,
  server: URL,
  refusal: HttpAnswer,
): Promise<ProtectedResource> {
  const named = namedMetadata(server, refusal);
  const wellKnown = `${server.origin}/.well-known/oauth-protected-resource`;
  const path = server.pathname.replace(/\/$/, "");
  const urls = named === undefined ? [`${wellKnown}${path}`, wellKnown] : [named];
  const found = await firstMetadata(http, [...new Set(urls)], (answer) => ({
    resource: answer.id("resource"),
    servers: answer.texts("authorization_servers") ?? [],
    scopes: answer.texts("scopes_supported") ?? [],
  }));
  if (!found) {
    throw new Failure(
      "server",
      "The server requires a login, but has no metadata that says where",
      {
        next: "If the server accepts another kind of token, arcade cannot log in to it; " +
          "ask its operator",
      },
    );
  }
  const [authorizationServer] = found.servers;
  if (!isResourceOf(found.resource, server)) {
    throw new Failure("server", "The server's metadata is for another server", { next: TELL });
  }
  if (authorizationServer === undefined) {
    throw new Failure("server", "The server's metadata does not name an authorization server", {
      next: "Its operator must add `authorization_servers`",
    });
  }
  requireAddress("an authorization server", authorizationServer, server);
  const scope = readBearerChallenge(refusal.headers)?.scope ?? found.scopes.join(" ");
  return { resource: found.resource, authorizationServer, scope: scope || undefined };
}

/** Whether a resource is a server, or a part of its address that it belongs to (RFC 9728, 3.3). */
function isResourceOf(resource: string, server: URL): boolean {
  const named = URL.parse(resource);
  if (!named || named.origin !== server.origin) return false;
  const path = named.pathname.replace(/\/$/, "");
  return server.pathname === path || server.pathname.startsWith(`${path}/`);
}

/**
 * The metadata of an authorization server, of OAuth or of OpenID Connect.
 *
 * @throws {Failure} of kind `server` when it is missing, or names what it may not; and others.
 */
export async function fetchAuthorizationServer(
  http: HttpContext,
  issuer: string,
  server: URL,
): Promise<AuthorizationServer> {
  const { origin, pathname } = new URL(issuer);
  const path = pathname.replace(/\/$/, "");
  const found = await firstMetadata(http, [
    `${origin}/.well-known/oauth-authorization-server${path}`,
    `${origin}/.well-known/openid-configuration${path}`,
    ...path === "" ? [] : [`${origin}${path}/.well-known/openid-configuration`],
  ], readAuthorizationServer);
  if (!found) {
    throw new Failure("server", "The authorization server has no metadata", {
      next: "Its operator must publish it (RFC 8414)",
    });
  }
  const { authorizationServer, challengeMethods } = found;
  if (withoutSlash(authorizationServer.issuer) !== withoutSlash(issuer)) {
    throw new Failure(
      "server",
      "The authorization server's name differs from the name in the server's metadata",
      {
        next: TELL,
      },
    );
  }
  if (!challengeMethods.includes("S256")) {
    throw new Failure("server", "The authorization server does not support PKCE with S256", {
      next: "Its operator must turn it on and list it in `code_challenge_methods_supported`",
    });
  }
  const { authorizationEndpoint, tokenEndpoint, registrationEndpoint, revocationEndpoint } =
    authorizationServer;
  const endpoints = {
    authorizationEndpoint,
    tokenEndpoint,
    ...(registrationEndpoint !== undefined && { registrationEndpoint }),
    ...(revocationEndpoint !== undefined && { revocationEndpoint }),
  };
  for (const address of Object.values(endpoints)) requireAddress("a login page", address, server);
  return authorizationServer;
}

function readAuthorizationServer(answer: Fields) {
  const scopes = answer.texts("scopes_supported") ?? [];
  return {
    authorizationServer: {
      issuer: answer.id("issuer"),
      authorizationEndpoint: answer.requiredAddress("authorization_endpoint"),
      tokenEndpoint: answer.requiredAddress("token_endpoint"),
      registrationEndpoint: answer.address("registration_endpoint"),
      revocationEndpoint: answer.address("revocation_endpoint"),
      knowsRefresh: scopes.includes("offline_access"),
      namesIssuer: answer.flag("authorization_response_iss_parameter_supported"),
    },
    challengeMethods: answer.texts("code_challenge_methods_supported") ?? [],
  };
}

function withoutSlash(address: string): string {
  return address.replace(/\/$/, "");
}

/** Longer than the id of any client. */
const MAX_ID = 2000;

/**
 * Registers a public client with one redirect address.
 *
 * @returns its id.
 * @throws {Failure} of kind `server` when the server registers no clients, or not this one; and others.
 */
export async function registerClient(
  http: HttpContext,
  { registrationEndpoint: url }: AuthorizationServer,
  { redirectUri, scope }: { readonly redirectUri: string; readonly scope: string | undefined },
): Promise<string> {
  if (url === undefined) {
    throw new Failure(
      "server",
      "The authorization server does not support dynamic client registration",
      {
        next: "Register a client there yourself, and pass its id with `--client-id`",
      },
    );
  }
  const client = {
    client_name: "arcade",
    redirect_uris: [redirectUri],
    grant_types: ["authorization_code", "refresh_token"],
    response_types: ["code"],
    token_endpoint_auth_method: "none",
    application_type: "native",
    ...(scope !== undefined && { scope }),
  };
  // As text, because the name of this program need not be hidden.
  const request: HttpRequest = { method: "POST", url, jsonText: JSON.stringify(client) };
  const answer = await exchange(http, request);
  await requireSuccess(request, answer);
  const { id, method } = readAnswer(request, answer, (fields) => ({
    id: fields.id("client_id"),
    method: fields.text("token_endpoint_auth_method") ?? "none",
  }));
  if (id.length > MAX_ID) {
    throw new Failure("server", "The client id is too long", { next: TELL });
  }
  if (method === "none") return id;
  throw new Failure(
    "server",
    "The authorization server issued a client secret to a program on this machine",
    {
      next: "Its operator must allow public clients (`token_endpoint_auth_method` none)",
    },
  );
}

/** The settings of a client for the requests of OAuth. */
export function settingsOf(
  { issuer, authorizationEndpoint, tokenEndpoint, revocationEndpoint, namesIssuer }:
    & Omit<
      AuthorizationServer,
      "registrationEndpoint" | "knowsRefresh" | "namesIssuer"
    >
    & Partial<Pick<AuthorizationServer, "namesIssuer">>,
  clientId: string,
): OAuthSettings {
  return {
    client_id: clientId,
    issuer,
    authorization_endpoint: authorizationEndpoint,
    token_endpoint: tokenEndpoint,
    revocation_endpoint: revocationEndpoint,
    ...(namesIssuer !== undefined && { namesIssuer }),
  };
}

/** The scope to request: the server's scope, and the scope for a refresh token. */
export function scopeToAsk(
  { scope }: Pick<ProtectedResource, "scope">,
  { knowsRefresh }: Pick<AuthorizationServer, "knowsRefresh">,
): string | undefined {
  const scopes = scope?.split(/\s+/).filter(Boolean) ?? [];
  const all = knowsRefresh ? [...scopes, "offline_access"] : scopes;
  return [...new Set(all)].join(" ") || undefined;
}

/** The response of the first address that has one; undefined if none has. */
async function firstMetadata<T>(
  http: HttpContext,
  urls: readonly string[],
  read: (answer: Fields) => T,
): Promise<T | undefined> {
  for (const url of urls) {
    const request: HttpRequest = { method: "GET", url };
    const answer = await exchange(http, request).catch((error: unknown) => {
      if (error instanceof Failure && error.status !== undefined) return undefined; // a web page
      throw error;
    });
    // Servers without it answer in many ways: with 401 for every path, or with a web page.
    if (!answer || isWebPage(answer)) continue;
    if (isSuccess(answer)) return readAnswer(request, answer, read);
    if (answer.status >= 500) await requireSuccess(request, answer);
  }
}

/**
 * Requires an address that is safe for a login: with TLS, and not on this machine unless the server is here too.
 *
 * @throws {Failure} of kind `server`.
 */
function requireAddress(what: string, address: string, server: URL): void {
  const why = whyUnusable(address);
  if (why !== undefined) {
    throw new Failure("server", `The server names ${what} with an address that ${why}`, {
      next: TELL,
    });
  }
  const { protocol, hostname, username, password } = new URL(address);
  const isHere = isLoopback(hostname);
  const isAllowed = isHere ? isLoopback(server.hostname) : protocol === "https:";
  if (isAllowed && !username && !password) return;
  throw new Failure(
    "server",
    isHere ? `The server names ${what} on this machine` : `The server names ${what} without TLS`,
    { next: TELL },
  );
}
