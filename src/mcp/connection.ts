/**
 * A connection to an MCP server, with the official client. That takes 30 ms to load, so a command imports this module only when it
 * talks to such a server.
 */

import {
  type CallToolResult,
  Client,
  ProtocolError,
  ProtocolErrorCode,
  SdkError,
  SdkErrorCode,
  type Tool,
  type Transport,
  type VersionNegotiationMode,
} from "@modelcontextprotocol/client";
import { settlesWithin, sleep } from "../system/waiting.ts";
import { VERSION } from "../version.ts";
import { failureOf } from "./failures.ts";
import type { Peer } from "./peer.ts";

export type { CallToolResult, Tool };

/** The settings of a connection. */
export interface ConnectionOptions {
  /** Cancels what runs, at the server too. Its reason is a {@link Failure}. */
  readonly signal: AbortSignal;
  /** How long the server may take to answer anything but a call. */
  readonly answerMs: number;
  /** Receives what tools log while they run. */
  readonly onLog?: ((level: string, text: string) => void) | undefined;
  /** Called with a request of the server to its user that was declined, such as `elicitation`. */
  readonly onDeclined?: ((what: string) => void) | undefined;
}

/** A call of a tool. */
export interface McpCall {
  readonly tool: Tool;
  readonly input: Readonly<Record<string, unknown>>;
  /** How long the tool may run. */
  readonly answerMs: number;
}

/** The first version of the protocol without `initialize`. */
const MODERN = "2026-07-28";
/** How long a cancellation may take to be sent. */
const LAST_WORD_MS = 1000;
/** How long an answer may take from its stream to its call, which this client does in several steps. */
const HANDED_ON_MS = 100;

/** A connection to a server that has answered. */
export class McpConnection implements AsyncDisposable {
  readonly #peer: Peer;
  readonly #options: ConnectionOptions;
  /** Notifications that are being sent. */
  readonly #lastWords = new Set<Promise<unknown>>();
  /** What to do when the stream of a call ends, by a function that the client passes on with the call. */
  readonly #onStreamEnd = new WeakMap<object, () => void>();
  #client = new Client({ name: "arcade", version: VERSION });

  private constructor(peer: Peer, options: ConnectionOptions) {
    this.#peer = peer;
    this.#options = options;
  }

  /**
   * Connects, in a version of the protocol that the server supports. The peer is closed if that fails.
   *
   * @throws {Failure} as {@linkcode failureOf} makes it.
   */
  static async open(peer: Peer, options: ConnectionOptions): Promise<McpConnection> {
    const connection = new McpConnection(peer, options);
    try {
      await connection.#connect();
      return connection;
    } catch (error) {
      await connection[Symbol.asyncDispose]();
      throw failureOf(error, "the connection", { ...options, peer });
    }
  }

  async #connect(): Promise<void> {
    if (!this.#peer.isFragile) return await this.#try("auto");
    try {
      await this.#try("legacy");
    } catch (error) {
      // A server that supports only newer versions refuses `initialize` like any unknown method.
      if (!(error instanceof ProtocolError)) throw error;
      await this.#try({ pin: MODERN }).catch(() => {
        throw error;
      });
    }
  }

  async #try(mode: VersionNegotiationMode): Promise<void> {
    const { signal, answerMs, onLog, onDeclined } = this.#options;
    this.#client = new Client({ name: "arcade", version: VERSION }, {
      versionNegotiation: { mode },
    });
    this.#client.setNotificationHandler("notifications/message", ({ params: { level, data } }) => {
      onLog?.(level, typeof data === "string" ? data : JSON.stringify(data));
    });
    this.#client.fallbackRequestHandler = ({ method }) => {
      const [what = method] = method.split("/");
      onDeclined?.(what);
      if (method === "elicitation/create") return Promise.resolve({ action: "decline" });
      throw new ProtocolError(ProtocolErrorCode.MethodNotFound, `arcade declines ${what}`);
    };
    const transport = this.#watched(this.#peer.transport());
    await this.#client.connect(transport, { signal, timeout: answerMs });
  }

  /**
   * Watches what is sent: closing the connection must not cut a notification, and the client does not report streams that end
   * without an answer.
   */
  #watched(transport: Transport): Transport {
    const send = transport.send.bind(transport);
    transport.send = async (message, options) => {
      const onRequestStreamEnd = this.#onStreamEnd.get(options?.onresumptiontoken ?? this);
      const sent = send(message, { ...options, onRequestStreamEnd });
      if ("method" in message && !("id" in message)) {
        const word = sent.catch(() => {}).finally(() => this.#lastWords.delete(word));
        this.#lastWords.add(word);
      }
      await sent;
    };
    return transport;
  }

  /** The server's description of itself, as in its response to `initialize`. */
  get identity() {
    const instructions = this.#client.getInstructions();
    return { serverInfo: this.#client.getServerVersion(), instructions };
  }

  /** The version of the protocol, such as `2025-11-25`. */
  get protocolVersion(): string | undefined {
    return this.#client.getNegotiatedProtocolVersion();
  }

  /** Lists the tools. Throws a {@link Failure} as {@linkcode failureOf} makes it. */
  async tools(): Promise<readonly Tool[]> {
    if (!this.#client.getServerCapabilities()?.tools) return [];
    const { signal, answerMs } = this.#options;
    try {
      return (await this.#client.listTools(undefined, { signal, timeout: answerMs })).tools;
    } catch (error) {
      throw failureOf(error, "tools/list", { signal, answerMs, peer: this.#peer });
    }
  }

  /**
   * Calls a tool. A tool that fails is an answer too, with `isError`; so is one that asks for more input, with `resultType`
   * `input_required`. Throws a {@link Failure} as {@linkcode failureOf} makes it.
   */
  async call({ tool, input, answerMs }: McpCall): Promise<CallToolResult> {
    const { signal } = this.#options;
    const lost = Promise.withResolvers<never>();
    const over = new AbortController();
    const onresumptiontoken = () => {};
    this.#onStreamEnd.set(onresumptiontoken, () => {
      const error = new SdkError(SdkErrorCode.ConnectionClosed, "The stream ended");
      sleep(HANDED_ON_MS, over.signal).then(() => lost.reject(error), () => {});
    });
    // The result is shown even if it does not have the promised form.
    const { outputSchema: _, ...toolDefinition } = tool;
    const params = { name: tool.name, arguments: { ...input } };
    const options = { signal, timeout: answerMs, toolDefinition, onresumptiontoken };
    try {
      const called = this.#client.callTool(params, { ...options, allowInputRequired: true });
      return await Promise.race([called, lost.promise]);
    } catch (error) {
      throw failureOf(error, `the call of ${tool.name}`, { signal, answerMs, peer: this.#peer });
    } finally {
      over.abort();
    }
  }

  /** Tells the server which requests are cancelled, then closes the connection. */
  async [Symbol.asyncDispose](): Promise<void> {
    await settlesWithin(LAST_WORD_MS, Promise.all(this.#lastWords));
    await this.#peer.close();
    await this.#client.close();
  }
}
