/** Which proxy a request goes through. */

import { Failure } from "../failure.ts";
import type { Environment } from "../contract/variables.ts";

/** A proxy that a variable names. */
export interface Proxy {
  readonly variable: string;
  /** Without user and password. */
  readonly address: string;
  readonly user: { readonly username: string; readonly password: string } | undefined;
}

/**
 * The proxy for a request, as curl chooses it; undefined if it goes directly. The runtime would ignore a variable that it
 * cannot read, and send the request directly.
 *
 * @param excluded the hosts that need no proxy, as in `NO_PROXY`.
 * @throws {Failure} of kind `usage` when the variable is not the address of a proxy.
 */
export function proxyFor(env: Environment, url: URL, excluded: string): Proxy | undefined {
  const variable = variablesFor(env, url.protocol).find((name) => env[name]);
  if (variable === undefined || isExcluded(url.hostname, excluded)) return undefined;
  return readProxy(variable, env[variable] ?? "");
}

function variablesFor({ REQUEST_METHOD }: Environment, protocol: string) {
  const own = protocol === "https:"
    ? ["HTTPS_PROXY", "https_proxy"] as const
    : REQUEST_METHOD === undefined // otherwise the variable may come from a header: CGI, RFC 3875 4.1.18
    ? ["HTTP_PROXY", "http_proxy"] as const
    : [];
  return [...own, "ALL_PROXY", "all_proxy"] as const;
}

function readProxy(variable: string, written: string): Proxy {
  const text = written.trim();
  const url = URL.parse(/^[a-z][a-z\d+.-]*:\/\//i.test(text) ? text : `http://${text}`);
  const isProxy = url && /^(?:https?|socks5h?):$/.test(url.protocol) && url.hostname !== "" &&
    url.pathname.length < 2 && url.search === "" && url.hash === "";
  if (!isProxy) throw notAProxy(variable);
  const { protocol, host, username, password } = url;
  const isAnonymous = username === "" && password === "";
  return {
    variable,
    address: `${protocol}//${host}`,
    user: isAnonymous ? undefined : { username: decoded(username), password: decoded(password) },
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a percent sign that was not encoded
  }
}

/** The failure for a variable that is not the address of a proxy. It does not quote the value, which may have a password. */
export function notAProxy(variable: string, cause?: unknown): Failure {
  return new Failure("usage", `${variable} is not the address of a proxy`, {
    next: "Set it to an http, https or socks5 address, such as http://proxy.example.com:8080",
    cause,
  });
}

/** Whether a list such as `NO_PROXY` has a host: a name with its subdomains, an IP address, or a network (CIDR). */
export function isExcluded(hostname: string, list: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, "");
  const address = readAddress(host);
  return list.toLowerCase().split(",").map((rule) => rule.trim()).some((rule) => {
    if (rule === "*") return true;
    const [base = "", prefix] = rule.split("/");
    const network = readAddress(base);
    if (!address || !network) {
      const name = rule.replace(/^\./, "");
      return !address && name !== "" && (host === name || host.endsWith(`.${name}`));
    }
    const length = prefix === undefined ? network.bits : Number(prefix);
    if (address.bits !== network.bits || !(length >= 0 && length <= network.bits)) return false;
    const rest = BigInt(network.bits - Math.trunc(length));
    return address.value >> rest === network.value >> rest;
  });
}

/** An IP address as a number. */
function readAddress(text: string): { readonly bits: number; readonly value: bigint } | undefined {
  if (/^\d+(?:\.\d+){3}$/.test(text)) return { bits: 32, value: join(text.split("."), 8n) };
  const written = text.includes(":") && URL.parse(`http://[${text}]`)?.hostname.slice(1, -1);
  if (!written) return undefined;
  const [head = [], tail = []] = written.split("::").map((half) =>
    half.split(":").filter((group) => group !== "")
  );
  const zeros = Array<string>(8 - head.length - tail.length).fill("0");
  return { bits: 128, value: join([...head, ...zeros, ...tail].map((one) => `0x${one}`), 16n) };
}

function join(parts: readonly string[], bits: bigint): bigint {
  return parts.reduce((sum, part) => sum << bits | BigInt(part), 0n);
}
