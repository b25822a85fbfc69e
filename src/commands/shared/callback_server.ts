/** The loopback redirect of a native app (RFC 8252 7.3): a server on 127.0.0.1 that accepts one response. */

import type { AuthorizationRequest } from "../../auth/oauth.ts";
import { Failure } from "../../failure.ts";
import {
  type Handler,
  listen,
  type ListenEnvironment,
  type Listening,
} from "../../system/listen.ts";
import { settlesWithin } from "../../system/waiting.ts";
import { isOtherUser, type SudoEnvironment } from "./peer.ts";
import { type LoginOutcome, resultPage } from "./result_page.ts";

/** The parameters of the redirect, and the reply to the browser. */
export interface Callback {
  /** The request that this answers. */
  readonly request: AuthorizationRequest;
  readonly parameters: URLSearchParams;
  /** Shows the result in the browser. */
  answer(outcome: LoginOutcome): void;
}

export interface CallbackServer extends AsyncDisposable {
  readonly redirectUri: string;
  /** Accepts the first response to this request (RFC 6749 10.12). Its address must stay with the user. */
  accept(request: AuthorizationRequest): void;
  /**
   * An address for the command line of a browser, which other users of this machine can read. It redirects the first browser
   * that opens it to the request, and only that browser's response is accepted. `intrusion` reports that a second browser opened it.
   */
  addressFor(request: AuthorizationRequest): string;
  /** The first accepted response. Others are refused. */
  callback(): Promise<Callback>;
  /** Aborted with a {@link Failure} when the login can no longer be trusted. */
  readonly intrusion: AbortSignal;
  /** Stops listening once the browser has fetched the result. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** A request whose response is awaited. */
interface Awaited {
  readonly request: AuthorizationRequest;
  /** The cookie of the only browser whose response is accepted; undefined for any browser. */
  readonly cookie?: string;
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
  { env, os }: { readonly env: ListenEnvironment & SudoEnvironment; readonly os: string },
): Promise<CallbackServer> {
  const callback = Promise.withResolvers<Callback>();
  const result = Promise.withResolvers<LoginOutcome>();
  const shown = Promise.withResolvers<void>();
  // Redirect the browser at once, so that its address bar shows no code and no state. Only this browser knows the path.
  const resultPath = `/done/${crypto.randomUUID()}`;
  const awaited = new Map<string, Awaited>();
  const intrusion = new AbortController();
  let opening:
    | { readonly path: string; isUsed: boolean; readonly redirect: HeadersInit }
    | undefined;
  let isHeard = false;

  const handle: Handler = async (request, url, peer) => {
    if (url.host !== `${HOSTNAME}:${server.port}`) {
      return page(421, { kind: "failure", reason: "This is not the login address" });
    }
    const path = request.method === "GET" ? url.pathname : undefined;
    if (path !== undefined && path === opening?.path) {
      if ("port" in peer && await isOtherUser({ from: peer.port, to: server.port }, { env, os })) {
        const reason = "Another user on this machine started this login. If it was you, " +
          "open the address that the terminal shows";
        return page(403, { kind: "failure", reason });
      }
      if (opening.isUsed) {
        intrusion.abort(openedTwice());
        return page(400, { kind: "failure", reason: openedTwice().message });
      }
      opening.isUsed = true;
      return new Response(null, { status: 303, headers: { ...HEADERS, ...opening.redirect } });
    }
    if (path === "/callback") {
      const [state, ...others] = url.searchParams.getAll("state");
      const one = state === undefined || others.length > 0 ? undefined : awaited.get(state);
      if (!one) {
        return page(400, { kind: "failure", reason: "No login is waiting for this response" });
      }
      if (one.cookie !== undefined && !hasCookie(request, one.cookie)) {
        const reason = `This browser sent no cookie to ${HOSTNAME}; allow cookies, ` +
          "or open the address that the terminal shows";
        return page(400, { kind: "failure", reason });
      }
      isHeard = true;
      callback.resolve({
        request: one.request,
        parameters: url.searchParams,
        answer: result.resolve,
      });
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
    accept: (request) => void awaited.set(request.state, { request }),
    addressFor(request) {
      // Browsers send cookies to every port of a host.
      const cookie = `arcade_login_${server.port}=${crypto.randomUUID()}`;
      const attributes = "Path=/callback; HttpOnly; SameSite=Lax";
      const redirect = { location: request.url, "set-cookie": `${cookie}; ${attributes}` };
      awaited.set(request.state, { request, cookie });
      opening = { path: `/login/${crypto.randomUUID()}`, isUsed: false, redirect };
      return `http://${HOSTNAME}:${server.port}${opening.path}`;
    },
    callback: () => callback.promise,
    intrusion: intrusion.signal,
    async [Symbol.asyncDispose]() {
      result.resolve({ kind: "failure", reason: "The login has ended" });
      // Do not wait for a browser that never fetches the page or keeps its connection open.
      const isShown = isHeard ? settlesWithin(GRACE_MS, shown.promise) : Promise.resolve();
      await settlesWithin(GRACE_MS, isShown.then(() => server.shutdown()));
    },
  };
}

/** The failure for an address that two browsers opened: one of them may be another user's. */
function openedTwice(): Failure {
  return new Failure("login", "Two browsers opened the address of this login, so it was canceled", {
    next: "One of them may belong to another user on this machine. " +
      "Run the same command again with `--no-browser`, and open the address that it shows",
  });
}

function hasCookie(request: Request, cookie: string): boolean {
  return request.headers.get("cookie")?.split(/; */).includes(cookie) ?? false;
}

async function listenOn(
  port: number,
  { handle, env }: { handle: Handler; env: ListenEnvironment },
): Promise<Listening> {
  try {
    return await listen(handle, { hostname: HOSTNAME, port, env });
  } catch (error) {
    if (error instanceof Failure) throw error;
    const taken = error instanceof Deno.errors.AddrInUse;
    throw new Failure(
      "port",
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
