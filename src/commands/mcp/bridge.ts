/**
 * Passes messages between an MCP client that supports only stdio and an HTTP server, in both eras of the protocol
 * (docs/contracts.md, MCP servers). In the era of sessions, it keeps the session, and starts a new one when the server loses it.
 */

import {
  ownVersion,
  type ParameterHeader,
  parameterHeaders,
  sessionHeaders,
  statelessHeaders,
} from "../../api/mcp_headers.ts";
import { askServer, type McpAnswer, type McpServer, messageTexts } from "../../api/mcp_server.ts";
import { isSuccess, originOf } from "../../api/http_message.ts";
import type { StreamPosition } from "../../api/stream.ts";
import { isMapping, type Mapping, parseJson } from "../../contract/fields.ts";
import {
  errorLine,
  INVALID_REQUEST,
  type Message,
  PARSE_ERROR,
  readMessage,
  SERVER_ERROR,
} from "../../contract/json_rpc.ts";
import { Failure } from "../../failure.ts";
import { elementsAsWritten } from "../../text/json_text.ts";

type Sent = Extract<Message, { method: string }>;
type Request = Extract<Message, { kind: "request" }>;

/** A pending request of the client. */
interface Pending {
  readonly message: Request;
  readonly isStateless: boolean;
  readonly stop: AbortController;
}

/** A session of the era before 2026-07-28. Servers need not give it an id. */
interface Session {
  readonly id: string | undefined;
  readonly version: unknown;
  /** Ends the stream of messages that the server initiates. */
  readonly stop: AbortController;
}

/** The parts of its process that a bridge uses. */
export interface BridgeEnds {
  /** Sends a line to the client, without its end. */
  readonly toClient: (line: string) => void;
  readonly warn: (line: string) => void;
  readonly sleep: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
}

/** How long the server can take to accept a notification or a response. */
const ACCEPTANCE_MS = 30_000;
/** The pause before a broken stream is opened again, unless the server names one. Doubled up to the longest. */
const PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 30_000;
const SHORTEST_PAUSE_MS = 100;
/** How often the rest of an interrupted response is requested without progress. */
const MOST_VAIN = 5;

export class Bridge {
  readonly #server: McpServer;
  readonly #ends: BridgeEnds;
  readonly #all = new AbortController();
  readonly #pending = new Map<string, Pending>();
  /** The work on requests and on separate streams. */
  readonly #work = new Set<Promise<void>>();
  /** The parameters with headers in tools/list, by tool. */
  readonly #parameters = new Map<string, readonly ParameterHeader[]>();
  /** The client's first message, to start another session. */
  #initialize: string | undefined;
  #session: Session | undefined;
  #renewal: Promise<void> | undefined;
  #settled = Promise.withResolvers<void>();

  constructor(server: McpServer, ends: BridgeEnds) {
    this.#server = server;
    this.#ends = ends;
  }

  /** Accepts a line from the client. Settles when the next line can be sent. */
  async receive(line: string): Promise<void> {
    const content = parseJson(line);
    if (content === undefined) {
      return this.#ends.toClient(errorLine(null, { code: PARSE_ERROR, message: "Parse error" }));
    }
    if (!Array.isArray(content)) return await this.#take(line, content);
    // Newer revisions and servers do not support batches.
    const written = elementsAsWritten(`{"batch":${line}}`, "batch");
    for (const [i, one] of content.entries()) await this.#take(written[i] ?? "", one);
    if (content.length === 0) await this.#take(line, undefined);
  }

  /** Answers what cannot be a message. */
  refuse(message: string): void {
    this.#ends.toClient(errorLine(null, { code: INVALID_REQUEST, message }));
  }

