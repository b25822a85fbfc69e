import type { Transport } from "@modelcontextprotocol/client";
import type { Failure } from "../failure.ts";

/** A server, and the way to it. */
export interface Peer {
  /** For messages: `The MCP server at http://127.0.0.1:8000/mcp`. */
  readonly name: string;
  /** A new way to it, for each try to connect. */
  readonly transport: () => Transport;
  /** Whether a request that an older server does not know can end it. */
  readonly isFragile: boolean;
  /** Why no more answers come; undefined while that is not known. */
  readonly failure: () => Failure | undefined;
  /** Says goodbye. Settles when nothing is left of the connection. */
  readonly close: () => Promise<void>;
}
