/** OAuth: the settings of a coordinator, and the answers of its authorization server (docs/contracts.md, OAuth). */

import type { Fields } from "./fields.ts";
import { type Body, isLine } from "./request.ts";

/** `GET {coordinator}/api/v1/auth/cli_config`: the OAuth settings of the coordinator. */
export interface OAuthSettings {
  readonly client_id: string;
  readonly authorization_endpoint: string;
  readonly token_endpoint: string;
  readonly device_authorization_endpoint?: string | undefined;
  readonly revocation_endpoint?: string | undefined;
  /** The name of the authorization server, where it is known. */
  readonly issuer?: string;
  /** Whether it names itself in the response of the browser (RFC 9207). */
  readonly namesIssuer?: boolean;
}

export function readOAuthSettings(answer: Fields): OAuthSettings {
  return {
    client_id: answer.id("client_id"),
    authorization_endpoint: answer.requiredAddress("authorization_endpoint"),
    token_endpoint: answer.requiredAddress("token_endpoint"),
    device_authorization_endpoint: answer.address("device_authorization_endpoint"),
    revocation_endpoint: answer.address("revocation_endpoint"),
  };
}

// The client reads the answers below with oauth4webapi.

/** A successful answer of the token endpoint (RFC 6749 5.1). */
export interface TokenResponse {
  readonly access_token: string;
  readonly refresh_token?: string;
  readonly expires_in: number;
  readonly token_type: "Bearer";
  readonly scope: string;
}

/** An answer of the device authorization endpoint (RFC 8628 3.2). */
export interface DeviceAuthorizationResponse {
  readonly device_code: string;
  readonly user_code: string;
  readonly verification_uri: string;
  readonly verification_uri_complete: string;
  readonly expires_in: number;
  readonly interval: number;
}

/** An error of these endpoints (RFC 6749 5.2, RFC 8628 3.5), and of the redirect (RFC 6749 4.1.2.1). */
export interface OAuthErrorResponse {
  readonly error: string;
  readonly error_description: string;
}

/** `POST /oauth2/register`, as far as it is used (RFC 7591 section 2): all clients are public and use the code flow. */
export interface RegistrationRequest {
  /** Undefined if it is missing, or cannot be shown. */
  readonly client_name?: string | undefined;
  readonly redirect_uris: readonly string[];
  readonly application_type?: string | undefined;
}

export const registrationRequest: Body<RegistrationRequest> = {
  expected: "an object with redirect_uris (a list of addresses), and optionally client_name",
  read: (body) => {
    const name = body.text("client_name")?.trim() ?? "";
    return {
      client_name: isLine(name, 100) ? name : undefined,
      redirect_uris: body.requiredTexts("redirect_uris"),
      application_type: body.text("application_type"),
    };
  },
};

/** The answer (RFC 7591 section 3.2.1). */
export interface RegistrationResponse {
  readonly client_id: string;
  readonly client_id_issued_at: number;
  readonly client_name?: string;
  readonly redirect_uris: readonly string[];
  readonly grant_types: readonly string[];
  readonly response_types: readonly string[];
  readonly token_endpoint_auth_method: "none";
  readonly application_type: "native" | "web";
  readonly scope: string;
}

/** What an MCP client finds about a gateway (RFC 9728 section 2). */
export interface ProtectedResourceResponse {
  readonly resource: string;
  readonly authorization_servers: readonly string[];
  readonly bearer_methods_supported: readonly string[];
  readonly scopes_supported: readonly string[];
  readonly resource_name: string;
}

/** What an MCP client finds about the authorization server (RFC 8414 section 2). */
export interface AuthorizationServerResponse {
  readonly issuer: string;
  readonly authorization_endpoint: string;
  readonly token_endpoint: string;
  readonly registration_endpoint: string;
  readonly revocation_endpoint: string;
  readonly response_types_supported: readonly string[];
  readonly response_modes_supported: readonly string[];
  readonly grant_types_supported: readonly string[];
  readonly token_endpoint_auth_methods_supported: readonly string[];
  readonly revocation_endpoint_auth_methods_supported: readonly string[];
  readonly code_challenge_methods_supported: readonly string[];
  readonly scopes_supported: readonly string[];
  readonly authorization_response_iss_parameter_supported: boolean;
  readonly client_id_metadata_document_supported: boolean;
}
