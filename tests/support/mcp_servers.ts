/** MCP servers over HTTP that answer as a test says, in both eras of the protocol. */

import { isMapping, type Mapping } from "../../src/contract/fields.ts";
import { Answers, json, type Place } from "./answers.ts";
import { patiently } from "./patience.ts";

/** A message that a server has received, with its headers. */
export interface Received {
  readonly message: Mapping;
  readonly headers: Headers;
}

/** A server's response to a request; undefined for the default. */
export type Reply = (received: Received) => Response | Promise<Response | undefined> | undefined;

/** The tool of all these servers. */
export const TOOL = {
  name: "Weather_Forecast",
  description: "Forecasts",
  inputSchema: {
    type: "object",
    properties: { place: { type: "string", "x-mcp-header": "Place" } },
  },
};

/**
 * A server of the era of sessions. It forgets its sessions on request, as a restart does, and sends what the test says on the
 * stream of a session.
 */
export class SessionServer implements AsyncDisposable {
  readonly received: Received[] = [];
  readonly answers: Answers;
  readonly #sessions = new Map<string, ReadableStreamDefaultController<Uint8Array>[]>();
  #next = Promise.withResolvers<void>();
  #count = 0;

  constructor(reply?: Reply, place?: Place) {
    this.answers = new Answers(async ({ method, body }, request) => {
      const session = request.headers.get("mcp-session-id");
      if (method === "DELETE") {
        this.#end(session ?? "");
        return new Response(null, { status: 202 });
      }
      if (method === "GET") return this.#listen(session ?? "");
      const parsed: unknown = JSON.parse(body);
      const message = isMapping(parsed) ? parsed : {};
      const received = { message, headers: request.headers };
      this.received.push(received);
      this.#tell();
      const given = await reply?.(received);
      if (given) return given;
      if (message.method === "initialize") {
        const id = `session-${++this.#count}`;
        this.#sessions.set(id, []);
        const result = {
          protocolVersion: "2025-11-25",
          capabilities: { tools: { listChanged: true } },
          serverInfo: { name: "test", version: "1" },
        };
        return json({ jsonrpc: "2.0", id: message.id, result }, {
          headers: { "mcp-session-id": id },
        });
      }
      if (!this.#sessions.has(session ?? "")) {
        const error = { code: -32001, message: "Session not found" };
        return json({ jsonrpc: "2.0", id: null, error }, { status: 404 });
      }
      if (message.id === undefined || message.method === undefined) {
        return new Response(null, { status: 202 });
      }
      const result = message.method === "tools/list" ? { tools: [TOOL] } : {};
      return json({ jsonrpc: "2.0", id: message.id, result });
    }, place);
  }

  get url(): string {
    return `${this.answers.url}/mcp`;
  }

  /** Forgets all sessions, and ends their streams. */
  restart(): void {
    for (const id of [...this.#sessions.keys()]) this.#end(id);
  }

  /** The sessions that it knows. */
  get sessions(): string[] {
    return [...this.#sessions.keys()];
  }

  /** Waits until a session has a stream, and sends a message on it. */
  async push(session: string, message: unknown): Promise<void> {
    while (true) {
      const stream = this.#sessions.get(session)?.at(-1);
      if (stream) return stream.enqueue(new TextEncoder().encode(event(message)));
      await patiently(`the stream of ${session}`, this.#next.promise);
    }
  }

  /** Waits until a message of this method has arrived. */
  async asked(method: string, count = 1): Promise<Received> {
    while (true) {
      const found = this.received.filter(({ message }) => message.method === method)[count - 1];
      if (found) return found;
      await patiently(`${method}`, this.#next.promise);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.restart();
    await this.answers[Symbol.asyncDispose]();
  }

  #listen(session: string): Response {
    const streams = this.#sessions.get(session);
    if (!streams) return new Response(null, { status: 404 });
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        streams.push(controller);
        this.#tell();
      },
      cancel: () => void streams.splice(0),
    });
    return new Response(body, { headers: { "content-type": "text/event-stream" } });
  }

  #end(session: string): void {
    for (const stream of this.#sessions.get(session) ?? []) stream.close();
    this.#sessions.delete(session);
  }

  #tell(): void {
    this.#next.resolve();
    this.#next = Promise.withResolvers();
  }
}

/** An event with a message. */
export function event(message: unknown, id?: string): string {
  return `${id === undefined ? "" : `id: ${id}\n`}data: ${JSON.stringify(message)}\n\n`;
}

/** An answer that is an event stream with these texts. */
export function eventStream(...texts: readonly string[]): Response {
  return new Response(texts.join(""), { headers: { "content-type": "text/event-stream" } });
}
