/** The engine: logs of deployed servers (docs/contracts.md, Engine). */

import type { Failure } from "../failure.ts";
import { isMapping, parseJson } from "../contract/fields.ts";
import { invalidAnswer } from "./answers.ts";
import type { AuthorizedClient } from "./authorized_client.ts";
import type { HttpAnswer, HttpRequest } from "./http_message.ts";
import { elementsOf, isEventStream, messagesOf, textsOf } from "./stream.ts";
import { pathSegment } from "../hosts/urls.ts";

/** A line of a log. */
export interface LogLine {
  /** As the engine writes it: RFC 3339, with up to nanoseconds. Undefined if it does not tell it. */
  readonly timestamp: string | undefined;
  readonly line: string;
}

/** Lines of a log as they come, several at a time. */
export type LogLines = AsyncIterable<readonly LogLine[]>;

/** A stream that is quiet for longer may have lost its connection without a sign, as after a sleep of the machine. */
const QUIET_MS = 300_000;
/** A quiet server may send its headers with its first line, so there is no limit of time: a day. */
const HEADERS_MS = 86_400_000;

const EVENT_STREAM = "text/event-stream";
/** How much is read of an answer that is no event stream. */
const MAX_MESSAGE = 64 * 1024;

/** Reads the logs of one server. */
export class LogsClient {
  readonly #client: AuthorizedClient;
  readonly #url: string;
  readonly #limits: { readonly timeoutMs: number; readonly signal: AbortSignal | undefined };

  /**
   * @param urls.project as `projectUrl` of urls.ts makes it.
   * @param limits.timeoutMs how long the engine may send nothing in the middle of an answer.
   * @param limits.signal ends what is read when it is aborted.
   */
  constructor(
    client: AuthorizedClient,
    urls: { readonly project: string; readonly server: string },
    limits: { readonly timeoutMs: number; readonly signal?: AbortSignal | undefined },
  ) {
    this.#client = client;
    this.#url = `${urls.project}/deployments/${pathSegment(urls.server)}/logs`;
    this.#limits = { signal: undefined, ...limits };
  }

  /** The lines of a time; without `until`, up to the newest. */
  async read(
    { since, until }: { readonly since: Date; readonly until?: Date | undefined },
  ): Promise<LogLines> {
    const request = this.#request("", {
      start_time_utc: utc(since),
      ...(until && { end_time_utc: utc(until) }),
    });
    const { timeoutMs: quietMs, signal } = this.#limits;
    const answer = await this.#client.request(request);
    return linesOf(request, elementsOf(textsOf(request, answer, { quietMs, signal })));
  }

  /**
   * The lines from a time on, until the connection ends. Without a time, the engine decides where they begin.
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
    const quietMs = isStream ? QUIET_MS : timeoutMs;
    const texts = textsOf(request, answer, { quietMs, signal });
    if (!isStream) throw await noStream(request, answer, texts);
    return linesOfMessages(messagesOf(texts));
  }

  #request(path: string, query: Readonly<Record<string, string>>): HttpRequest {
    const search = new URLSearchParams(query);
    const url = `${this.#url}${path}${search.size > 0 ? `?${search}` : ""}`;
    return { method: "GET", url, isStreamed: true };
  }
}

/** A time as the engine takes it: with microseconds, as the Python CLI writes it. */
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
        readLine(one) ?? { timestamp: undefined, line: JSON.stringify(one) }
      );
    }
  } catch (error) {
    throw error instanceof SyntaxError ? invalidAnswer(request, "no list of log lines") : error;
  }
}

/** The failure for an answer that is no event stream, with what the server says instead. */
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
    yield batch.map((data) => readLine(parseJson(data)) ?? { timestamp: undefined, line: data });
  }
}

/** A line, whose keys the stream writes with capital letters; undefined for anything else. */
function readLine(value: unknown): LogLine | undefined {
  if (!isMapping(value)) return undefined;
  const line = value.line ?? value.Line;
  const timestamp = value.timestamp ?? value.Timestamp;
  return typeof line === "string"
    ? { timestamp: typeof timestamp === "string" ? timestamp : undefined, line }
    : undefined;
}
