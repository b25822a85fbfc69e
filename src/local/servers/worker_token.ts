import { Buffer } from "node:buffer";
import { createHmac } from "node:crypto";

/**
 * The token of the engine for a server: a JWT (RFC 7519) signed with HS256, for the audience `worker`, of version 1. It has no
 * expiry, because the secret lives only as long as the process of the server.
 */
export function workerToken(secret: string): string {
  const segment = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const signed = `${segment({ alg: "HS256", typ: "JWT" })}.${segment({ aud: "worker", ver: "1" })}`;
  return `${signed}.${createHmac("sha256", secret).update(signed).digest("base64url")}`;
}
