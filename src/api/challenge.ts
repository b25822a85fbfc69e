/** Challenges in `WWW-Authenticate` (RFC 9110, 11.6.1), for step-up authentication (RFC 9470). */

import { isWebAddress } from "../hosts/urls.ts";

/** The challenge of a service that requires stronger authentication of the user. */
export interface StrongAuthentication {
  readonly description: string | undefined;
  /** An http or https address with more information. */
  readonly uri: string | undefined;
}

const TOKEN = String.raw`[!#$%&'*+.^_\`|~\w-]+`;
/** A scheme, or a parameter with a token or a quoted string. */
const PART = new RegExp(`(${TOKEN})(?:\\s*=\\s*(?:"((?:[^"\\\\]|\\\\.)*)"|(${TOKEN})))?`, "g");
/** Longer headers are not searched. */
const MAX_LENGTH = 8192;

/**
 * The requirement of a stronger authentication in a response with status 401; undefined if it requires none.
 *
 * @example
 * ```ts
 * readChallenge(new Headers({ "www-authenticate": 'Bearer error="insufficient_user_authentication"' }));
 * ```
 */
export function readChallenge(headers: Headers): StrongAuthentication | undefined {
  const bearers = bearersOf(headers);
  const found = bearers.find((one) => one.get("error") === "insufficient_user_authentication");
  if (!found) return undefined;
  const uri = found.get("error_uri");
  return {
    description: found.get("error_description"),
    uri: uri !== undefined && isWebAddress(uri) ? uri : undefined,
  };
}

/** The challenge of a protected resource (RFC 6750, 3; RFC 9728, 5.1). */
export interface BearerChallenge {
  /** The address of the metadata of the resource. */
  readonly resourceMetadata: string | undefined;
  readonly scope: string | undefined;
}

/** The challenge for a bearer token; undefined without one. */
export function readBearerChallenge(headers: Headers): BearerChallenge | undefined {
  const bearers = bearersOf(headers);
  const found = bearers.find((one) => one.has("resource_metadata")) ?? bearers[0];
  return found &&
    { resourceMetadata: found.get("resource_metadata"), scope: found.get("scope") || undefined };
}

/** The parameters of each challenge for a bearer token. */
function bearersOf(headers: Headers): Map<string, string>[] {
  const header = headers.get("www-authenticate") ?? "";
  if (header.length > MAX_LENGTH) return [];
  let parameters = new Map<string, string>();
  const bearers: Map<string, string>[] = [];
  for (const [, name = "", quoted, token] of header.matchAll(PART)) {
    const value = quoted?.replace(/\\(.)/g, "$1") ?? token;
    if (value !== undefined) parameters.set(name.toLowerCase(), value);
    else {
      parameters = new Map();
      if (name.toLowerCase() === "bearer") bearers.push(parameters);
    }
  }
  return bearers;
}
