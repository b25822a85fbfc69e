/** Failures for requests without a response, or with a response from a proxy; loaded only when needed. */

import { Failure } from "../failure.ts";
import { isLoopback } from "../hosts/address.ts";
import type { Proxy } from "../system/proxies.ts";
import { originOf } from "./http_message.ts";

/** The route of a request to its service. */
export interface Route {
  readonly proxy: Proxy | undefined;
  /** One sentence for each certificate file that cannot be used. */
  readonly unusable: readonly string[];
  /** Whether the error is about TLS with the proxy. */
  readonly isProxyTls?: true;
}

const REFUSED = "connection refused";
const DIRECT: Route = { proxy: undefined, unusable: [] };

/** The failure for a missing or incomplete response. */
export function networkFailure(
  url: string,
  signal: AbortSignal | undefined,
  error: unknown,
  route: Route = DIRECT,
): Failure {
  if (error instanceof Failure && error !== signal?.reason) return error;
  const { proxy } = route;
  if (signal?.reason instanceof Failure) {
    return proxy ? lateThrough(proxy, signal.reason) : signal.reason;
  }
  const whole = error instanceof Error ? `${error.message} ${String(error.cause ?? "")}` : "";
  const details = whole.replace(/https?:\S+/g, ""); // the host itself may be called ssl.example
  if (proxy) {
    const failure = proxyFailure(url, proxy, details, route);
    if (failure) return failure;
  }
  const where = originOf(url);
  const [what, next] = reasonOf(details, url, route);
  if (what === REFUSED && isLoopback(new URL(url).hostname)) {
    return new Failure("network", `Nothing is listening at ${where}`, {
      next: "Start it, for example with `arcade local serve`, or check the address",
      cause: error,
    });
  }
  const through = proxy ? ` through the proxy ${proxy.address}` : "";
  return new Failure("network", `Cannot reach ${where}${through}: ${what}`, { next, cause: error });
}

/** The error of newer runtimes for ports that browsers also block (Fetch, port blocking). */
const BLOCKED_PORT = /requests to port \d+ are blocked/i;

type Reason = readonly [what: string, next: string];

function reasonOf(details: string, url: string, route: Route): Reason {
  if (/dns error|lookup address|resolve/i.test(details)) {
    return ["unknown host", "Check the spelling of the host and the network"];
  }
  if (/connection refused|actively refused|ECONNREFUSED|proxy server unreachable/i.test(details)) {
    return [REFUSED, "Check that it is running and that the port is right"];
  }
  if (BLOCKED_PORT.test(details)) {
    return ["its port is for another protocol", "Check the port"];
  }
  if (/certificate|tls|ssl|InvalidContentType|corrupt message|fatal alert/i.test(details)) {
    const [why, next] = tlsReason(details, isLoopback(new URL(url).hostname), route.unusable);
    return [`TLS failed${why && `, ${why}`}`, next];
  }
  if (/body|incomplete|unexpected end|closed before|reset|broken pipe|EOF/i.test(details)) {
    return ["the connection was lost", "Try again"];
  }
  return ["network error", "Check the network, then try again"];
}

