/** Hubs: the services that identities are for, and how their names are written. */

import { Failure } from "../failure.ts";
import { isLoopback } from "../loopback.ts";

/** `scheme://` if there is one, then what stands before the path, the query and the fragment. */
const PARTS = /^(?:([a-z][a-z\d+.-]*):\/\/)?([^/?#]+)/i;
/** A name, an IPv4 address, or an IPv6 address in its brackets; then perhaps a port. */
const HOST = /^(\[[^\]]+\]|[^:[\]]+)(?::(\d+))?$/;
/** An IPv6 address without its brackets. */
const BARE_IPV6 = /^[\da-f.]*:[\da-f.]*:[\da-f:.]*$/i;
/** Longer than any address that names a hub. */
const MAX_LENGTH = 4096;
/** What `URL` makes of a host that a request can go to. */
const HOST_NAME = /^(?:[a-z\d_-]+(?:\.[a-z\d_-]+)*|\[[\da-f:]+\])$/;
/** Most hubs are written as their keys, and then nothing has to be parsed. `xn--` has to be: not all of that is punycode. */
const PLAIN = /^(?!.*xn--)(?:[a-z\d-]+\.)+[a-z]{2,}$/;
const FINAL_DOTS = /\.+$/;

/**
 * The key of a hub, however it is written: the host in lower case, an international name as punycode, an IPv6 address in
 * brackets, and the port if it is not the one of https. User info, path, query and fragment are no part of it.
 *
 * @throws {Failure} of kind `usage` when it is not a hub, or one that a token may not be sent to. It does not repeat what
 * was written, which can have a password in it.
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

/** As {@link parseHub}, but undefined for what is not a hub. */
export function hubOf(written: string): string | undefined {
  if (PLAIN.test(written)) return written;
  // `URL` would drop some of these, and read others as slashes.
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
 * The key of the hub that a request goes to. Undefined where no token may be sent: over plain http, but for this machine
 * itself, where the key always has the port.
 */
export function hubKeyOf(url: URL): string | undefined {
  const name = url.hostname.replace(FINAL_DOTS, "");
  if (!HOST_NAME.test(name)) return undefined;
  if (url.protocol === "https:") return url.port ? `${name}:${url.port}` : name;
  return url.protocol === "http:" && isLoopback(name) ? `${name}:${url.port || "80"}` : undefined;
}
