/** The metadata of a gateway and of its authorization server for MCP clients. */

import type { Context } from "hono";
import type {
  AuthorizationServerResponse,
  ProtectedResourceResponse,
} from "../../contract/oauth.ts";
import type { Gateway } from "../model/gateways.ts";
import { ownOrigin } from "../own_origin.ts";
import { resourceOf } from "./resource.ts";

/** The path of the authorization server, below which its endpoints are. */
const ISSUER_PATH = "/oauth2";
/** Where clients register themselves (RFC 7591). */
export const REGISTRATION_PATH = `${ISSUER_PATH}/register`;
/** RFC 8414 section 3.1. */
export const AUTHORIZATION_SERVER_PATH = `/.well-known/oauth-authorization-server${ISSUER_PATH}`;
/** RFC 9728 section 3.1; the path of a gateway follows. */
export const PROTECTED_RESOURCE_PATH = "/.well-known/oauth-protected-resource";

/** Scopes that a client can get. */
export interface Scopes {
  readonly known: readonly string[];
  /** The scopes of a client that requests none. */
  readonly otherwise: string;
}

/** The scopes of MCP clients. */
export const GATEWAY_SCOPES: Scopes = {
  known: ["mcp", "offline_access"],
  otherwise: "mcp offline_access",
};

/** The name of the authorization server (RFC 9207, RFC 8414). */
export function issuerOf(c: Context): string {
  return ownOrigin(c) + ISSUER_PATH;
}

/** RFC 9728. */
export function protectedResource(c: Context, gateway: Gateway): ProtectedResourceResponse {
  return {
    resource: resourceOf(c, gateway),
    authorization_servers: [issuerOf(c)],
    bearer_methods_supported: ["header"],
    scopes_supported: ["mcp"],
    resource_name: gateway.name,
  };
}

/** RFC 8414. */
export function authorizationServer(c: Context): AuthorizationServerResponse {
  const issuer = issuerOf(c);
  return {
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    registration_endpoint: ownOrigin(c) + REGISTRATION_PATH,
    revocation_endpoint: `${issuer}/revoke`,
    response_types_supported: ["code"],
    response_modes_supported: ["query"],
    grant_types_supported: ["authorization_code", "refresh_token"],
    token_endpoint_auth_methods_supported: ["none"],
    revocation_endpoint_auth_methods_supported: ["none"],
    code_challenge_methods_supported: ["S256"],
    scopes_supported: GATEWAY_SCOPES.known,
    authorization_response_iss_parameter_supported: true,
    client_id_metadata_document_supported: false,
  };
}
