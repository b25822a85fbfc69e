/**
 * Our HTTP servers (the local Arcade, the callback of a login): at the address that was asked for and at no other, for
 * requests that say where they go, and until they are closed.
 */

import { Failure } from "./failure.ts";

export interface ListenOptions {
  readonly hostname: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly env: ListenEnvironment;
}

/** What the runtime reads behind our back. */
export interface ListenEnvironment {
  readonly DENO_SERVE_ADDRESS?: string | undefined;
}

export interface Listening {
  readonly port: number;
  /** Settles when the server has stopped; rejects when it cannot go on. */
  readonly finished: Promise<void>;
  /** Accepts no connections any more, and settles when all requests are answered. */
  shutdown(): Promise<void>;
}

/** Answers a request; `url` is where it goes, with the Host that it came with. */
export type Handler = (request: Request, url: URL) => Response | Promise<Response>;

/**
 * Starts to listen.
 *
 * @throws {Failure} of kind `usage` when DENO_SERVE_ADDRESS, a variable of the runtime, moves the server or adds a second
 * address; whatever `Deno.serve` throws otherwise.
 */
export async function listen(handler: Handler, options: ListenOptions): Promise<Listening> {
  const { hostname, env } = options;
  // `duplicate,…` leaves the address as it is and listens at another one too, which could not be seen afterwards.
  if (env.DENO_SERVE_ADDRESS) throw movedElsewhere(options);
  const open = (port: number) =>
    Deno.serve(
      {
        hostname,
        port,
        onListen() {},
        onError: () => new Response(null, { status: 500 }), // by default it prints a stack trace
      },
      (request) => {
        const url = urlOf(request);
        return url === undefined ? new Response(null, { status: 400 }) : handler(request, url);
      },
    );
  let server = open(options.port);
  if (!isAsked(server.addr, options)) {
    await server.shutdown();
    throw movedElsewhere(options);
  }
  const { port } = server.addr;

  let isClosing = false;
  const serve = async () => {
    while (true) {
      try {
        return await server.finished;
      } catch (error) {
        if (isClosing) return;
        // Without a free file descriptor the runtime gives up, and all connections with it: there is room again.
        server = reopen(error);
      }
    }
  };
  const reopen = (cause: unknown) => {
    try {
      return open(port);
    } catch {
      throw new Failure("network", `The server at ${urlHost(hostname)}:${port} broke down`, {
        next: "Start it again",
        cause,
      });
    }
  };
  return {
    port,
    finished: serve(),
    shutdown() {
      isClosing = true;
      return server.shutdown();
    },
  };
}

function movedElsewhere({ hostname, port }: ListenOptions): Failure {
  const where = `${urlHost(hostname)}${port === 0 ? "" : `:${port}`}`;
  return new Failure(
    "usage",
    `DENO_SERVE_ADDRESS makes servers listen elsewhere than at ${where}`,
    {
      next: "Unset DENO_SERVE_ADDRESS and try again",
    },
  );
}

/** Whether a server listens where it was told to. A host name may stand for any address. */
function isAsked(address: Deno.NetAddr, { hostname, port }: ListenOptions): boolean {
  if (address.transport !== "tcp" || (port !== 0 && address.port !== port)) return false;
  const asked = canonicalHost(hostname);
  return asked === undefined || !/^[\d.]+$|^\[/.test(asked) ||
    asked === canonicalHost(address.hostname);
}

function canonicalHost(hostname: string): string | undefined {
  return URL.parse(`http://${urlHost(hostname)}`)?.hostname;
}

/** A host name as it stands in a URL: an IPv6 address in brackets. */
export function urlHost(hostname: string): string {
  return hostname.includes(":") && !hostname.startsWith("[") ? `[${hostname}]` : hostname;
}

/** A name, an IPv4 address, or an IPv6 address in brackets; then perhaps a port. */
const HOST = /^(?:[\w.-]+|\[[\da-f:.]+\])(?::\d+)?$/i;

/** Where a request goes; undefined without exactly one valid Host (RFC 9112 section 3.2). */
function urlOf(request: Request): URL | undefined {
  const host = request.headers.get("host") ?? "";
  if (!HOST.test(host)) return undefined;
  const url = URL.parse(request.url);
  // A target in absolute form has a host of its own.
  return url?.host === URL.parse(`http://${host}`)?.host ? url ?? undefined : undefined;
}
