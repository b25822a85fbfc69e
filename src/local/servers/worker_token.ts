import { hmacSha256 } from "../../secrecy/hash.ts";
import { base64Url } from "../../text/encoding.ts";

/**
 * The token of the engine for a server: a JWT (RFC 7519) signed with HS256, for the audience `worker`, of version 1. It has no
 * expiry, because the secret lives only as long as the process of the server.
 */
export async function workerToken(secret: string): Promise<string> {
  const segment = (value: unknown) => base64Url(new TextEncoder().encode(JSON.stringify(value)));
  const signed = `${segment({ alg: "HS256", typ: "JWT" })}.${segment({ aud: "worker", ver: "1" })}`;
  return `${signed}.${base64Url(await hmacSha256(secret, signed))}`;
}
