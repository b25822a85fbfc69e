/** The engine: logs of deployed servers (docs/contracts.md, Engine). */

import { Failure } from "../failure.ts";
import { parseJson } from "../contract/fields.ts";
import { type LogLine, type LogParameter, readLogLine } from "../contract/logs.ts";
import { invalidAnswer } from "./answers.ts";
import type { AuthorizedClient } from "./authorized_client.ts";
import type { HttpAnswer, HttpRequest } from "./http_message.ts";
import { elementsOf, isEventStream, messagesOf, textsOf } from "./stream.ts";

/** Lines of a log as they arrive, several at a time. */
export type LogLines = AsyncIterable<readonly LogLine[]>;

/** A stream that is quiet for longer may have silently lost its connection, for example after the machine slept. */
const QUIET_MS = 300_000;
/** How long the engine can take to return the time. */
const TIME_MS = 2000;
/** A quiet server may send its headers with its first line, so the limit is a day. */
const HEADERS_MS = 86_400_000;

const EVENT_STREAM = "text/event-stream";
/** How much to read of a response that is not an event stream. */
const MAX_MESSAGE = 64 * 1024;

/** The limits for reading a log; an HTTP context has them. */
export interface ReadingLimits {
  readonly timeoutMs: () => number;
  readonly signal?: AbortSignal | undefined;
}

/** Reads the log of one server. */
export class LogsClient {
  readonly #client: AuthorizedClient;
  readonly #url: string;
  readonly #healthUrl: string;
  readonly #limits: ReadingLimits;

  /**
   * @param options.url the address of the log.
   * @param options.healthUrl the address of the health check, whose response has the time.
   * @param limits.timeoutMs how long the engine can pause in the middle of a response.
   * @param limits.signal ends reading when it is aborted.
   */
  constructor(
    client: AuthorizedClient,
    { url, healthUrl }: { readonly url: string; readonly healthUrl: string },
    limits: ReadingLimits,
  ) {
    this.#client = client;
    this.#url = url;
    this.#healthUrl = healthUrl;
    this.#limits = limits;
  }

  /**
   * The time by the clock of the engine, in whole seconds (RFC 9110, 6.6.1), which stamps the lines of logs; the time of this
   * machine if the engine does not return it.
   */
  async time({ now }: { readonly now: () => Date }): Promise<Date> {
    const request = { method: "GET", url: this.#healthUrl, answerMs: TIME_MS } as const;
    try {
      const { headers } = await this.#client.request(request);
      const time = new Date(headers.get("date") ?? "");
      if (!Number.isNaN(time.getTime())) return time;
    } catch (error) {
      if (!(error instanceof Failure)) throw error; // the next request fails like this one
    }
    return now();
  }

  /** The lines of a time; without `until`, up to the newest. */
  async read(
    { since, until }: { readonly since: Date; readonly until?: Date | undefined },
  ): Promise<LogLines> {
    const request = this.#request("", {
      start_time_utc: utc(since),
      ...(until && { end_time_utc: utc(until) }),
    });
    const { timeoutMs, signal } = this.#limits;
    const quietMs = timeoutMs();
    const answer = await this.#client.request(request);
    return linesOf(request, elementsOf(textsOf(request, answer, { quietMs, signal })));
  }

  /**
   * The lines since a time, until the connection ends. Without a time, the engine decides where they start.
   *
   * @returns undefined when the engine has no more lines, and asks for no new connection (HTML, 9.2.3).
   * @throws {Failure} when it answers with anything but an event stream.
   */
  async follow(since?: string): Promise<LogLines | undefined> {
    const request: HttpRequest = {
      ...this.#request("/stream", since === undefined ? {} : { start_time_utc: since }),
      accept: EVENT_STREAM,
      answerMs: HEADERS_MS,
    };
    const { timeoutMs, signal } = this.#limits;
    const answer = await this.#client.request(request);
    if (answer.status === 204) return undefined;
    const isStream = !answer.headers.has("content-type") || isEventStream(answer);
    const quietMs = isStream ? QUIET_MS : timeoutMs();
    const texts = textsOf(request, answer, { quietMs, signal });
    if (!isStream) throw await noStream(request, answer, texts);
    return linesOfMessages(messagesOf(texts));
  }

  #request(path: string, query: Readonly<Partial<Record<LogParameter, string>>>): HttpRequest {
    const search = new URLSearchParams(query);
    const url = `${this.#url}${path}${search.size > 0 ? `?${search}` : ""}`;
    return { method: "GET", url, isStreamed: true };
  }
}

/** A time in the engine's format: with microseconds, as the Python CLI writes it. */
export function utc(time: Date): string {
  return time.toISOString().replace("Z", "000+00:00");
}

async function* linesOf(
  request: HttpRequest,
  batches: AsyncIterable<readonly unknown[]>,
): AsyncGenerator<readonly LogLine[]> {
  try {
    for await (const batch of batches) {
      yield batch.map((one) =>
        readLogLine(one) ?? { timestamp: undefined, line: JSON.stringify(one) }
      );
    }
  } catch (error) {
    throw error instanceof SyntaxError ? invalidAnswer(request, "no list of log lines") : error;
  }
}

/** The failure for a response that is not an event stream, with the server's message. */
async function noStream(
  request: HttpRequest,
  answer: HttpAnswer,
  texts: AsyncIterable<string>,
): Promise<Failure> {
  let text = "";
  for await (const piece of texts) {
    text += piece;
    if (text.length > MAX_MESSAGE) break;
  }
  return (await import("./errors.ts")).noStreamFailure(request, { ...answer, text });
}

async function* linesOfMessages(
  batches: AsyncIterable<readonly string[]>,
): AsyncGenerator<readonly LogLine[]> {
  for await (const batch of batches) {
    yield batch.map((data) => readLogLine(parseJson(data)) ?? { timestamp: undefined, line: data });
  }
}
