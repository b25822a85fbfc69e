import type { Transport } from "@modelcontextprotocol/client";
import type { Failure } from "../failure.ts";

/** A server, and how to connect to it. */
export interface Peer {
  /** For messages: `The MCP server at http://127.0.0.1:8000/mcp`. */
  readonly name: string;
  /** A new transport for each attempt to connect. */
  readonly transport: () => Transport;
  /** Whether a request that is unknown to an older server can make it exit. */
  readonly isFragile: boolean;
  /** Why no more answers come; undefined while that is not known. */
  readonly failure: () => Failure | undefined;
  /** Ends the connection. Settles when it is completely closed. */
  readonly close: () => Promise<void>;
}
