/**
 * One HTTP exchange with an Arcade service, with limits of time and size, retries where they are safe, and redirects only
 * within the same origin. What a failure says (http_errors.ts) and what `--debug` shows (trace.ts) is loaded when it is needed.
 */

import { withDeadline } from "../deadline.ts";
import { Failure } from "../failure.ts";
import { isLoopback } from "../loopback.ts";
import type { Sensitive } from "../sensitive.ts";
import { markSensitive } from "./mask.ts";
import type { NetworkTime } from "./network_time.ts";

/** What an exchange needs from outside. */
export interface HttpContext {
  readonly fetch: typeof fetch;
  /** How long one answer may take, its body included. */
  readonly timeoutMs: number;
  /** How long a request may take with its redirects, retries and pauses; {@link REQUEST_ANSWERS} answers by default. */
  readonly requestMs?: number;
  /** What the command has waited so far; {@link COMMAND_ANSWERS} answers at most. */
  readonly networkTime: NetworkTime;
  /** Waits; rejects with the signal's reason when that is aborted. */
  readonly sleep: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
  /** A number from 0 up to 1, to spread retries. */
  readonly random: () => number;
  /** Receives what `--debug` shows, line by line: no tokens, no values. Undefined when nobody looks. */
  readonly trace: ((line: string) => void) | undefined;
  /** Ends waiting and sending when it is aborted, with a {@link Failure} as the reason. */
  readonly signal?: AbortSignal | undefined;
}

