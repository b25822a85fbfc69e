/**
 * One HTTP exchange with an Arcade service, with limits of time and size, retries where they are safe, redirects only
 * within the same origin, and every failure as a sentence.
 */

import * as v from "valibot";
import { withDeadline } from "../deadline.ts";
import { Failure } from "../failure.ts";
import { isLoopback } from "../loopback.ts";
import { redact } from "../redaction.ts";
import type { Sensitive } from "../sensitive.ts";
import { markSensitive, maskJson, maskUrl, MAX_SAID } from "./mask.ts";
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
  return networkTime.during(`Waiting for ${place(request.url)}`, () => {
    const leftMs = COMMAND_ANSWERS * timeoutMs - networkTime.spentMs;
    const milliseconds = Math.min(requestMs, leftMs);
    const late = leftMs < requestMs
      ? tooLate(
        `The command waited for servers for more than ${COMMAND_ANSWERS * timeoutMs / 1000} s`,
      )
      : tooLate(`${place(request.url)} did not complete the request within ${requestMs / 1000} s`);
    if (milliseconds <= 0) throw late;
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
    next: "Check the network and the address, or wait longer with ARCADE_TIMEOUT_SECONDS",
  });
}

/**
 * Sends a request and parses the answer.
 *
 * @throws {Failure} of the kind that fits the status; of kind `server` when the answer is not what was asked for.
 */
export async function requestJson<const S extends v.GenericSchema>(
  context: HttpContext,
  request: HttpRequest,
  schema: S,
): Promise<v.InferOutput<S>> {
  const answer = await exchange(context, request);
  if (!isSuccess(answer)) throw statusFailure(request, answer);
  return parseAnswer(request, answer, schema);
}

/** Whether the status is a 2xx. */
export function isSuccess(answer: HttpAnswer): boolean {
  return answer.status >= 200 && answer.status < 300;
}

/** Parses the JSON of an answer. Throws a {@link Failure} of kind `server` when it is not of the right shape. */
export function parseAnswer<const S extends v.GenericSchema>(
  request: HttpRequest,
  answer: HttpAnswer,
  schema: S,
): v.InferOutput<S> {
  const where = place(request.url);
  let content: unknown;
  try {
    content = JSON.parse(answer.text);
  } catch {
    const html = /^\s*</.test(answer.text) ||
      /html/i.test(answer.headers.get("content-type") ?? "");
    throw new Failure(
      "server",
      html
        ? `${where} answered with a web page instead of JSON`
        : `${where} answered with broken JSON`,
      { next: "Check the address (--host, --port) and any proxy in between, then try again" },
    );
  }
  const parsed = v.safeParse(schema, content);
  if (parsed.success) return parsed.output;
  const key = parsed.issues[0].path?.map((item) => String(item.key)).join(".");
  throw new Failure(
    "server",
    `${where} answered in an unknown shape${key ? ` (${key} is missing or wrong)` : ""}`,
    { next: "Check that the address is an Arcade service, and that this arcade is up to date" },
  );
}

/**
 * The failure that a status stands for, with what the server says about it.
 *
 * @param options.renewal what to do about a token that is not accepted.
 */
export function statusFailure(
  request: HttpRequest,
  answer: HttpAnswer,
  { renewal = "Log in again: arcade logout, then arcade login" } = {},
): Failure {
  const { status } = answer;
  const where = place(request.url);
  const said = serverMessage(answer);
  const because = said ? `: ${said}` : "";
  switch (status) {
    case 401:
      return new Failure("login", `${where} does not accept the token (401)${because}`, {
        next: renewal,
      });
    case 403:
      return new Failure("forbidden", `${where} does not allow this (403)${because}`, {
        next: "Ask an administrator of the organization, or choose another with arcade org set",
      });
    case 404:
      return new Failure("not-found", `${where} does not know it (404)${because}`, {
        next: "Check the address and the active project: arcade whoami",
      });
    case 409:
      return new Failure("server", `${where} reports a conflict (409)${because}`, {
        next: "Somebody else may have changed the same thing; look and try again",
      });
    case 422:
      return new Failure("server", `${where} refuses the input (422)${because}`, {
        next: "Correct the name or the value and try again",
      });
    case 429: {
      const seconds = Math.ceil((retryAfterMs(answer) ?? 60_000) / 1000);
      return new Failure("server", `${where} asks to slow down (429)${because}`, {
        next: `Wait ${seconds} s and try again`,
      });
    }
    default:
      return new Failure("server", `${where} failed (${status})${because}`, {
        next: status >= 500
          ? "Try again in a moment; if it goes on, see the status of Arcade"
          : "Run again with --debug to see the exchange",
      });
  }
}

