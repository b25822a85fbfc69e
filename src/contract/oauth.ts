/** OAuth: the settings of a coordinator, and the answers of its authorization server (docs/contracts.md, OAuth). */

import type { Fields } from "./fields.ts";

/** `GET {coordinator}/api/v1/auth/cli_config`: the OAuth settings of the coordinator. */
export interface OAuthSettings {
  readonly client_id: string;
  readonly authorization_endpoint: string;
  readonly token_endpoint: string;
  readonly device_authorization_endpoint?: string | undefined;
  readonly revocation_endpoint?: string | undefined;
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
