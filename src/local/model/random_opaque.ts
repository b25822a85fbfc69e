import { base64Url } from "../../text/encoding.ts";

/**
 * An unguessable random string with a recognizable prefix, with 256 bits by default.
 *
 * @example
 * ```ts
 * randomOpaque("arcl_at_"); // "arcl_at_Kx…" (43 characters of base64url)
 * ```
 */
export function randomOpaque(prefix: string, byteLength = 32): string {
  const bytes = crypto.getRandomValues(new Uint8Array(byteLength));
  return prefix + base64Url(bytes);
}
