/** The loopback redirect of a native app (RFC 8252 7.3): a server on 127.0.0.1 that hears one answer. */

import { Failure } from "../../failure.ts";
import { type Outcome, resultPage } from "./result_page.ts";

/** The parameters that came back, and the way to tell the browser how it went. */
export interface Callback {
  readonly parameters: URLSearchParams;
  /** Shows the result in the browser. */
  answer(outcome: Outcome): void;
}

export interface CallbackServer {
  readonly redirectUri: string;
  /** The first answer that came; later ones are told that they are too late. */
  readonly callback: Promise<Callback>;
  /** Stops listening, once the browser has what it was answered. */
  close(): Promise<void>;
}

/** How long a browser may take to fetch its page before the server goes away. */
const GRACE_MS = 2000;

/**
 * Starts to listen.
 *
 * @throws {Failure} of kind `network` when the port is taken.
 */
export function listenForCallback(port: number): CallbackServer {
  const heard = Promise.withResolvers<Callback>();
  let isHeard = false;

  const handle = (request: Request): Response | Promise<Response> => {
    const url = new URL(request.url);
    if (request.method !== "GET" || url.pathname !== "/callback") {
      return page(404, { kind: "failure", reason: "There is nothing here" });
    }
    if (url.host !== new URL(redirectUri).host) {
      return page(421, { kind: "failure", reason: "This address is not the one of the login" });
    }
    if (isHeard) {
      return page(409, { kind: "failure", reason: "This login was answered before" });
    }
    isHeard = true;
    const answered = Promise.withResolvers<Response>();
    heard.resolve({
      parameters: url.searchParams,
      answer: (outcome) => answered.resolve(page(outcome.kind === "success" ? 200 : 400, outcome)),
    });
    return answered.promise;
  };

  const server = listen(port, handle);
  const redirectUri = `http://127.0.0.1:${server.addr.port}/callback`;
  return {
    redirectUri,
    callback: heard.promise,
    async close() {
      // A browser may hold its connection open, which must not hold up the command.
      let timer: ReturnType<typeof setTimeout> | undefined;
      const grace = new Promise<void>((resolve) => timer = setTimeout(resolve, GRACE_MS));
      await Promise.race([server.shutdown(), grace]);
      clearTimeout(timer);
    },
  };
}

function listen(
  port: number,
  handle: (request: Request) => Response | Promise<Response>,
): Deno.HttpServer<Deno.NetAddr> {
  try {
    return Deno.serve({ hostname: "127.0.0.1", port, onListen: () => {} }, handle);
  } catch (error) {
    const taken = error instanceof Deno.errors.AddrInUse;
    throw new Failure(
      "network",
      `Port ${port} on 127.0.0.1 ${taken ? "is taken" : "cannot be used"}`,
      {
        next: "End the other login or program, or choose another with --callback-port",
        cause: error,
      },
    );
  }
}

function page(status: number, outcome: Outcome): Response {
  return new Response(resultPage(outcome), {
    status,
    headers: {
      "content-type": "text/html; charset=utf-8",
      "cache-control": "no-store",
      "content-security-policy":
        "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
      connection: "close",
    },
  });
}