/** Why TLS failed, in the words of rustls. */
function tlsReason(details: string, isLocal: boolean, unusable: readonly string[]): Reason {
  const [, certificate] = /invalid peer certificate: (.*)/i.exec(details) ?? [];
  const adds = "SSL_CERT_FILE adds a private CA";
  if (certificate === undefined) {
    if (/InvalidContentType|corrupt message/i.test(details)) {
      return isLocal
        ? [
          "the server does not use TLS",
          "Check the port, or start the address with http:// (with `--host`, use `--no-tls`)",
        ]
        : ["the server does not use TLS at this port", "Check the address and the port"];
    }
    if (
      /ProtocolVersion|HandshakeFailure|InsufficientSecurity|peer is incompatible/i.test(details)
    ) {
      return [
        "the server does not support a secure TLS version",
        "It must support TLS 1.2 or 1.3",
      ];
    }
    if (/CertificateRequired/i.test(details)) {
      return [
        "the server requires a client certificate",
        "arcade cannot send one: ask the operator for an address without this requirement",
      ];
    }
    if (/eof/i.test(details)) {
      return [
        "the server closed the connection during the handshake",
        "Check the port, and whether a firewall or a proxy interferes",
      ];
    }
    return ["", `Check its certificate; ${adds}`];
  }
  if (/^(?:certificate )?expired/i.test(certificate)) {
    return [
      "its certificate has expired",
      "Check the clock of this machine, or ask the operator to renew the certificate",
    ];
  }
  if (/^(?:certificate )?not valid yet/i.test(certificate)) {
    return ["its certificate is not valid yet", "Check the clock of this machine"];
  }
  if (/^(?:certificate not valid for name|NotValidForName)/i.test(certificate)) {
    return [
      "its certificate is for another name",
      "Check the host in the address; the certificate must contain it",
    ];
  }
  if (/^revoked/i.test(certificate)) {
    return ["its certificate was revoked", "Ask the operator to replace the certificate"];
  }
  if (/CaUsedAsEndEntity/i.test(certificate)) {
    return [
      "its certificate is self-signed and is a CA certificate",
      `The server needs a certificate signed by a CA; ${adds}`,
    ];
  }
  if (/^(?:UnknownIssuer|BadSignature)/i.test(certificate)) {
    const [first] = unusable;
    return [
      "its certificate is self-signed or from an unknown CA",
      first === undefined ? `Check its certificate; ${adds}` : `Check ${first}`,
    ];
  }
  return ["its certificate is not valid", `Check its certificate; ${adds}`];
}

/** The failure of a proxy itself; undefined if the service failed. */
function proxyFailure(
  url: string,
  proxy: Proxy,
  details: string,
  route: Route,
): Failure | undefined {
  const { variable, address } = proxy;
  if (/proxy authentication required|acceptable auth methods|password auth/i.test(details)) {
    return proxyStatusFailure(url, proxy, 407);
  }
  const isReached = !/dns error|lookup address|tcp connect error|proxy server unreachable/i
    .test(details);
  if (!isReached || route.isProxyTls) {
    const [what, next] = reasonOf(details, address, route);
    const isCertificate = /invalid peer certificate/i.test(details);
    return new Failure("network", `Cannot reach the proxy ${address}: ${what}`, {
      next: isCertificate ? next : `Check ${variable}, the network, and that the proxy is running`,
    });
  }
  const isRefusal = /unsuccessful tunnel|eof while tunneling/i.test(details) ||
    (address.startsWith("socks") && /\(Connect\)/.test(details) &&
      !/certificate|tls|alert/i.test(details));
  return isRefusal ? refusedByProxy(url, proxy) : undefined;
}

function refusedByProxy(url: string, { variable, address }: Proxy): Failure {
  const { origin, hostname } = new URL(url);
  return new Failure("network", `The proxy ${address} did not connect to ${origin}`, {
    next:
      `Check ${variable}, check whether the proxy allows this address, or add ${hostname} to NO_PROXY`,
  });
}

/** The failure for a proxy's status instead of a response from the service. */
export function proxyStatusFailure(
  url: string,
  proxy: Proxy,
  status: number,
): Failure {
  const { variable, address, user } = proxy;
  if (status !== 407) {
    return new Failure(
      "network",
      `The proxy ${address} could not reach ${originOf(url)} (${status})`,
      {
        status,
        next: `Check that the service is running, and that ${variable} is right`,
      },
    );
  }
  const what = user ? "rejected the user or password" : "requires a user and password";
  return new Failure("network", `The proxy ${address} ${what} (407)`, {
    status,
    next: `Set them in ${variable}, like http://USER:PASSWORD@proxy.example.com:8080`,
  });
}

/** The timeout of a request through a proxy, where the proxy or the service may not have answered. */
function lateThrough({ address, variable }: Proxy, late: Failure): Failure {
  if (late.kind !== "network") return late;
  return new Failure("network", `${late.message} through the proxy ${address}`, {
    next: `Check the proxy (${variable}) and the network, or increase ARCADE_TIMEOUT_SECONDS`,
  });
}
