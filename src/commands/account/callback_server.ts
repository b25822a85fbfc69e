/** The loopback redirect of a native app (RFC 8252 7.3): a server on 127.0.0.1 that accepts one response. */

import { Failure } from "../../failure.ts";
import { listen, type ListenEnvironment, type Listening } from "../../listen.ts";
import { type LoginOutcome, resultPage } from "./result_page.ts";

/** The parameters of the redirect, and the reply to the browser. */
export interface Callback {
  readonly parameters: URLSearchParams;
  /** Shows the result in the browser. */
  answer(outcome: LoginOutcome): void;
}

export interface CallbackServer {
  readonly redirectUri: string;
  /** The first response with this `state` (RFC 6749 10.12). Other requests are refused. */
  callback(state: string): Promise<Callback>;
  /** Stops listening once the browser has fetched the result. */
  close(): Promise<void>;
}

/** How long a browser may take to fetch the result page. */
const GRACE_MS = 2000;

const HOSTNAME = "127.0.0.1";

/**
 * Starts to listen.
 *
 * @throws {Failure} of kind `network` when the port is taken.
 */
export async function listenForCallback(
  port: number,
  env: ListenEnvironment,
): Promise<CallbackServer> {
  const callback = Promise.withResolvers<Callback>();
  const result = Promise.withResolvers<LoginOutcome>();
  const shown = Promise.withResolvers<void>();
  // Redirect the browser at once, so that its address bar shows no code and no state. Only this browser knows the path.
  const resultPath = `/done/${crypto.randomUUID()}`;
  let expectedState: string | undefined;
  let isHeard = false;

  const handle = async (request: Request, url: URL): Promise<Response> => {
    if (url.host !== `${HOSTNAME}:${server.port}`) {
      return page(421, { kind: "failure", reason: "This is not the address of the login" });
    }
    const path = request.method === "GET" ? url.pathname : undefined;
    if (path === "/callback") {
      const [state, ...others] = url.searchParams.getAll("state");
      if (state === undefined || state !== expectedState || others.length > 0) {
        return page(400, { kind: "failure", reason: "No login is waiting for this response" });
      }
      isHeard = true;
      callback.resolve({ parameters: url.searchParams, answer: result.resolve });
      return new Response(null, { status: 303, headers: { ...HEADERS, location: resultPath } });
    }
    if (path === resultPath && isHeard) {
      const outcome = await result.promise;
      shown.resolve();
      return page(outcome.kind === "success" ? 200 : 400, outcome);
    }
    return page(404, { kind: "failure", reason: "Page not found" });
  };

  const server = await listenOn(port, { handle, env });
  callback.promise.catch(() => {}); // the caller of `callback()` gets the error
  server.finished.catch(callback.reject);
  return {
    redirectUri: `http://${HOSTNAME}:${server.port}/callback`,
    callback(state) {
      expectedState = state;
      return callback.promise;
    },
    async close() {
      result.resolve({ kind: "failure", reason: "The login has ended" });
      // Do not wait for a browser that never fetches the page or keeps its connection open.
      let timer: ReturnType<typeof setTimeout> | undefined;
      const grace = new Promise<void>((resolve) => timer = setTimeout(resolve, GRACE_MS));
      if (isHeard) await Promise.race([shown.promise, grace]);
      await Promise.race([server.shutdown(), grace]);
      clearTimeout(timer);
    },
  };
}

async function listenOn(
  port: number,
  { handle, env }: {
    handle: (request: Request, url: URL) => Promise<Response>;
    env: ListenEnvironment;
  },
): Promise<Listening> {
  try {
    return await listen(handle, { hostname: HOSTNAME, port, env });
  } catch (error) {
    if (error instanceof Failure) throw error;
    const taken = error instanceof Deno.errors.AddrInUse;
    throw new Failure(
      "network",
      `Port ${port} on 127.0.0.1 ${taken ? "is in use" : "cannot be used"}`,
      {
        next: "Stop the other login or program, or choose another port with `--callback-port`",
        cause: error,
      },
    );
  }
}

const HEADERS = {
  "cache-control": "no-store",
  "content-security-policy":
    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  connection: "close",
};

function page(status: number, outcome: LoginOutcome): Response {
  return new Response(resultPage(outcome), {
    status,
    headers: { ...HEADERS, "content-type": "text/html; charset=utf-8" },
  });
}
