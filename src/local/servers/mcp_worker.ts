/** A server that is asked over MCP (Streamable HTTP, versions 2025-03-26 to 2025-11-25). */

import { createParser } from "eventsource-parser";
import { Fields, isMapping, type Mapping, parseJson } from "../../contract/fields.ts";
import type { ToolResponse } from "../../contract/tools.ts";
import {
  failedCall,
  type WorkerCallRequest,
  type WorkerCallResponse,
} from "../../contract/worker.ts";
import { withDeadline } from "../../system/waiting.ts";
import { Failure } from "../../failure.ts";
import { ASSUMED } from "../assumptions.ts";
import { VERSION } from "../../version.ts";
import { type McpIdentity, readIdentity, readMcpTool } from "../../contract/mcp_tools.ts";
import { WorkerError } from "./worker.ts";

const PROTOCOL_VERSION = "2025-11-25";
const LIST_MS = 10_000;
const HEALTH_MS = 2000;
const MAX_ANSWER_BYTES = 32 * 1024 * 1024;
const MAX_TOOLS = 20_000;
const MAX_PAGES = 1000;
/** JSON-RPC 2.0, section 5.1. */
const INVALID_PARAMS = -32602;

/** The negotiated settings of a server and this client. */
interface Session {
  readonly id: string | undefined;
  readonly version: string;
  readonly identity: McpIdentity;
}

export class McpWorker {
  /** Its tools validate their inputs themselves. */
  readonly takesOtherInput = true;
  readonly url: string;
  readonly #headers: () => Promise<Readonly<Record<string, string>>>;
  readonly #callMs: number;
  readonly #fetch: typeof fetch;
  #session: Promise<Session> | undefined;
  #lastId = 0;

  /**
   * @param options.headers the headers of a request; throws a {@linkcode WorkerError} if one has no value.
   * @param options.callMs how long a tool may take.
   * @param options.fetch sends the requests, for a server at a port that a program of another user could take.
   */
  constructor(
    { url, headers, callMs, fetch: send = fetch }: {
      readonly url: string;
      readonly headers: () => Promise<Readonly<Record<string, string>>>;
      readonly callMs: number;
      readonly fetch?: typeof fetch | undefined;
    },
  ) {
    this.url = url;
    this.#headers = headers;
    this.#callMs = callMs;
    this.#fetch = send;
  }

  /** Whether the server answers. */
  async isHealthy(): Promise<boolean> {
    try {
      await this.#request("ping", {}, HEALTH_MS);
      return true;
    } catch (error) {
      return error instanceof RpcError; // an answer too
    }
  }

  /** Lists the tools. Throws a {@linkcode WorkerError}. */
  async tools(): Promise<ToolResponse[]> {
    const tools: ToolResponse[] = [];
    let cursor: string | undefined;
    for (let page = 0; page < MAX_PAGES && tools.length < MAX_TOOLS; page++) {
      const { result, identity } = await this.#request(
        "tools/list",
        cursor === undefined ? {} : { cursor },
        LIST_MS,
      );
      try {
        for (const tool of result.requiredList("tools")) tools.push(readMcpTool(tool, identity));
        cursor = result.text("nextCursor");
      } catch (error) {
        throw new WorkerError("unmapped", "tools/list was answered with unexpected JSON", {
          cause: error,
        });
      }
      if (!cursor) return tools.slice(0, MAX_TOOLS);
    }
    return tools.slice(0, MAX_TOOLS);
  }

  /** Calls a tool. Throws a {@linkcode WorkerError}. */
  async invoke({ tool, inputs, context }: WorkerCallRequest): Promise<WorkerCallResponse> {
    const { authorization, user_id } = context;
    const arcade_context = { authorization: authorization ?? null, user_id: user_id ?? null };
    const params = { name: tool.name, arguments: inputs, _meta: { arcade_context } };
    let answer: Mapping;
    try {
      answer = (await this.#request("tools/call", params, this.#callMs)).result.mapping;
    } catch (error) {
      if (!(error instanceof RpcError)) throw error;
      const { input, other } = ASSUMED.mcpErrors;
      const kind = error.code === INVALID_PARAMS ? input : other;
      return failedCall({ kind, message: error.message, can_retry: false });
    }
    const value = valueOf(answer);
    if (answer.isError !== true) {
      return { success: true, output: { value }, duration: undefined, finished_at: undefined };
    }
    const message = typeof value === "string" ? value : JSON.stringify(value);
    return failedCall({ kind: ASSUMED.mcpErrors.other, message, can_retry: false });
  }

  /** Sends a request in a session. Starts a session if none is open, or if the server has lost it. */
  async #request(
    method: string,
    params: Mapping,
    timeoutMs: number,
  ): Promise<{ result: Fields; identity: McpIdentity }> {
    const late = () =>
      new WorkerError("timeout", `${method}: No answer within ${timeoutMs / 1000} s`);
    return await withDeadline({ milliseconds: timeoutMs, late }, async (signal) => {
      const session = await this.#begin(signal);
      const message = { jsonrpc: "2.0", id: ++this.#lastId, method, params };
      try {
        return {
          result: await this.#send(message, { session, signal }),
          identity: session.identity,
        };
      } catch (error) {
        const isForgotten = error instanceof WorkerError && error.status === 404 && session.id;
        if (!isForgotten) throw error;
        this.#session = undefined;
        const next = await this.#begin(signal);
        return {
          result: await this.#send(message, { session: next, signal }),
          identity: next.identity,
        };
      }
    });
  }

  #begin(signal: AbortSignal): Promise<Session> {
    this.#session ??= this.#initialize(signal).catch((error) => {
      this.#session = undefined;
      throw error;
    });
    return this.#session;
  }

  async #initialize(signal: AbortSignal): Promise<Session> {
    const params = {
      protocolVersion: PROTOCOL_VERSION,
      capabilities: {},
      clientInfo: { name: "arcade-local", version: VERSION },
    };
    const message = { jsonrpc: "2.0", id: ++this.#lastId, method: "initialize", params };
    let id: string | undefined;
    const onSession = (given: string) => id = given;
    const result = await this.#send(message, { signal, onSession });
    const session = {
      id,
      version: result.text("protocolVersion") ?? PROTOCOL_VERSION,
      identity: readIdentity(result),
    };
    const done = { jsonrpc: "2.0", method: "notifications/initialized" };
    const response = await this.#post(done, { session, signal });
    await response.body?.cancel();
    return session;
  }

  /** Sends a request, and reads the result. Throws a {@linkcode WorkerError} or an {@linkcode RpcError}. */
  async #send(
    message: { readonly id: number; readonly method: string } & Mapping,
    { session, signal, onSession }: {
      readonly session?: Session;
      readonly signal: AbortSignal;
      readonly onSession?: (id: string) => void;
    },
  ): Promise<Fields> {
    const { method, id } = message;
    const response = await this.#post(message, { session, signal });
    const sessionId = response.headers.get("mcp-session-id");
    if (sessionId !== null) onSession?.(sessionId);
    const isEvents = /^text\/event-stream *(?:;|$)/i.test(
      response.headers.get("content-type") ?? "",
    );
    let answer: Mapping | undefined;
    try {
      answer = await answerTo(id, response, { isEvents, signal });
    } catch (error) {
      throw asWorkerError(method, signal, error);
    }
    if (answer === undefined) throw unexpected(method);
    if (isMapping(answer.error)) throw new RpcError(method, answer.error);
    if (!isMapping(answer.result)) throw unexpected(method);
    return new Fields(answer.result);
  }

  async #post(
    message: { readonly method: string } & Mapping,
    { session, signal }: { readonly session?: Session | undefined; readonly signal: AbortSignal },
  ): Promise<Response> {
    const { method } = message;
    const headers = new Headers(await this.#headers());
    headers.set("accept", "application/json, text/event-stream");
    headers.set("content-type", "application/json");
    if (session !== undefined) headers.set("mcp-protocol-version", session.version);
    if (session?.id !== undefined) headers.set("mcp-session-id", session.id);
    let response: Response;
    try {
      // Follows no redirects, which could point anywhere.
      response = await this.#fetch(this.url, {
        method: "POST",
        headers,
        body: JSON.stringify(message),
        redirect: "manual",
        signal,
      });
    } catch (error) {
      throw asWorkerError(method, signal, error);
    }
    if (response.ok) return response;
    await response.body?.cancel();
    const { status } = response;
    throw new WorkerError("refused", `${method} was answered with ${status}`, { status });
  }
}

