/**
 * Keeps web sites out: a page in the user's browser can reach this server, but it cannot forge Host, Origin and
 * Sec-Fetch-Site.
 */

import { urlHost } from "../listen.ts";

const LOOPBACK_NAMES = ["127.0.0.1", "localhost", "[::1]"];
const WILDCARDS = ["0.0.0.0", "[::]"];
const IP_LITERAL = /^(\d{1,3}(\.\d{1,3}){3}|\[[0-9a-f:.]+\])$/;

/** What tells where a request comes from. */
type Incoming = Pick<Request, "method" | "headers">;

/**
 * Why a request is refused, or nothing when it may pass. A foreign Host means that a foreign name was pointed at this
 * address (DNS rebinding); a foreign Origin or Sec-Fetch-Site, that a foreign page sent the request (CSRF), one at another
 * port of this machine included. It may only lead the user here, see {@linkcode isFromElsewhere}.
 *
 * @param options.url where the request goes, with its Host.
 * @param options.hostname what this server is bound to.
 */
export function refusal(
  request: Incoming,
  { url, hostname, port }: { url: URL; hostname: string; port: number },
): string | undefined {
  const own = urlHost(hostname.toLowerCase());
  const known = LOOPBACK_NAMES.includes(url.hostname) || url.hostname === own ||
    (WILDCARDS.includes(own) && IP_LITERAL.test(url.hostname));
  if (!known || (url.port || "80") !== String(port)) {
    return "Unknown Host; open the local Arcade by its own address";
  }
  const { headers } = request;
  const origin = headers.get("origin");
  const isForeign = origin !== null && origin.toLowerCase() !== url.origin;
  if (isForeign || (isCrossOrigin(headers) && !isFromElsewhere(request))) {
    return "Requests from other websites are refused";
  }
  if (headers.get("sec-purpose")?.includes("prefetch")) return "Prefetching is refused";
}

/** Whether another web site leads the user here, by a link for instance. */
export function isFromElsewhere({ method, headers }: Incoming): boolean {
  return isCrossOrigin(headers) && method === "GET" &&
    headers.get("sec-fetch-mode") === "navigate" && headers.get("sec-fetch-dest") === "document";
}

/** Programs send no such header, and browsers say `none` when the user typed the address. */
function isCrossOrigin(headers: Headers): boolean {
  return !["same-origin", "none", null].includes(headers.get("sec-fetch-site"));
}
