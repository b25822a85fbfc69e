/** Bytes as text. */

/** In hexadecimal, in lower case. */
export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** In base64 with the alphabet for URLs (RFC 4648, 5), without padding. Not for many bytes. */
export function base64Url(bytes: Uint8Array): string {
  return inUrlAlphabet(btoa(String.fromCharCode(...bytes))).replace(/=+$/, "");
}

/** Base64 in the alphabet for URLs. */
export function inUrlAlphabet(base64: string): string {
  return base64.replaceAll("+", "-").replaceAll("/", "_");
}