export interface HttpRequest {
  readonly method: "GET" | "PUT" | "POST" | "DELETE";
  readonly url: string;
  readonly bearer?: Sensitive | undefined;
  readonly json?: Readonly<Record<string, unknown>>;
  readonly form?: URLSearchParams;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

export const MAX_ANSWER_BYTES = 16 * 1024 * 1024;
const MAX_REDIRECTS = 5;
const ATTEMPTS = 3;
const BACKOFF_MS = 250;
/** A longer `Retry-After` is told to the user instead of being waited for. */
const MAX_RETRY_AFTER_MS = 30_000;
/** A request may take as long as so many answers. */
export const REQUEST_ANSWERS = 3;
/** A command may wait for its requests as long as for so many answers. */
export const COMMAND_ANSWERS = 10;

/**
 * Sends a request and returns the answer whatever its status. A 5xx is tried again with backoff when the method is
 * idempotent (RFC 9110, 9.2.2), a 429 always, after the time it asks for.
 *
 * @throws {Failure} of kind `network` or `server`.
 */
export function exchange(context: HttpContext, request: HttpRequest): Promise<HttpAnswer> {
  markSensitive(fieldsOf(request));
  const { networkTime, timeoutMs, requestMs = REQUEST_ANSWERS * timeoutMs } = context;
  return networkTime.during(() => `Waiting for ${originOf(request.url)}`, () => {
    const leftMs = COMMAND_ANSWERS * timeoutMs - networkTime.spentMs;
    const milliseconds = Math.min(requestMs, leftMs);
    const late = () =>
      tooLate(
        leftMs < requestMs
          ? `Timed out after waiting ${COMMAND_ANSWERS * timeoutMs / 1000} s for servers`
          : `${originOf(request.url)} did not complete the request within ${requestMs / 1000} s`,
      );
    if (milliseconds <= 0) throw late();
    return withDeadline(
      { milliseconds, late, signal: context.signal },
      (signal) => exchangeWithRetries({ ...context, signal }, request, milliseconds),
    );
  });
}

async function exchangeWithRetries(
  context: HttpContext,
  request: HttpRequest,
  limitMs: number,
): Promise<HttpAnswer> {
  const endMs = context.networkTime.spentMs + limitMs;
  for (let attempt = 1;; attempt++) {
    const answer = await followRedirects(context, request);
    if (attempt === ATTEMPTS) return answer;
    const pause = pauseBeforeRetry(context, request, answer, attempt);
    if (pause === undefined || context.networkTime.spentMs + pause > endMs) return answer;
    context.trace?.(`  trying again in ${Math.round(pause)} ms`);
    await context.sleep(pause, context.signal);
  }
}

function tooLate(message: string): Failure {
  return new Failure("network", message, {
    next: "Check the network and the address, or raise ARCADE_TIMEOUT_SECONDS",
  });
}

/** Whether the status is a 2xx. */
export function isSuccess(answer: HttpAnswer): boolean {
  return answer.status >= 200 && answer.status < 300;
}

/**
 * Refuses an answer that is not a 2xx.
 *
 * @param options.renewal what the user can do about a token that is not accepted.
 * @throws {Failure} of the kind that fits the status, with what the server says about it.
 */
export async function requireSuccess(
  request: HttpRequest,
  answer: HttpAnswer,
  options: { readonly renewal?: string } = {},
): Promise<void> {
  if (isSuccess(answer)) return;
  const { statusFailure } = await import("./errors.ts");
  throw statusFailure(request, answer, options);
}

async function followRedirects(context: HttpContext, request: HttpRequest): Promise<HttpAnswer> {
  let url = request.url;
  for (let hops = 0; hops <= MAX_REDIRECTS; hops++) {
    const answer = await exchangeOnce(context, { ...request, url });
    const location = answer.status >= 300 && answer.status < 400 && answer.headers.get("location");
    if (!location) return answer;
    const target = URL.parse(location, url);
    if (!target || target.origin !== new URL(url).origin) {
      const { redirectFailure } = await import("./errors.ts");
      throw redirectFailure(url, target);
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
 * Refuses to send tokens, codes and values without encryption, unless they stay on this machine.
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

async function exchangeOnce(context: HttpContext, request: HttpRequest): Promise<HttpAnswer> {
  if (request.bearer || request.form) requireProtection(request.url);
  const { timeoutMs: milliseconds } = context;
  const late = () =>
    tooLate(`${originOf(request.url)} did not answer within ${milliseconds / 1000} s`);
  const { trace } = context;
  const tracer = trace && (await import("./trace.ts")).tracerTo(trace);
  return await withDeadline({ milliseconds, late, signal: context.signal }, async (signal) => {
    const started = performance.now();
    tracer?.request(request);
    try {
      const headers = new Headers({ accept: "application/json" });
      if (request.bearer) headers.set("authorization", bearerHeader(request.bearer));
      let body: BodyInit | null = null;
      if (request.form) body = request.form;
      else if (request.json !== undefined) {
        headers.set("content-type", "application/json");
        body = JSON.stringify(request.json);
      }
      const response = await context.fetch(request.url, {
        method: request.method,
        headers,
        body,
        redirect: "manual",
        signal,
      });
      const text = await readBounded(response, request.url);
      const answer = { status: response.status, headers: response.headers, text };
      tracer?.answer(answer, performance.now() - started);
      return answer;
    } catch (error) {
      const { networkFailure } = await import("./errors.ts");
      const failure = networkFailure(request.url, signal, error);
      trace?.(`! ${failure.message}`);
      throw failure;
    }
  });
}

/** RFC 6750 2.1. A token that is none would be repeated in the error of the platform. */
function bearerHeader(bearer: Sensitive): string {
  const token = bearer.reveal();
  if (/^[\x21-\x7e]+$/.test(token)) return `Bearer ${token}`;
  throw new Failure(
    "login",
    "The token contains invalid characters",
    {
      next: "Set ARCADE_API_KEY or ARCADE_TOKEN again, or run `arcade logout` and `arcade login`",
    },
  );
}

/** The text of an answer. Its size is counted, for `Content-Length` may say anything. */
async function readBounded(response: Response, url: string): Promise<string> {
  if (!response.body) return "";
  const reader = response.body.getReader(); // iterating over the stream takes a millisecond longer
  const decoder = new TextDecoder();
  let text = "";
  let size = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    size += part.value.byteLength;
    if (size > MAX_ANSWER_BYTES) {
      await reader.cancel();
      throw new Failure("server", `${originOf(url)} sent more than 16 MiB`, {
        next: "Check the address (`--host`, `--port`) and any proxy",
      });
    }
    text += decoder.decode(part.value, { stream: true });
  }
  return text + decoder.decode();
}

function pauseBeforeRetry(
  context: HttpContext,
  request: HttpRequest,
  answer: HttpAnswer,
  attempt: number,
): number | undefined {
  const asked = retryAfterMs(answer);
  if (asked !== undefined && asked > MAX_RETRY_AFTER_MS) return undefined;
  const backoff = BACKOFF_MS * 2 ** (attempt - 1) * (1 + context.random());
  if (answer.status === 429) return asked ?? backoff * 4;
  const idempotent = request.method !== "POST";
  const transient = [500, 502, 503, 504].includes(answer.status);
  return idempotent && transient ? asked ?? backoff : undefined;
}

/** The fields that a request sends. */
export function fieldsOf(request: HttpRequest): Readonly<Record<string, unknown>> | undefined {
  return request.form ? Object.fromEntries(request.form) : request.json;
}

/** `Retry-After` in milliseconds, which is a number of seconds or a date (RFC 9110, 10.2.3). */
export function retryAfterMs(answer: HttpAnswer): number | undefined {
  const written = answer.headers.get("retry-after")?.trim();
  if (!written) return undefined;
  if (/^\d+$/.test(written)) return Number(written) * 1000;
  const date = Date.parse(written);
  const sent = Date.parse(answer.headers.get("date") ?? "");
  if (Number.isNaN(date) || Number.isNaN(sent)) return undefined;
  return Math.max(0, date - sent);
}

/** Scheme, host and port, for messages: paths and queries can hold names and codes. */
export function originOf(url: string): string {
  return URL.parse(url)?.origin ?? "The server";
}