async function followRedirects(context: HttpContext, request: HttpRequest): Promise<HttpAnswer> {
  let url = request.url;
  for (let hops = 0; hops <= MAX_REDIRECTS; hops++) {
    const answer = await exchangeOnce(context, { ...request, url });
    const location = answer.status >= 300 && answer.status < 400 && answer.headers.get("location");
    if (!location) return answer;
    const target = URL.parse(location, url);
    if (!target || target.origin !== new URL(url).origin) {
      throw new Failure(
        "server",
        `${place(url)} redirects to ${
          target ? redact(place(target.href)) ?? "another server" : "nowhere"
        }, which was not followed`,
        { next: "If that is the right place, name it with --host or in the environment" },
      );
    }
    const keepsMethod = request.method === "GET" || answer.status === 307 || answer.status === 308;
    if (!keepsMethod) return answer;
    url = target.href;
  }
  throw new Failure("server", `${place(request.url)} redirects in circles`, {
    next: "Check the address (--host, --port) and any proxy in between",
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
  throw new Failure("usage", `${place(url)} is not encrypted, so no token is sent to it`, {
    next: "Use https (--tls); only a server on this machine can do without",
  });
}

async function exchangeOnce(context: HttpContext, request: HttpRequest): Promise<HttpAnswer> {
  if (request.bearer || request.form) requireProtection(request.url);
  const { timeoutMs: milliseconds } = context;
  const late = tooLate(`${place(request.url)} did not answer within ${milliseconds / 1000} s`);
  return await withDeadline({ milliseconds, late, signal: context.signal }, async (signal) => {
    const started = performance.now();
    traceRequest(context, request);
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
      traceAnswer(context, answer, performance.now() - started);
      return answer;
    } catch (error) {
      const failure = networkFailure(request.url, signal, error);
      context.trace?.(`! ${failure.message}`);
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
    "The token has characters that no token has",
    {
      next: "Set ARCADE_API_KEY or ARCADE_TOKEN anew, or run arcade logout and arcade login",
    },
  );
}

/** The text of an answer. Its size is counted, for `Content-Length` may say anything. */
async function readBounded(response: Response, url: string): Promise<string> {
  if (!response.body) return "";
  const decoder = new TextDecoder();
  let text = "";
  let size = 0;
  for await (const chunk of response.body) {
    size += chunk.byteLength;
    if (size > MAX_ANSWER_BYTES) {
      throw new Failure("server", `${place(url)} answered with more than 16 MiB`, {
        next: "Check the address (--host, --port) and any proxy in between",
      });
    }
    text += decoder.decode(chunk, { stream: true });
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

/** `Retry-After` in milliseconds, which is a number of seconds or a date (RFC 9110, 10.2.3). */
function retryAfterMs(answer: HttpAnswer): number | undefined {
  const written = answer.headers.get("retry-after")?.trim();
  if (!written) return undefined;
  if (/^\d+$/.test(written)) return Number(written) * 1000;
  const date = Date.parse(written);
  const sent = Date.parse(answer.headers.get("date") ?? "");
  if (Number.isNaN(date) || Number.isNaN(sent)) return undefined;
  return Math.max(0, date - sent);
}

function networkFailure(url: string, signal: AbortSignal, error: unknown): Failure {
  if (error instanceof Failure) return error;
  if (signal.reason instanceof Failure) return signal.reason;
  const where = place(url);
  const whole = error instanceof Error ? `${error.message} ${String(error.cause ?? "")}` : "";
  const details = whole.replace(/https?:\S+/g, ""); // a host may be called ssl.example
  const [what, next] = /dns error|lookup address|resolve/i.test(details)
    ? ["its name is not known", "Check the spelling of the host and the network"]
    : /connection refused|ECONNREFUSED/i.test(details)
    ? ["the connection was refused", "Check that it runs and that the port is right"]
    : /certificate|tls|ssl|InvalidContentType|corrupt message/i.test(details)
    ? ["TLS failed", "Use --no-tls for a server without it, and check the certificate otherwise"]
    : /body|incomplete|unexpected end|closed before|reset|EOF/i.test(details)
    ? ["the connection broke off", "Try again"]
    : ["the network refused", "Check the network, then try again"];
  return new Failure("network", `Cannot reach ${where}: ${what}`, { next, cause: error });
}

/** Scheme, host and port, for messages: paths and queries can hold names and codes. */
function place(url: string): string {
  return URL.parse(url)?.origin ?? "The server";
}

/** So much of what a server says is searched for tokens and values, and shown in part. */
const MAX_SEARCHED = 4 * MAX_SAID;

const ServerMessage = v.union([
  v.object({ message: v.string() }),
  v.object({ detail: v.string() }),
  v.object({ error_description: v.string() }),
  v.object({ error: v.string() }),
  v.object({ error: v.object({ message: v.string() }) }),
  v.object({ detail: v.pipe(v.array(v.object({ msg: v.string() })), v.minLength(1)) }),
]);

function serverMessage(answer: HttpAnswer): string {
  let content: unknown;
  try {
    content = JSON.parse(answer.text);
  } catch {
    return "";
  }
  const parsed = v.safeParse(ServerMessage, content);
  if (!parsed.success) return "";
  const said = parsed.output;
  const text = "message" in said
    ? said.message
    : "error_description" in said
    ? said.error_description
    : "detail" in said
    ? typeof said.detail === "string" ? said.detail : said.detail.map(({ msg }) => msg).join("; ")
    : typeof said.error === "string"
    ? said.error
    : said.error.message;
  // Cut first: what is looked through is bounded, and the end of a value is found as a part of it.
  const shown = redact(text.slice(0, MAX_SEARCHED)) ?? "";
  return shown.trim().replace(/\.$/, "").slice(0, MAX_SAID);
}

function fieldsOf(request: HttpRequest): Readonly<Record<string, unknown>> | undefined {
  return request.form ? Object.fromEntries(request.form) : request.json;
}

function traceRequest({ trace }: HttpContext, request: HttpRequest): void {
  if (!trace) return;
  trace(`> ${request.method} ${maskUrl(request.url)}`);
  if (request.bearer) trace(">   authorization: Bearer ***");
  const fields = fieldsOf(request);
  if (fields) trace(`>   ${maskJson(fields)}`);
}

function traceAnswer(
  { trace }: HttpContext,
  { status, headers, text }: HttpAnswer,
  milliseconds: number,
): void {
  if (!trace) return;
  trace(`< ${status} in ${Math.round(milliseconds)} ms`);
  if (text === "") return;
  try {
    trace(`<   ${maskJson(JSON.parse(text))}`);
  } catch {
    const type = redact(headers.get("content-type") ?? "no content type") ?? "***";
    trace(`<   ${text.length} characters, ${type}`);
  }
}
