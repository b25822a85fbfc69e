/**
 * Our HTTP servers (the local Arcade, the callback of a login). They listen only at the requested address, accept only
 * requests with a valid Host, and run until they are closed.
 */

import { Failure } from "../failure.ts";
import { reachableFrom, urlHost } from "../hosts/address.ts";
import { keepOpen, type Opened } from "./keep_open.ts";
import { fileFailure } from "./system_failure.ts";

export interface ListenOptions {
  readonly hostname: string;
  /** 0 picks a free port. */
  readonly port: number;
  /** The path of a Unix socket at which the server listens too. Its folder is private, and used for nothing else. */
  readonly socket?: string | undefined;
  readonly env: ListenEnvironment;
}

/** The variables that the runtime reads implicitly. */
export interface ListenEnvironment {
  readonly DENO_SERVE_ADDRESS?: string | undefined;
}

export interface Listening {
  readonly port: number;
  /** Settles when the server has stopped; rejects when it fails. */
  readonly finished: Promise<void>;
  /** Stops accepting connections, and settles when all requests are answered. */
  shutdown(): Promise<void>;
}

/** Handles a request; `url` is its target, with its Host, and `peer` the address that it comes from. */
export type Handler = (
  request: Request,
  url: URL,
  peer: Deno.Addr,
) => Response | Promise<Response>;

/**
 * Starts to listen.
 *
 * @throws {Failure} of kind `usage` when DENO_SERVE_ADDRESS, a variable of the runtime, moves the server or adds a second
 * address. Also throws what `Deno.serve` throws.
 */
export async function listen(handler: Handler, options: ListenOptions): Promise<Listening> {
  const { hostname, env } = options;
  // `duplicate,…` adds a second address, which cannot be detected afterwards.
  if (env.DENO_SERVE_ADDRESS) throw movedElsewhere(options);
  const answer: Answer = (request, { remoteAddr }) => {
    const url = urlOf(request);
    return url === undefined
      ? new Response(null, { status: 400 })
      : handler(request, url, remoteAddr);
  };
  const { addr, ...first } = open(answer, options);
  if (addr.transport !== "tcp" || !isAsked(addr, options)) {
    await first.shutdown();
    throw movedElsewhere(options);
  }
  const port = keepOpen(first, () => open(answer, { hostname, port: addr.port }), {
    where: `${urlHost(hostname)}:${addr.port}`,
    connect: () => Deno.connect({ hostname: reachableFrom(addr.hostname), port: addr.port }),
  });
  const kept = [port];
  const { socket } = options;
  if (socket !== undefined) {
    try {
      kept.push(keepOpen(openSocket(answer, socket), () => openSocket(answer, socket), {
        where: socket,
        connect: () => Deno.connect({ transport: "unix", path: socket }),
      }));
    } catch (error) {
      await port.shutdown();
      throw error instanceof Failure ? error : fileFailure("create", socket, error);
    }
  }
  return {
    port: addr.port,
    finished: Promise.all(kept.map(({ finished }) => finished)).then(() => {}),
    async shutdown() {
      await Promise.all(kept.map((one) => one.shutdown()));
      if (socket !== undefined) removeSocket(socket);
    },
  };
}

function openSocket(answer: Answer, path: string): Opened {
  removeSocket(path);
  const server = open(answer, { path });
  Deno.chmodSync(path, 0o600);
  return server;
}

/** Removes a socket, which a killed server leaves. Throws a {@link Failure} of kind `file` for anything else in its place. */
function removeSocket(path: string): void {
  try {
    if (Deno.lstatSync(path).isSocket) return Deno.removeSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    throw error;
  }
  throw new Failure("file", `${path} exists where a socket should be`, { next: "Move it away" });
}

type Answer = (
  request: Request,
  info: { readonly remoteAddr: Deno.Addr },
) => Response | Promise<Response>;

/** Starts a server of the runtime. */
function open(
  answer: Answer,
  where: { readonly hostname: string; readonly port: number } | { readonly path: string },
): Opened & { readonly addr: Deno.Addr } {
  const connections = new AbortController();
  const options = {
    signal: connections.signal,
    onListen() {},
    onError: () => new Response(null, { status: 500 }), // by default it prints a stack trace
  };
  const server = "path" in where
    ? Deno.serve({ ...options, path: where.path }, answer)
    : Deno.serve({ ...options, hostname: where.hostname, port: where.port }, answer);
  return {
    addr: server.addr,
    finished: server.finished,
    shutdown: () => server.shutdown(),
    abort: () => connections.abort(),
  };
}

function movedElsewhere({ hostname, port }: ListenOptions): Failure {
  const where = `${urlHost(hostname)}${port === 0 ? "" : `:${port}`}`;
  return new Failure(
    "usage",
    `DENO_SERVE_ADDRESS moves servers away from ${where}`,
    {
      next: "Unset DENO_SERVE_ADDRESS and try again",
    },
  );
}

/** Whether a server listens at the requested address. A host name matches any address. */
function isAsked(address: Deno.NetAddr, { hostname, port }: ListenOptions): boolean {
  if (address.transport !== "tcp" || (port !== 0 && address.port !== port)) return false;
  const asked = canonicalHost(hostname);
  return asked === undefined || !/^[\d.]+$|^\[/.test(asked) ||
    asked === canonicalHost(address.hostname);
}

function canonicalHost(hostname: string): string | undefined {
  return URL.parse(`http://${urlHost(hostname)}`)?.hostname;
}

/** A name, an IPv4 address, or an IPv6 address in brackets, with an optional port. */
const HOST = /^(?:[\w.-]+|\[[\da-f:.]+\])(?::\d+)?$/i;

/** The target of a request; undefined without exactly one valid Host (RFC 9112 section 3.2). */
function urlOf(request: Request): URL | undefined {
  const host = request.headers.get("host") ?? "";
  if (!HOST.test(host)) return undefined;
  // Some runtimes give requests through a socket their own scheme.
  const url = URL.parse(request.url.replace(/^http\+unix:/, "http:"));
  // A target in absolute form has its own host.
  return url?.host === URL.parse(`http://${host}`)?.host ? url ?? undefined : undefined;
}
