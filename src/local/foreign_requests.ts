/**
 * Refuses requests from websites: a page in the user's browser can reach this server, but cannot forge Host, Origin and
 * Sec-Fetch-Site.
 */

import { endpointOf, LOOPBACK_NAMES, urlHost } from "../hosts/address.ts";

const WILDCARDS = ["0.0.0.0", "[::]"];
const IP_LITERAL = /^(\d{1,3}(\.\d{1,3}){3}|\[[0-9a-f:.]+\])$/;

/** The parts of a request that identify its origin. */
type Incoming = Pick<Request, "method" | "headers">;

/**
 * The reason to refuse a request; undefined to accept it. A foreign Host means DNS rebinding. A foreign Origin or
 * Sec-Fetch-Site means that another page sent the request (CSRF), possibly from another port of this machine; such a page may
 * only link here, see {@linkcode isFromElsewhere}.
 *
 * @param options.url the target of the request, with its Host.
 * @param options.hostname the address that this server is bound to.
 */
export function refusal(
  request: Incoming,
  { url, hostname, port }: { url: URL; hostname: string; port: number },
): string | undefined {
  const own = urlHost(hostname.toLowerCase());
  const known = LOOPBACK_NAMES.some((name) => urlHost(name) === url.hostname) ||
    url.hostname === own ||
    (WILDCARDS.includes(own) && IP_LITERAL.test(url.hostname));
  if (!known || endpointOf(url).port !== port) {
    return "Unknown Host; open the local Arcade at its own address";
  }
  const { headers } = request;
  const origin = headers.get("origin");
  const isForeign = origin !== null && origin.toLowerCase() !== url.origin;
  if (isForeign || (isCrossOrigin(headers) && !isFromElsewhere(request))) {
    return "Requests from other websites are refused";
  }
  if (headers.get("sec-purpose")?.includes("prefetch")) return "Prefetch requests are refused";
}

/** Whether another website navigates the user here, for example with a link. */
export function isFromElsewhere({ method, headers }: Incoming): boolean {
  return isCrossOrigin(headers) && method === "GET" &&
    headers.get("sec-fetch-mode") === "navigate" && headers.get("sec-fetch-dest") === "document";
}

/** Programs do not send this header, and browsers send `none` for a typed address. */
function isCrossOrigin(headers: Headers): boolean {
  return !["same-origin", "none", null].includes(headers.get("sec-fetch-site"));
}