  /** Settles when all requests so far are answered. */
  async settled(): Promise<void> {
    while (this.#pending.size > 0) await this.#settled.promise;
  }

  /** Cancels all work, and ends the session. */
  async close(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    this.#all.abort(new Failure("interrupted", "Cancelled"));
    session?.stop.abort();
    await Promise.allSettled(this.#work);
    if (session?.id === undefined) return;
    const { url } = this.#server;
    const credential = () => this.#server.credential();
    const renew = () => Promise.resolve(false); // a login is no longer useful now
    const signal = AbortSignal.timeout(CLOSING_MS);
    const request = { method: "DELETE", headers: headersOf(session), signal } as const;
    await askServer({ url, credential, renew }, request)
      .then(({ answer }) => answer.body?.cancel(), () => {}); // it also expires
  }

  async #take(line: string, content: unknown): Promise<void> {
    const message = readMessage(content);
    if (!message) return this.refuse("Invalid Request");
    if (message.kind !== "request") return await this.#pass(line, message);
    const isStateless = ownVersion(message.params) !== undefined;
    const pending = { message, isStateless, stop: new AbortController() };
    this.#pending.set(message.key, pending);
    const work = this.#answer(line, pending);
    this.#run(work);
    if (message.method !== "initialize") return;
    this.#initialize = line;
    await work; // what follows needs the session
  }

  #run(work: Promise<void>): void {
    this.#work.add(work);
    work.finally(() => this.#work.delete(work));
  }

  /** Passes a notification or a response on. */
  async #pass(line: string, message: Exclude<Message, Request>): Promise<void> {
    const cancelled = message.kind === "notification" && message.method === CANCELLED
      ? this.#pending.get(JSON.stringify(message.params.requestId))
      : undefined;
    try {
      // Without sessions, closing its connection cancels a request.
      if (!cancelled?.isStateless) {
        const limits = { signal: this.#all.signal, answerMs: ACCEPTANCE_MS };
        const { answer } = await this.#post(line, message, limits);
        await answer.body?.cancel();
      }
    } catch (error) {
      if (!this.#all.signal.aborted) this.#ends.warn(`A message was lost: ${reasonOf(error)}`);
    }
    cancelled?.stop.abort(new Failure("interrupted", "Cancelled"));
    const begins = message.kind === "notification" && message.method === INITIALIZED;
    if (begins && this.#session) this.#run(this.#listen(this.#session));
  }

  /** Sends a message in the session, in a new one if the server has lost it. */
  async #post(
    line: string,
    message: Message,
    { signal, answerMs }: { readonly signal: AbortSignal; readonly answerMs?: number },
  ): Promise<McpAnswer> {
    const post = (headers: Record<string, string>) =>
      askServer(this.#server, {
        method: "POST",
        jsonText: line,
        headers,
        signal,
        ...(answerMs !== undefined && { answerMs }),
      });
    const version = "method" in message ? ownVersion(message.params) : undefined;
    if (version !== undefined && message.kind !== "response") {
      return await post(statelessHeaders(version, message, this.#parametersOf(message)));
    }
    if ("method" in message && message.method === "initialize") return await post({});
    await this.#renewal;
    const session = this.#session;
    const sent = await post(headersOf(session));
    if (!session || !isLost(sent, session)) return sent;
    await sent.answer.body?.cancel();
    await this.#renewSession(session);
    return await post(headersOf(this.#session));
  }

  #parametersOf({ method, params: { name } }: Sent): readonly ParameterHeader[] {
    return method === "tools/call" && typeof name === "string"
      ? this.#parameters.get(name) ?? []
      : [];
  }

  /** Sends a request, and passes on its response, or an error if no response arrives. */
  async #answer(line: string, pending: Pending): Promise<void> {
    const { message: { id }, stop } = pending;
    const signal = AbortSignal.any([stop.signal, this.#all.signal]);
    try {
      const sent = await this.#post(line, pending.message, { signal });
      await this.#passAnswer(sent, pending, signal);
      if (!this.#isOpen(pending)) return;
      throw new Failure("network", `${originOf(this.#server.url)} ended without a response`, {
        next: "Send the request again if it is safe to run twice",
      });
    } catch (error) {
      if (!this.#isOpen(pending) || stop.signal.aborted) return;
      this.#ends.toClient(errorLine(id, { code: SERVER_ERROR, message: reasonOf(error) }));
    } finally {
      if (this.#isOpen(pending)) this.#finish(pending.message.key);
    }
  }

  #isOpen(pending: Pending): boolean {
    return this.#pending.get(pending.message.key) === pending;
  }

  async #passAnswer(sent: McpAnswer, pending: Pending, signal: AbortSignal): Promise<void> {
    const { answer } = sent;
    if (!isSuccess(answer)) return await this.#passRefusal(sent, pending);
    const position: StreamPosition = {};
    try {
      for await (const text of messageTexts(sent, { signal, position })) {
        this.#passText(text, { pending, answer: sent });
      }
    } catch (error) {
      // Only in the era of sessions do events have an id to resume from.
      if (position.lastId === undefined || signal.aborted) throw error;
    }
    if (position.lastId !== undefined && this.#isOpen(pending)) {
      await this.#resume(pending, position, signal);
    }
  }

  /** Requests the rest of a response whose stream ended too early. */
  async #resume(pending: Pending, position: StreamPosition, signal: AbortSignal): Promise<void> {
    for (let vain = 0; vain < MOST_VAIN && this.#isOpen(pending); vain++) {
      await this.#ends.sleep(pauseOf(position, vain), signal);
      const { lastId = "" } = position;
      const headers = { ...headersOf(this.#session), "last-event-id": lastId };
      try {
        const sent = await askServer(this.#server, { method: "GET", headers, signal });
        if (!isSuccess(sent.answer)) return;
        for await (const text of messageTexts(sent, { signal, position })) {
          this.#passText(text, { pending });
        }
        if (position.lastId !== lastId) vain = 0; // the server wants to be polled
      } catch (error) {
        if (signal.aborted) throw error;
      }
    }
  }

  /** Passes on the error of an answer with another status. */
  async #passRefusal({ request, answer }: McpAnswer, { message }: Pending): Promise<void> {
    const { id, key } = message;
    const content = parseJson(answer.text);
    const error = isMapping(content) ? content.error : undefined;
    const isError = isMapping(error) && typeof error.code === "number" &&
      typeof error.message === "string";
    const { statusFailure } = await import("../../api/errors.ts");
    if (this.#pending.get(key)?.message !== message) return;
    this.#finish(key);
    this.#ends.toClient(
      isError ? JSON.stringify({ jsonrpc: "2.0", id, error }) : errorLine(id, {
        code: SERVER_ERROR,
        message: statusFailure(request, answer).message,
        data: { status: answer.status },
      }),
    );
  }

  /**
   * Passes on a message from the server.
   *
   * @param of.pending the request that it answers; undefined for messages that the server initiates.
   * @param of.answer the response that started with it.
   */
  #passText(
    text: string,
    of: { readonly pending?: Pending; readonly answer?: McpAnswer } = {},
  ): void {
    const content = parseJson(text);
    if (Array.isArray(content)) {
      for (const one of content) this.#passText(JSON.stringify(one), of);
      return;
    }
    const message = readMessage(content);
    if (!message) {
      this.#ends.warn(`${originOf(this.#server.url)} sent something that is not an MCP message`);
      return;
    }
    if (message.kind === "response") {
      const answered = this.#pending.get(message.key);
      if (!answered) return; // cancelled, or answered before
      this.#learn(answered.message, message.content, of.answer);
      this.#finish(message.key);
    }
    // Line breaks in JSON are whitespace.
    this.#ends.toClient(text.replace(/[\r\n]+/g, " "));
  }

  #finish(key: string): void {
    this.#pending.delete(key);
    if (this.#pending.size > 0) return;
    this.#settled.resolve();
    this.#settled = Promise.withResolvers();
  }

  /** Notes the parts of a response that later requests need. */
  #learn({ method }: Request, { result }: Mapping, answer: McpAnswer | undefined): void {
    if (!isMapping(result)) return;
    if (method === "initialize" && answer) this.#begin(sessionOf(result, answer));
    if (method !== "tools/list" || !Array.isArray(result.tools)) return;
    for (const tool of result.tools) {
      if (!isMapping(tool) || typeof tool.name !== "string") continue;
      this.#parameters.set(tool.name, parameterHeaders(tool.inputSchema));
    }
  }

  #begin(session: Session): void {
    this.#session?.stop.abort();
    this.#session = session;
  }

  /** Starts a new session, unless another request has done so. */
  async #renewSession(lost: Session): Promise<void> {
    if (this.#session !== lost) return;
    this.#renewal ??= this.#beginAgain().finally(() => this.#renewal = undefined);
    await this.#renewal;
  }

  /** Starts a session as the client did. */
  async #beginAgain(): Promise<void> {
    const { signal } = this.#all;
    const first = parseJson(this.#initialize ?? "");
    const json = { ...(isMapping(first) ? first : {}), id: crypto.randomUUID() };
    const sent = await askServer(this.#server, {
      method: "POST",
      jsonText: JSON.stringify(json),
      signal,
      answerMs: ACCEPTANCE_MS,
    });
    const result = await this.#resultOf(sent, json.id);
    const session = sessionOf(result, sent);
    this.#begin(session);
    const initialized = { jsonrpc: "2.0", method: INITIALIZED };
    const { answer } = await askServer(this.#server, {
      method: "POST",
      jsonText: JSON.stringify(initialized),
      headers: headersOf(session),
      signal,
      answerMs: ACCEPTANCE_MS,
    });
    await answer.body?.cancel();
    this.#run(this.#listen(session));
    this.#ends.warn(`${originOf(this.#server.url)} lost the session; a new one was started`);
    // The server's lists may have changed while it was unreachable.
    const capabilities = isMapping(result.capabilities) ? result.capabilities : {};
    for (const kind of ["tools", "prompts", "resources"]) {
      const one = capabilities[kind];
      if (!isMapping(one) || one.listChanged !== true) continue;
      const method = `notifications/${kind}/list_changed`;
      this.#ends.toClient(JSON.stringify({ jsonrpc: "2.0", method }));
    }
  }

  async #resultOf(sent: McpAnswer, id: string): Promise<Mapping> {
    const origin = originOf(this.#server.url);
    if (isSuccess(sent.answer)) {
      for await (const text of messageTexts(sent, { signal: this.#all.signal })) {
        const message = readMessage(parseJson(text));
        if (message?.kind !== "response" || message.key !== JSON.stringify(id)) continue;
        const { result } = message.content;
        if (isMapping(result)) return result;
      }
    }
    throw new Failure("server", `${origin} lost the session and does not start a new one`, {
      next: "Restart the client",
    });
  }

  /** Passes on messages that the server initiates, as long as the session lasts. */
  async #listen(session: Session): Promise<void> {
    const signal = AbortSignal.any([session.stop.signal, this.#all.signal]);
    const position: StreamPosition = {};
    for (let failures = 0; !signal.aborted;) {
      try {
        const { lastId } = position;
        const sent = await askServer(this.#server, {
          method: "GET",
          headers: { ...headersOf(session), ...(lastId && { "last-event-id": lastId }) },
          signal,
        });
        if (isLost(sent, session)) return await this.#renewSession(session);
        if (!isSuccess(sent.answer)) return; // it offers no such stream
        for await (const text of messageTexts(sent, { signal, position })) {
          failures = 0;
          this.#passText(text);
        }
      } catch (error) {
        if (signal.aborted || !(error instanceof Failure && error.isOfService)) return;
      }
      await this.#ends.sleep(pauseOf(position, failures++), signal).catch(() => {});
    }
  }
}

const INITIALIZED = "notifications/initialized";
const CANCELLED = "notifications/cancelled";
/** How long ending a session can delay the end of the process. */
const CLOSING_MS = 2000;

function pauseOf({ retryMs = PAUSE_MS }: StreamPosition, failures: number): number {
  return Math.min(Math.max(retryMs, SHORTEST_PAUSE_MS) * 2 ** failures, LONGEST_PAUSE_MS);
}

function sessionOf({ protocolVersion }: Mapping, { answer }: McpAnswer): Session {
  return {
    id: answer.headers.get("mcp-session-id") ?? undefined,
    version: protocolVersion,
    stop: new AbortController(),
  };
}

function headersOf(session: Session | undefined): Record<string, string> {
  return sessionHeaders(session?.id, session?.version);
}

/** Whether a response says that the session is unknown: 404, or 400 with a message from older servers. */
function isLost({ answer: { status, text } }: McpAnswer, { id }: Session): boolean {
  return id !== undefined && (status === 404 || (status === 400 && /session/i.test(text)));
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Failure)) return "Internal error of arcade";
  return error.next === undefined ? error.message : `${error.message}. ${error.next}`;
}
