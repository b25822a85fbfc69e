/** Requests to services, and their responses. */

import { Failure } from "../failure.ts";
import type { Method } from "../contract/method.ts";
import type { Sensitive } from "../secrecy/sensitive.ts";

/** A request to a service. */
export interface HttpRequest {
  readonly method: Method;
  readonly url: string;
  readonly bearer?: Sensitive | undefined;
  readonly json?: Readonly<Record<string, unknown>>;
  /** JSON as it was written, which is sent unchanged. Without `json`, it is not shown with `--debug`. */
  readonly jsonText?: string;
  /** Creates a JSON body that is too large to keep in memory; called for each attempt. */
  readonly jsonStream?: (signal: AbortSignal) => Promise<ReadableStream<Uint8Array<ArrayBuffer>>>;
  readonly form?: URLSearchParams;
  /** Additional headers, with lowercase names. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Whether it can be sent again after a response that says to try later. Default: not for a POST, except after a 429. */
  readonly isRepeatable?: boolean;
  /** The media type to ask for; by default JSON. */
  readonly accept?: string;
  /** Whether the body of a 2xx is left open, for stream.ts. The timeouts then end with the headers. */
  readonly isStreamed?: true;
  /** Whether the response includes its bytes. */
  readonly keepsBytes?: true;
  /** The timeout of one response; by default the context's. */
  readonly answerMs?: number;
  /** Whether this is a long poll, which the service answers late. The command itself shows what it waits for. */
  readonly isLongPoll?: true;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** Empty if the body is left open. */
  readonly text: string;
  /** The bytes of the body, if the request asked for them. */
  readonly bytes?: Uint8Array;
  /** The body, if it is left open. */
  readonly body?: ReadableStream<Uint8Array>;
}

/** Details for the hints of a failure, so that the hints work for the command that failed. */
export interface Hints {
  /** The next step for a rejected token. */
  readonly renewal?: string;
  /** The flag `--context` of the command, for command lines. */
  readonly sameContext?: string;
  /** The flags, variables or credential that named the project, if it is not the active one. */
  readonly projectFrom?: string | undefined;
}

/** Whether the status is a 2xx. */
export function isSuccess(answer: HttpAnswer): boolean {
  return answer.status >= 200 && answer.status < 300;
}

/** The fields that a request sends. */
export function fieldsOf(request: HttpRequest): Readonly<Record<string, unknown>> | undefined {
  return request.form ? Object.fromEntries(request.form) : request.json;
}

/**
 * `Retry-After` in milliseconds, which is a number of seconds or a date (RFC 9110, 10.2.3): at most a day, and 0 for a date in
 * the past. Undefined if it is missing or anything else.
 */
export function retryAfterMs({ headers }: HttpAnswer): number | undefined {
  const written = headers.get("retry-after")?.trim() ?? "";
  const asked = /^\d+$/.test(written)
    ? Number(written) * 1000
    : DATE.test(written)
    ? Date.parse(written) - Date.parse(headers.get("date") ?? "")
    : NaN;
  return Number.isNaN(asked) ? undefined : Math.min(Math.max(0, asked), MAX_RETRY_AFTER_MS);
}

/** The start of an HTTP date, in all its formats. `Date.parse` also accepts many texts that are not dates. */
const DATE = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? /;
const MAX_RETRY_AFTER_MS = 86_400_000;

/** Whether a response is a web page. Services answer with JSON; login pages of networks and gateways do not. */
export function isWebPage({ headers, text }: Pick<HttpAnswer, "headers" | "text">): boolean {
  return /html/i.test(headers.get("content-type") ?? "") || /^\s*</.test(text);
}

/** Scheme, host and port, for messages: paths and queries can contain names and codes. */
export function originOf(url: string): string {
  return URL.parse(url)?.origin ?? "The server";
}

/** The failure for a web page from a network or gateway that requires a login, or from another server. */
export function webPageFailure(
  { url }: Pick<HttpRequest, "url">,
  { status }: Pick<HttpAnswer, "status">,
  expected = "JSON",
): Failure {
  const code = status === 200 ? "" : ` (${status})`;
  return new Failure(
    "network",
    `${originOf(url)} answered with a web page instead of ${expected}${code}`,
    {
      status,
      next:
        "Check the address and any proxy, and whether your network or VPN requires a login in a browser",
    },
  );
}
