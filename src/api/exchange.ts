/**
 * One HTTP exchange with an Arcade service: with timeouts, size limits, safe retries, and redirects within the same origin.
 * Code that few exchanges need is loaded on demand: error messages (errors.ts), masking of sent values (mask.ts) and the
 * `--debug` trace (trace.ts).
 */

import { withDeadline } from "../system/waiting.ts";
import { Failure } from "../failure.ts";
import { isLoopback } from "../hosts/address.ts";
import { readAnswer } from "../system/read_bounded.ts";
import { PYTHON_CLI_VERSION, VERSION } from "../version.ts";
import type { Sensitive } from "../secrecy/sensitive.ts";
import {
  type Hints,
  type HttpAnswer,
  type HttpRequest,
  isSuccess,
  isWebPage,
  originOf,
  retryAfterMs,
  webPageFailure,
} from "./http_message.ts";
import type { NetworkTime } from "./network_time.ts";

/** The context of an exchange. */
export interface HttpContext {
  readonly fetch: typeof fetch;
  /** Timeout of one response, including its body. Throws a {@link Failure} of kind `usage` when the user's setting is not a number. */
  readonly timeoutMs: () => number;
  /** Timeout of a request with its redirects, retries and pauses; by default {@link REQUEST_ANSWERS} responses. */
  readonly requestMs?: number;
  /** How long the command may wait for servers altogether; by default {@link COMMAND_ANSWERS} responses. */
  readonly commandMs?: number;
  /** How long the command has waited so far. */
  readonly networkTime: NetworkTime;
  /** Waits; rejects with the signal's reason when that is aborted. */
  readonly sleep: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
  /** A number from 0 up to 1, to spread retries. */
  readonly random: () => number;
  /** Receives the lines of `--debug`, without tokens and values. Undefined without `--debug`. */
  readonly trace: ((line: string) => void) | undefined;
  /** Aborts waiting and sending; its reason is a {@link Failure}. */
  readonly signal?: AbortSignal | undefined;
}

export const MAX_ANSWER_BYTES = 16 * 1024 * 1024;
const MAX_REDIRECTS = 5;
const ATTEMPTS = 3;
const BACKOFF_MS = 250;
/** A longer `Retry-After` is reported to the user instead. */
const LONGEST_PAUSE_MS = 30_000;
/** The timeout of a request, in response timeouts. */
export const REQUEST_ANSWERS = 3;
/** The total network time of a command, in response timeouts. */
export const COMMAND_ANSWERS = 10;

/**
 * Sends a request and returns the response, whatever its status. Retries a 5xx with backoff when the method is idempotent
 * (RFC 9110, 9.2.2), and a 429 always, after its `Retry-After`.
 *
 * @throws {Failure} of kind `network` or `server`; also of kind `network` for a web page with 401, 403 or 407, which comes from
 * a network or a gateway that requires a login.
 */
export function exchange(context: HttpContext, request: HttpRequest): Promise<HttpAnswer> {
  const { networkTime, commandMs = COMMAND_ANSWERS * context.timeoutMs() } = context;
  const { requestMs = REQUEST_ANSWERS * (request.answerMs ?? context.timeoutMs()) } = context;
  const slow = request.isLongPoll ? undefined : () => `Waiting for ${originOf(request.url)}`;
  return networkTime.during(slow, async () => {
    if (request.form ?? request.json) (await import("./mask.ts")).markSensitive(request);
    const endMs = networkTime.spentMs + requestMs;
    const limit: Limit = commandMs < endMs
      ? {
        endMs: commandMs,
        late: () => tooLate(`Timed out after waiting ${commandMs / 1000} s for servers`),
      }
      : {
        endMs,
        late: () =>
          tooLate(
            `${originOf(request.url)} did not complete the request within ${requestMs / 1000} s`,
          ),
      };
    const answer = await exchangeWithRetries(context, request, limit);
    if (LOGIN_STATUSES.has(answer.status)) await requireService(request, answer);
    return answer;
  });
}

/** Statuses about credentials. A web page with one of them is not about Arcade credentials. */
const LOGIN_STATUSES = new Set([401, 403, 407]);

/** Requires that a response is not a web page, because Arcade services send none. */
async function requireService(request: HttpRequest, answer: HttpAnswer): Promise<void> {
  if (!isWebPage(answer)) return;
  await answer.body?.cancel();
  throw webPageFailure(request, answer);
}

/** The deadline of a request, in the network time of the command. */
interface Limit {
  readonly endMs: number;
  /** The failure of a request that misses its deadline. */
  readonly late: () => Failure;
}

async function exchangeWithRetries(
  context: HttpContext,
  request: HttpRequest,
  limit: Limit,
): Promise<HttpAnswer> {
  for (let attempt = 1;; attempt++) {
    const answer = await followRedirects(context, request, limit);
    if (attempt === ATTEMPTS) return answer;
    const pause = pauseBeforeRetry(context, request, answer, attempt);
    if (pause === undefined || context.networkTime.spentMs + pause > limit.endMs) return answer;
    context.trace?.(`  trying again in ${Math.round(pause)} ms`);
    await context.sleep(pause, context.signal);
  }
}

function tooLate(message: string): Failure {
  return new Failure("network", message, {
    next: "Check the network and the address, or increase ARCADE_TIMEOUT_SECONDS",
  });
}

/**
 * Throws unless an Arcade service answered with a 2xx status.
 *
 * @throws {Failure} of the kind that fits the status, with the message of the server.
 */
export async function requireSuccess(
  request: HttpRequest,
  answer: HttpAnswer,
  hints: Hints = {},
): Promise<void> {
  if (isSuccess(answer)) return await requireService(request, answer);
  const { statusFailure } = await import("./errors.ts");
  throw statusFailure(request, answer, hints);
}

