/** The port of a server, and what proves that a server of this user answers there. */

import { Failure } from "../failure.ts";
import { parseTcpTables, readTcpTables } from "./tcp_tables.ts";

export interface OwnPort {
  readonly port: number;
  /** The only address for requests to the server, without a final slash. */
  readonly url: string;
  /**
   * Sends a request only to the server: another user's program could have taken the port before the server did. This
   * cannot be checked on all systems (docs/security.md).
   *
   * @throws {Failure} of kind `server` when a program of another user listens there.
   */
  readonly fetch: typeof fetch;
}

const HOST = "127.0.0.1";

/** Finds a port that is free on both loopback addresses. */
export async function reservePort(): Promise<OwnPort> {
  const listeners = listenOnBoth();
  try {
    const [{ addr: { port } }] = listeners;
    // No other process can listen here now, so this is the id of this user, as the table writes it.
    const [user] = await ownersOf(port);
    return portOf(port, { user, next: "Try again; the server will get another port" });
  } finally {
    for (const listener of listeners) listener.close();
  }
}

/** The port of a server that the user has started at 127.0.0.1. */
export async function usersPort(port: number): Promise<OwnPort> {
  using listener = Deno.listen({ hostname: HOST, port: 0 });
  const [user] = await ownersOf(listener.addr.port);
  return portOf(port, { user, next: "Run the server as your own user, at 127.0.0.1" });
}

/**
 * @param options.user the id of this user; undefined if the system does not provide it.
 * @param options.next what to do if another user's program listens there.
 */
function portOf(
  port: number,
  { user, next }: { readonly user: number | undefined; readonly next: string },
): OwnPort {
  const url = `http://${HOST}:${port}`;
  const requireOwn = async () => {
    const owners = await ownersOf(port);
    if (owners.length === 0) throw new TypeError("Connection refused");
    if (owners.every((owner) => owner === user)) return;
    const what = `Another user's program listens at ${url}, not the server`;
    throw new Failure("server", what, { next });
  };
  return {
    port,
    url,
    async fetch(input, init) {
      if (user !== undefined) await requireOwn();
      // A connection for each request: one that another program accepted before the server came must not be used again.
      using client = Deno.createHttpClient({ poolMaxIdlePerHost: 0 });
      return await fetch(input, { ...init, ...{ client } });
    },
  };
}

function listenOnBoth(): [Deno.TcpListener, ...Deno.TcpListener[]] {
  while (true) {
    const listener = Deno.listen({ hostname: HOST, port: 0 });
    try {
      return [listener, Deno.listen({ hostname: "::1", port: listener.addr.port })];
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) return [listener]; // no IPv6 here
      listener.close();
    }
  }
}

/** The addresses of a listener that get connections to 127.0.0.1, as Linux writes them. */
const REACHED = new Set([
  "0100007F",
  "00000000",
  "00000000000000000000000000000000",
  "0000000000000000FFFF00000100007F",
]);

/** The ids of the users whose programs get connections to a port of 127.0.0.1; empty if the system does not provide them. */
async function ownersOf(port: number): Promise<number[]> {
  return parseTcpTables(await readTcpTables())
    .filter(({ local, isListener }) => isListener && local.port === port && REACHED.has(local.host))
    .map(({ uid }) => uid);
}
