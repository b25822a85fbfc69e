/**
 * Keeps web sites out: a page in the user's browser can reach this server, but it cannot forge Host
 * and Origin.
 */

const LOOPBACK_NAMES = ["127.0.0.1", "localhost", "[::1]"];
const WILDCARDS = ["0.0.0.0", "[::]"];
const IP_LITERAL = /^(\d{1,3}(\.\d{1,3}){3}|\[[0-9a-f:.]+\])$/;

/** A host name as it stands in a URL: an IPv6 address in brackets. */
export function urlHost(hostname: string): string {
  return hostname.includes(":") && !hostname.startsWith("[") ? `[${hostname}]` : hostname;
}

/**
 * Why a request is refused, or nothing when it may pass. A foreign Host means that a foreign name
 * was pointed at this address (DNS rebinding); a foreign Origin, that a foreign page sent the
 * request (CSRF).
 */
export function refusal(
  headers: Headers,
  bound: { hostname: string; port: number },
): string | undefined {
  const host = headers.get("host")?.toLowerCase() ?? "";
  const [, name = "", port = "80"] = /^(\[[^\]]*\]|[^:]+)(?::(\d+))?$/.exec(host) ?? [];
  const own = urlHost(bound.hostname.toLowerCase());
  const known = LOOPBACK_NAMES.includes(name) || name === own ||
    (WILDCARDS.includes(own) && IP_LITERAL.test(name));
  if (!known || port !== String(bound.port)) {
    return "This Host is not the local Arcade, open it by its own address";
  }
  const origin = headers.get("origin");
  if (origin !== null && origin.toLowerCase() !== `http://${host}`) {
    return "Requests from other web sites are refused";
  }
}
