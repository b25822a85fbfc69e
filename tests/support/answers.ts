/** Test servers over real HTTP, including misbehaving ones. */

import { urlHost } from "../../src/hosts/address.ts";
import { patiently } from "./patience.ts";

/** A request as received. */
export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | null;
  readonly body: string;
}

/** Where a test server listens; by default on a free port of 127.0.0.1, without TLS. */
export interface Place {
  readonly hostname?: string;
  readonly port?: number;
  readonly certificate?: { readonly cert: string; readonly key: string };
}

/** A server that answers as the test says and records its requests. */
export class Answers implements AsyncDisposable {
  readonly seen: Seen[] = [];
  /** The client ports of the connections. */
  readonly connections = new Set<number>();
  readonly url: string;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  #next = Promise.withResolvers<void>();

  constructor(
    answer: (seen: Seen, request: Request) => Response | Promise<Response>,
    { hostname = "127.0.0.1", port = 0, certificate }: Place = {},
  ) {
    this.#server = Deno.serve(
      {
        hostname,
        port,
        ...certificate,
        onListen: () => {},
        onError: () => new Response(null, { status: 599 }),
      },
      async (request, { remoteAddr }) => {
        this.connections.add(remoteAddr.port);
        const url = new URL(request.url);
        const seen = {
          method: request.method,
          path: url.pathname + url.search,
          authorization: request.headers.get("authorization"),
          body: await request.text(),
        };
        this.seen.push(seen);
        this.#next.resolve();
        this.#next = Promise.withResolvers();
        return await answer(seen, request);
      },
    );
    const scheme = certificate ? "https" : "http";
    this.url = `${scheme}://${urlHost(hostname)}:${this.#server.addr.port}`;
  }

  /** Waits until that many requests have arrived, and returns the last of them. */
  async asked(count = 1): Promise<Seen> {
    while (true) {
      const seen = this.seen[count - 1];
      if (seen) return seen;
      await patiently(`${count} requests`, this.#next.promise);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}

/** A server that sends these bytes on each connection and closes it. */
export class RawAnswers implements Disposable {
  readonly url: string;
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });

  constructor(answer: string) {
    this.url = `http://127.0.0.1:${this.#listener.addr.port}`;
    this.#serve(answer);
  }

  async #serve(answer: string): Promise<void> {
    for await (const connection of this.#listener) {
      try {
        await connection.read(new Uint8Array(64 * 1024));
        await connection.write(new TextEncoder().encode(answer));
      } finally {
        connection.close();
      }
    }
  }

  [Symbol.dispose](): void {
    this.#listener.close();
  }
}

/** A port on which nothing listens. A port that was just freed could be taken by another test. */
export function closedPort(): number {
  return 2; // compressnet, which no system offers anymore; runtimes block 1 (Fetch, port blocking)
}

export function json(body: unknown, init?: ResponseInit): Response {
  return Response.json(body, init);
}
