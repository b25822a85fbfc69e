/**
 * Random opaque strings, and the hashes that the database stores.
 */

import { createHash } from "node:crypto";

export { randomOpaque } from "./random_opaque.ts";

/** Consonants only: no similar characters, no words (RFC 8628 section 6.1). */
const USER_CODE_ALPHABET = "BCDFGHJKLMNPQRSTVWXZ";
const USER_CODE_LENGTH = 8;

/**
 * The hash of an opaque string for storage, so that a copy of the database gives no access.
 */
export function hashOf(opaque: string): string {
  return createHash("sha256").update(opaque).digest("hex");
}

/** `BASE64URL-ENCODE(SHA256(ASCII(code_verifier)))` (RFC 7636 section 4.2). */
export function codeChallengeOf(codeVerifier: string): string {
  return createHash("sha256").update(codeVerifier).digest("base64url");
}

/** A user code such as `WDJB-MJHT` (RFC 8628 section 6.1). */
export function randomUserCode(): string {
  // Reject bytes beyond the last full run of the alphabet, which would favor its first letters.
  const limit = 256 - 256 % USER_CODE_ALPHABET.length;
  let code = "";
  while (code.length < USER_CODE_LENGTH) {
    const [byte = limit] = crypto.getRandomValues(new Uint8Array(1));
    if (byte < limit) code += USER_CODE_ALPHABET.charAt(byte % USER_CODE_ALPHABET.length);
  }
  return withDash(code);
}

/** Normalizes a typed user code. Ignores case, spaces and dashes. */
export function normalizedUserCode(typed: string): string {
  return withDash(typed.toUpperCase().replaceAll(/[^A-Z]/g, ""));
}

function withDash(code: string): string {
  return `${code.slice(0, 4)}-${code.slice(4)}`;
}
