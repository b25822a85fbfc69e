import { Buffer } from "node:buffer";

/**
 * The token of the engine for a server: a JWT (RFC 7519) signed with HS256, for the audience `worker`, of version 1. It has no
 * expiry, because the secret lives only as long as the process of the server.
 */
export async function workerToken(secret: string): Promise<string> {
  const encoder = new TextEncoder();
  const segment = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const signed = `${segment({ alg: "HS256", typ: "JWT" })}.${segment({ aud: "worker", ver: "1" })}`;
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const bytes = encoder.encode(secret);
  const key = await crypto.subtle.importKey("raw", bytes, algorithm, false, ["sign"]);
  const signature = await crypto.subtle.sign("HMAC", key, encoder.encode(signed));
  return `${signed}.${Buffer.from(signature).toString("base64url")}`;
}
