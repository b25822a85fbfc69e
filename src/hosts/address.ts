/** Names and ports of addresses, and which of them are this machine. */

/** Whether the host name of a URL is this machine. */
export function isLoopback(hostname: string): boolean {
  return /^(?:localhost|127(?:\.\d+){3}|0\.0\.0\.0|\[::1\])$/.test(hostname);
}

/** The names to listen on that only this machine can connect to. */
export const LOOPBACK_NAMES: readonly string[] = ["127.0.0.1", "::1", "localhost"];

/** The address on this machine for a server that listens on `hostname`, which may mean all addresses. */
export function reachableFrom(hostname: string): string {
  return { "0.0.0.0": "127.0.0.1", "::": "::1" }[hostname] ?? hostname;
}

/** The form of a host name in a URL: an IPv6 address in brackets. */
export function urlHost(hostname: string): string {
  return hostname.includes(":") && !hostname.startsWith("[") ? `[${hostname}]` : hostname;
}

/** Where to connect for a URL, whose port may be the default of its scheme. */
export function endpointOf(
  url: string | URL,
): { readonly hostname: string; readonly port: number } {
  const { hostname, port, protocol } = new URL(url);
  return {
    hostname: hostname.replace(/^\[|\]$/g, ""),
    port: Number(port || (protocol === "https:" ? 443 : 80)),
  };
}
