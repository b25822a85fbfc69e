/** Hubs: the services that identities are for, and the normal form of their names. */

import { Failure } from "../failure.ts";
import { isLoopback } from "./address.ts";

/** An optional `scheme://`, then everything before the path, the query and the fragment. */
const PARTS = /^(?:([a-z][a-z\d+.-]*):\/\/)?([^/?#]+)/i;
/** A name, an IPv4 address, or an IPv6 address in brackets, with an optional port. */
const HOST = /^(\[[^\]]+\]|[^:[\]]+)(?::(\d+))?$/;
/** An IPv6 address without its brackets. */
const BARE_IPV6 = /^[\da-f.]*:[\da-f.]*:[\da-f:.]*$/i;
/** Longer than the address of any hub. */
const MAX_LENGTH = 4096;
/** A valid host, as normalized by `URL`. */
const HOST_NAME = /^(?:[a-z\d_-]+(?:\.[a-z\d_-]+)*|\[[\da-f:]+\])$/;
/** Hubs already in normal form, which need no parsing. `xn--` does, because it may not be valid punycode. */
const PLAIN = /^(?!.*xn--)(?:[a-z\d-]+\.)+[a-z]{2,}$/;
const FINAL_DOTS = /(?<!\.)\.+$/;

/**
 * The key of a hub: the host in lower case, an international name as punycode, an IPv6 address in brackets, and the port if
 * it is not 443. User info, path, query and fragment are dropped.
 *
 * @throws {Failure} of kind `usage` when it is not a hub, or when a token must not be sent to it. The message does not quote
 * the input, which may contain a password.
 *
 * @example
 * ```ts
 * parseHub("https://me:secret@MuseHub.AI/repos/x"); // "musehub.ai"
 * parseHub("musehub.ai:8443"); // "musehub.ai:8443"
 * ```
 */
export function parseHub(written: string): string {
  const key = hubOf(written);
  if (key !== undefined) return key;
  const isHttp = /^http:\/\/[^/]/i.test(written);
  throw new Failure(
    "usage",
    isHttp ? "A hub needs https" : "The hub is not a host name or an https address",
    {
      next: isHttp
        ? "Use https://; http:// is only for localhost, 127.0.0.1 and [::1]"
        : "Write it like musehub.ai, musehub.ai:8443 or https://musehub.ai",
    },
  );
}

/** Like {@link parseHub}, but returns undefined for an invalid hub. */
export function hubOf(written: string): string | undefined {
  if (PLAIN.test(written)) return written;
  // `URL` drops some of these characters, and treats others as slashes.
  // deno-lint-ignore no-control-regex
  if (written.length > MAX_LENGTH || /[\s\x00-\x1f\x7f-\x9f\\]/.test(written)) return undefined;
  const [, scheme = "https", authority = ""] = PARTS.exec(written) ?? [];
  const hostAndPort = authority.slice(authority.lastIndexOf("@") + 1);
  const [, host = "", port = ""] = HOST.exec(hostAndPort) ?? [];
  const name = BARE_IPV6.test(hostAndPort) ? `[${hostAndPort}]` : host.replace(FINAL_DOTS, "");
  const url = URL.parse(`${scheme}://${name}${port && `:${port}`}`);
  return url ? hubKeyOf(url) : undefined;
}

/**
 * The key of the hub that a request goes to. Undefined if a token must not be sent there: plain http is allowed only for this
 * machine, and its key always includes the port.
 */
export function hubKeyOf(url: URL): string | undefined {
  const name = url.hostname.replace(FINAL_DOTS, "");
  if (!HOST_NAME.test(name)) return undefined;
  if (url.protocol === "https:") return url.port ? `${name}:${url.port}` : name;
  return url.protocol === "http:" && isLoopback(name) ? `${name}:${url.port || "80"}` : undefined;
}
