/** Responses that are read as a stream. */

import { createParser } from "eventsource-parser";
import { Failure } from "../failure.ts";
import { readJson } from "../contract/fields.ts";
import { type HttpAnswer, type HttpRequest, originOf } from "./http_message.ts";

/** The maximum length of an event or an array element in memory, in characters. */
const MAX_KEPT = 16 * 1024 * 1024;

/**
 * The text of a response whose body was left open, piece by piece.
 *
 * @param options.quietMs how long the server can send nothing.
 * @param options.signal ends the stream when it is aborted; its reason is a {@link Failure}.
 * @throws {Failure} of kind `network` when the connection breaks or the server sends nothing; the reason of the signal.
 */
export async function* textsOf(
  request: HttpRequest,
  { body, text }: HttpAnswer,
  { quietMs, signal }: { readonly quietMs: number; readonly signal: AbortSignal | undefined },
): AsyncGenerator<string> {
  if (!body) return yield text;
  const reader = body.getReader();
  let reason: unknown;
  const stop = (why: unknown) => {
    reason ??= why;
    reader.cancel().catch(() => {}); // the reason is thrown below
  };
  const abort = () => stop(signal?.reason);
  signal?.addEventListener("abort", abort);
  const decoder = new TextDecoder();
  try {
    for (let isDone = false; !isDone;) {
      const timer = setTimeout(() => stop(tooQuiet(request, quietMs)), quietMs);
      const part = await reader.read().finally(() => clearTimeout(timer));
      if (reason !== undefined) throw reason;
      isDone = part.done;
      const piece = decoder.decode(part.value, { stream: !isDone });
      if (piece !== "") yield piece;
    }
  } catch (error) {
    const { networkFailure } = await import("./network_failure.ts");
    throw networkFailure(request.url, signal, error);
  } finally {
    signal?.removeEventListener("abort", abort);
    stop("read"); // closes the connection if the reader stopped early
  }
}

function tooQuiet(request: HttpRequest, quietMs: number): Failure {
  return new Failure("network", `${originOf(request.url)} sent nothing for ${quietMs / 1000} s`, {
    next: "Check the network, then try again",
  });
}

/** Whether an answer is an event stream. */
export function isEventStream({ headers }: HttpAnswer): boolean {
  return /^text\/event-stream *(?:;|$)/i.test(headers.get("content-type") ?? "");
}

/** The position in an event stream, and how long the server wants clients to wait before they reconnect. */
export interface StreamPosition {
  lastId?: string;
  retryMs?: number;
}

/**
 * The data of the messages of an event stream (HTML, 9.2.6), with what each text completes. Events of other types are skipped,
 * and so is an event that the end of the stream truncates.
 *
 * @param position receives the id of the last event, and the retry time.
 * @throws {Failure} of kind `server` when an event does not end.
 */
export async function* messagesOf(
  texts: AsyncIterable<string>,
  position: StreamPosition = {},
): AsyncGenerator<readonly string[]> {
  let messages: string[] = [];
  const parser = createParser({
    maxBufferSize: MAX_KEPT,
    onEvent({ event = "message", data, id }) {
      if (id !== undefined) position.lastId = id;
      if (event === "message") messages.push(data);
    },
    onRetry: (milliseconds) => void (position.retryMs = milliseconds),
    onError({ type }) {
      if (type === "max-buffer-size-exceeded") throw tooLarge();
    },
  });
  for await (const text of texts) {
    parser.feed(text);
    yield messages;
    messages = [];
  }
}

/**
 * The elements of a JSON array of objects (RFC 8259, 5), with what each text completes, so that memory holds no more than
 * those. `null` is an array without elements, as servers in Go write it.
 *
 * @throws {SyntaxError} when it is not such an array; the message may quote it.
 * @throws {Failure} of kind `server` when an element does not end.
 */
export async function* elementsOf(
  texts: AsyncIterable<string>,
): AsyncGenerator<readonly unknown[]> {
  /** What follows the last element. */
  let rest = "";
  /** How far the scan is in it. */
  let at = 0;
  /** How many brackets are open. */
  let depth = 0;
  let isInText = false;
  for await (const text of texts) {
    rest += text;
    /** The end of the last whole element. */
    let end = 0;
    for (; at < rest.length; at++) {
      if (isInText) {
        const quote = rest.indexOf('"', at);
        if (quote < 0) {
          at = rest.length;
          break;
        }
        at = quote;
        isInText = isEscaped(rest, quote);
        continue;
      }
      const character = rest.charAt(at);
      if (character === '"') isInText = true;
      else if (character === "{" || character === "[") depth++;
      else if ((character === "}" || character === "]") && --depth === 1) end = at + 1;
    }
    if (end > 0) yield parseArray(rest.slice(0, end));
    rest = rest.slice(end);
    at -= end;
    if (rest.length > MAX_KEPT) throw tooLarge();
  }
  if (!/^(?:\[?\s*\]|null)$/.test(rest.trim())) throw new SyntaxError("Not an array of objects");
}

/** Some elements of an array, with the bracket or the comma before them. */
function parseArray(elements: string): readonly unknown[] {
  const content = readJson(`[${elements.replace(/^\s*[,[]/, "")}]`);
  return Array.isArray(content) ? content : [];
}

/** Whether a character of a JSON text has a backslash before it that is not escaped itself. */
function isEscaped(text: string, at: number): boolean {
  let backslashes = 0;
  while (text.charAt(at - 1 - backslashes) === "\\") backslashes++;
  return backslashes % 2 === 1;
}

function tooLarge(): Failure {
  return new Failure("server", "The server sent a message of more than 16 MiB", {
    next: "Check the address (`--host`, `--port`) and any proxy",
  });
}
