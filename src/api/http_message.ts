/** The requests that the services get, and their answers. */

import type { Sensitive } from "../sensitive.ts";

/** A request to a service. */
export interface HttpRequest {
  readonly method: "GET" | "PUT" | "POST" | "PATCH" | "DELETE";
  readonly url: string;
  readonly bearer?: Sensitive | undefined;
  readonly json?: Readonly<Record<string, unknown>>;
  /** `json` as it is written, which is sent unchanged. */
  readonly jsonText?: string;
  /** Makes a JSON body that is too large to be held; called for each attempt. */
  readonly jsonStream?: (signal: AbortSignal) => Promise<ReadableStream<Uint8Array<ArrayBuffer>>>;
  readonly form?: URLSearchParams;
  /** The media type to ask for; by default JSON. */
  readonly accept?: string;
  /** Whether the body of a 2xx is left open, for stream.ts. The timeouts then end with the headers. */
  readonly isStreamed?: true;
  /** Whether the answer has its bytes too. */
  readonly keepsBytes?: true;
  /** The timeout of one response, if not that of the context. */
  readonly answerMs?: number;
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

/** Whether the status is a 2xx. */
export function isSuccess(answer: HttpAnswer): boolean {
  return answer.status >= 200 && answer.status < 300;
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

/** Scheme, host and port, for messages: paths and queries can contain names and codes. */
export function originOf(url: string): string {
  return URL.parse(url)?.origin ?? "The server";
}
