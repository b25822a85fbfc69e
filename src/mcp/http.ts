/** MCP servers over HTTP (Streamable HTTP). */

import { type FetchLike, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { networkFailure } from "../api/network_failure.ts";
import { Failure } from "../failure.ts";
import { isLoopback } from "../hosts/address.ts";
import { settlesWithin } from "../system/waiting.ts";
import { type ConnectionOptions, McpConnection } from "./connection.ts";

/** The maximum size of one response. */
const MAX_ANSWER_BYTES = 32 * 1024 * 1024;
/** How long the end of a session may take. */
const GOODBYE_MS = 1000;

export interface HttpOptions extends ConnectionOptions {
  readonly fetch: typeof fetch;
  /** Sent with each request. */
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Connects to the MCP server at an address.
 *
 * @throws {Failure} of kind `network`, `server`, `login` or `forbidden`.
 */
export async function connectToUrl(url: string, options: HttpOptions): Promise<McpConnection> {
  const { headers = {} } = options;
  let failure: Failure | undefined;
  let transport: StreamableHTTPClientTransport | undefined;
  const send = bounded(options.fetch, (reason) => failure = reason);
  return await McpConnection.open({
    name: `The MCP server at ${url.replace(/[?#].*/s, "")}`,
    isFragile: false,
    transport: () => {
      transport = new StreamableHTTPClientTransport(new URL(url), {
        fetch: send,
        requestInit: { headers },
      });
      return transport;
    },
    failure: () => failure,
    async close() {
      const goodbye = transport?.terminateSession().catch(() => {}); // it may be gone
      if (goodbye) await settlesWithin(GOODBYE_MS, goodbye);
    },
  }, options);
}

/** `fetch` with errors that say what failed, and with a limit on the size of responses. */
function bounded(send: typeof fetch, onFailure: (failure: Failure) => void): FetchLike {
  return async (input, init) => {
    let response: Response;
    try {
      response = await send(input, init);
    } catch (error) {
      if (init?.signal?.aborted) throw error;
      const { kind, message, next } = networkFailure(String(input), undefined, error);
      const isHere = isLoopback(new URL(input).hostname);
      const failure = new Failure(kind, message, {
        ...(isHere ? { next: "Start the server, or check the address" } : next && { next }),
        report: "An MCP server cannot be reached",
        cause: error,
      });
      onFailure(failure);
      throw failure;
    }
    const { body, status, statusText, headers } = response;
    if (body === null) return response;
    let size = 0;
    const limit = new TransformStream<Uint8Array, Uint8Array>({
      transform(piece, controller) {
        size += piece.length;
        if (size <= MAX_ANSWER_BYTES) return controller.enqueue(piece);
        const failure = new Failure("server", "The answer of the MCP server is larger than 32 MiB");
        onFailure(failure);
        controller.error(failure);
      },
    });
    return new Response(body.pipeThrough(limit), { status, statusText, headers });
  };
}