/** An error that the server answers with. */
class RpcError extends Error {
  override readonly name = "RpcError";
  readonly code: unknown;

  constructor(method: string, { code, message }: Mapping) {
    super(typeof message === "string" ? message : `${method} failed`);
    this.code = code;
  }
}

function unexpected(method: string): WorkerError {
  return new WorkerError("unmapped", `${method} was answered with unexpected JSON`);
}

function asWorkerError(method: string, signal: AbortSignal, error: unknown): unknown {
  if (signal.aborted) return signal.reason;
  if (error instanceof WorkerError) return error;
  const reason = error instanceof Failure ? error.message : "The connection failed";
  return new WorkerError("unreachable", `${method}: ${reason}`, { cause: error });
}

/** The message with the id of a request, from JSON or from a stream of events; undefined without one. */
async function answerTo(
  id: number,
  { body }: Response,
  { isEvents, signal }: { readonly isEvents: boolean; readonly signal: AbortSignal },
): Promise<Mapping | undefined> {
  if (body === null) return undefined;
  const reader = body.getReader();
  const abort = () => void reader.cancel().catch(() => {}); // the reason is thrown below
  signal.addEventListener("abort", abort, { once: true });
  const decoder = new TextDecoder();
  let found: Mapping | undefined;
  const look = (text: string) => {
    const message = parseJson(text);
    if (isMapping(message) && message.id === id && !("method" in message)) found ??= message;
  };
  const parser = createParser({ onEvent: ({ data }) => look(data) });
  let size = 0;
  const texts: string[] = [];
  try {
    while (found === undefined) {
      const { done, value } = await reader.read();
      signal.throwIfAborted();
      size += value?.length ?? 0;
      if (size > MAX_ANSWER_BYTES) {
        throw new WorkerError("unmapped", "The answer is larger than 32 MiB");
      }
      const text = decoder.decode(value, { stream: !done });
      if (isEvents) parser.feed(text);
      else texts.push(text);
      if (done) break;
    }
  } finally {
    signal.removeEventListener("abort", abort);
    reader.cancel().catch(() => {}); // closes the connection
  }
  if (!isEvents) look(texts.join(""));
  return found;
}

/** The value of a result: its structured content, or else its only text, or else all of its content. */
function valueOf({ structuredContent, content }: Mapping): unknown {
  if (structuredContent !== undefined && structuredContent !== null) return structuredContent;
  const items: unknown[] = Array.isArray(content) ? content : [];
  const [first] = items;
  const isText = items.length === 1 && isMapping(first) && typeof first.text === "string";
  return isText ? first.text : items;
}