async function followRedirects(
  context: HttpContext,
  request: HttpRequest,
  limit: Limit,
): Promise<HttpAnswer> {
  let url = request.url;
  for (let hops = 0; hops <= MAX_REDIRECTS; hops++) {
    const answer = await exchangeOnce(context, { ...request, url }, limit);
    const location = answer.status >= 300 && answer.status < 400 && answer.headers.get("location");
    if (!location) return answer;
    const target = URL.parse(location, url);
    if (!target || target.origin !== new URL(url).origin) {
      const { redirectFailure } = await import("./errors.ts");
      throw redirectFailure(url, target, answer);
    }
    const keepsMethod = request.method === "GET" || answer.status === 307 || answer.status === 308;
    if (!keepsMethod) return answer;
    url = target.href;
  }
  throw new Failure("server", `${originOf(request.url)} redirects in a loop`, {
    next: "Check the address (`--host`, `--port`) and any proxy",
  });
}

/**
 * Refuses to send tokens, codes and values unencrypted, unless they stay on this machine.
 *
 * @throws {Failure} of kind `usage`.
 */
export function requireProtection(url: string): void {
  const { protocol, hostname } = new URL(url);
  if (protocol === "https:" || isLoopback(hostname)) return;
  throw new Failure("usage", `Refusing to send a token to ${originOf(url)} without encryption`, {
    next: "Use https (`--tls`); only a server on this machine may use http",
  });
}

async function exchangeOnce(
  context: HttpContext,
  request: HttpRequest,
  limit: Limit,
): Promise<HttpAnswer> {
  if (request.bearer || request.form) requireProtection(request.url);
  const answerMs = request.answerMs ?? context.timeoutMs();
  const leftMs = limit.endMs - context.networkTime.spentMs;
  if (leftMs <= 0) throw limit.late();
  const milliseconds = Math.min(answerMs, leftMs);
  const late = leftMs < answerMs
    ? limit.late
    : () => tooLate(`${originOf(request.url)} did not answer within ${answerMs / 1000} s`);
  const { trace } = context;
  const tracer = trace && (await import("./trace.ts")).tracerTo(trace);
  return await withDeadline({ milliseconds, late, signal: context.signal }, async (signal) => {
    const started = performance.now();
    tracer?.request(request);
    const stream = await request.jsonStream?.(signal);
    try {
      const hasJson = (stream ?? request.json ?? request.jsonText) !== undefined;
      // A record: `fetch` copies a `Headers`, whose checks of a long token take half a millisecond, and repeats them.
      const headers = {
        ...ALWAYS_SENT,
        ...request.headers,
        ...(request.accept !== undefined && { accept: request.accept }),
        ...(request.bearer && { authorization: bearerHeader(request.bearer) }),
        ...(hasJson && { "content-type": "application/json" }),
      };
      const body = request.form ?? stream ?? request.jsonText ??
        (hasJson ? JSON.stringify(request.json) : null);
      const response = await context.fetch(request.url, {
        method: request.method,
        headers,
        body,
        redirect: "manual",
        signal,
      });
      const { status, headers: answered, body: open } = response;
      const isOpen = request.isStreamed && response.ok && open;
      const read = isOpen ? { text: "" } : await contentOf(response, request);
      const answer = { status, headers: answered, ...read, ...(isOpen && { body: open }) };
      tracer?.answer(answer, performance.now() - started);
      return answer;
    } catch (error) {
      const { networkFailure } = await import("./network_failure.ts");
      const failure = networkFailure(request.url, signal, error);
      trace?.(`! ${failure.message}`);
      throw failure;
    }
  });
}

/** Headers that identify the client, as the Python CLI sends them (docs/contracts.md, Services). */
const ALWAYS_SENT = {
  accept: "application/json",
  "user-agent": `arcade-cli/${VERSION} (deno)`,
  "x-arcade-cli-version": PYTHON_CLI_VERSION,
};

/** RFC 6750 2.1. `Headers` would quote an invalid token in its error, so it is checked first. */
function bearerHeader(bearer: Sensitive): string {
  const token = bearer.reveal();
  if (/^[\x21-\x7e]+$/.test(token)) return `Bearer ${token}`;
  throw new Failure(
    "login",
    "The token contains invalid characters",
    {
      next: "Set ARCADE_API_KEY or ARCADE_TOKEN again, or log out and in again",
    },
  );
}

async function contentOf(
  response: Response,
  { url, keepsBytes }: HttpRequest,
): Promise<{ readonly text: string; readonly bytes?: Uint8Array }> {
  const bytes = await readAnswer(response, {
    maxBytes: MAX_ANSWER_BYTES,
    tooLarge: () =>
      new Failure("server", `${originOf(url)} sent more than 16 MiB`, {
        next: "Check the address (`--host`, `--port`) and any proxy",
      }),
  });
  return { text: new TextDecoder().decode(bytes), ...(keepsBytes && { bytes }) };
}

function pauseBeforeRetry(
  context: HttpContext,
  request: HttpRequest,
  answer: HttpAnswer,
  attempt: number,
): number | undefined {
  const asked = retryAfterMs(answer);
  if (asked !== undefined && asked > LONGEST_PAUSE_MS) return undefined;
  const backoff = BACKOFF_MS * 2 ** (attempt - 1) * (1 + context.random());
  if (request.isRepeatable === false) return undefined;
  if (answer.status === 429) return Math.max(backoff, asked ?? backoff * 4);
  const idempotent = request.isRepeatable ?? request.method !== "POST";
  const transient = [500, 502, 503, 504].includes(answer.status);
  return idempotent && transient ? Math.max(backoff, asked ?? 0) : undefined;
}
