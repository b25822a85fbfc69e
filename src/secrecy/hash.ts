import { hex } from "../text/encoding.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** The SHA-256 of bytes, in hexadecimal. */
export async function sha256(bytes: Bytes): Promise<string> {
  return hex(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));
}

/** The HMAC-SHA-256 of a text, which only those who have the key can compute. */
export async function hmacSha256(key: string, text: string): Promise<Bytes> {
  const encoder = new TextEncoder();
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const raw = encoder.encode(key);
  const imported = await crypto.subtle.importKey("raw", raw, algorithm, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", imported, encoder.encode(text)));
}
