/** Requests to an MCP server over HTTP (docs/contracts.md, MCP servers), with a credential that goes to this server only. */

import { Failure } from "../failure.ts";
import type { Sensitive } from "../secrecy/sensitive.ts";
import { exchange, type HttpContext, MAX_ANSWER_BYTES } from "./exchange.ts";
import { type HttpAnswer, type HttpRequest, originOf } from "./http_message.ts";
import { isEventStream, messagesOf, type StreamPosition, textsOf } from "./stream.ts";

/** What a request is sent with. */
export interface McpCredential {
  /** Where it may be sent. */
  readonly http: HttpContext;
  readonly bearer: Sensitive | undefined;
  readonly headers: Readonly<Record<string, string>>;
}

/** An MCP server, and the credential for requests to it. */
export interface McpServer {
  /** Its whole address. */
  readonly url: string;
  readonly credential: () => Promise<McpCredential>;
  /**
   * Obtains another credential after a refusal; false if it cannot get one.
   *
   * @param refused what was sent.
   */
  readonly renew: (refused: McpCredential, answer: HttpAnswer) => Promise<boolean>;
}

/** Longer than any user waits. Timers cannot be longer than 24 days. */
const DAY_MS = 24 * 60 * 60 * 1000;

/** A request to an MCP server. */
export interface McpRequest extends Pick<HttpRequest, "jsonText" | "answerMs"> {
  readonly method: "POST" | "GET" | "DELETE";
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

/** A response whose body can still be open, and its request. */
export interface McpAnswer {
  readonly request: HttpRequest;
  readonly answer: HttpAnswer;
}

/**
 * Sends a request, and again with another credential if the server refuses the first one.
 *
 * @param request.answerMs how long the start of the answer may take; by default a day, since tools are slow.
 * @throws {Failure} of kind `network` or `server`, or the reason why there is no other credential.
 */
export async function askServer(
  server: McpServer,
  { signal, ...given }: McpRequest,
): Promise<McpAnswer> {
  for (let attempt = 1;; attempt++) {
    const credential = await server.credential();
    const request: HttpRequest = {
      answerMs: DAY_MS,
      ...given,
      url: server.url,
      bearer: credential.bearer,
      accept: given.method === "GET" ? "text/event-stream" : "application/json, text/event-stream",
      headers: { ...credential.headers, ...given.headers },
      isRepeatable: false,
      isStreamed: true,
      isLongPoll: true,
    };
    const http = {
      ...credential.http,
      commandMs: Infinity,
      signal: signal ?? credential.http.signal,
    };
    const answer = await exchange(http, request);
    if (attempt > MOST_RENEWALS || !isRefusal(answer)) return { request, answer };
    if (!await server.renew(credential, answer)) return { request, answer };
  }
}

/** A renewed login, then a new login. */
const MOST_RENEWALS = 2;

/** Whether a server refuses the credential: its token, or the scope of it (RFC 6750, 3.1). */
function isRefusal({ status, headers }: HttpAnswer): boolean {
  return status === 401 ||
    (status === 403 &&
      /\berror="?insufficient_scope\b/.test(headers.get("www-authenticate") ?? ""));
}

/**
 * The texts of the messages in a successful answer, which is JSON or an event stream.
 *
 * @param position receives how far an event stream was read.
 * @throws {Failure} of kind `network` or `server`; the reason of the signal.
 */
export async function* messageTexts(
  { request, answer }: McpAnswer,
  { signal, position }: {
    readonly signal: AbortSignal | undefined;
    readonly position?: StreamPosition;
  },
): AsyncGenerator<string> {
  const texts = textsOf(request, answer, { quietMs: DAY_MS, signal });
  if (isEventStream(answer)) {
    for await (const messages of messagesOf(texts, position)) yield* messages.filter(Boolean);
    return;
  }
  const pieces: string[] = [];
  let length = 0;
  for await (const text of texts) {
    pieces.push(text);
    length += text.length;
    if (length <= MAX_ANSWER_BYTES) continue;
    throw new Failure("server", `${originOf(request.url)} sent more than 16 MiB`, {
      next: "Check the address, and what the tool returns",
    });
  }
  const whole = pieces.join("");
  if (whole.trim() !== "") yield whole;
}
