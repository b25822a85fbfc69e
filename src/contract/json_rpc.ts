/** The messages of MCP: JSON-RPC 2.0, as far as a bridge and a client must understand them. */

import { isMapping, type Mapping } from "./fields.ts";

/** A message, and the key of its id, which distinguishes `1` from `"1"`. */
export type Message =
  | {
    readonly kind: "request";
    readonly key: string;
    readonly id: unknown;
    readonly method: string;
    readonly params: Mapping;
  }
  | { readonly kind: "notification"; readonly method: string; readonly params: Mapping }
  | { readonly kind: "response"; readonly key: string; readonly content: Mapping };

/** The codes of errors that are not about one method. */
export const PARSE_ERROR = -32700;
export const INVALID_REQUEST = -32600;
/** An error of the server, or of the way to it. */
export const SERVER_ERROR = -32000;

/** Classifies a message; undefined for anything that is not a message. */
export function readMessage(content: unknown): Message | undefined {
  if (!isMapping(content)) return undefined;
  const { id, method, params } = content;
  const given = isMapping(params) ? params : {};
  if (typeof method === "string") {
    return id === undefined
      ? { kind: "notification", method, params: given }
      : { kind: "request", key: JSON.stringify(id), id, method, params: given };
  }
  const isResponse = id !== undefined && ("result" in content || "error" in content);
  return isResponse ? { kind: "response", key: JSON.stringify(id), content } : undefined;
}

/** A response with an error, as a line. */
export function errorLine(
  id: unknown,
  error: { readonly code: number; readonly message: string; readonly data?: unknown },
): string {
  return JSON.stringify({ jsonrpc: "2.0", id: id ?? null, error });
}
