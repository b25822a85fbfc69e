/**
 * The headers of MCP over HTTP. Since 2026-07-28, the headers of each message say what a proxy needs to know; before, a session
 * did (docs/contracts.md, MCP servers).
 */

import { isMapping, type Mapping } from "../contract/fields.ts";
import type { Message } from "../contract/json_rpc.ts";

/** The newest revision with sessions, and the first one without. */
export const SESSION_VERSION = "2025-11-25";
export const STATELESS_VERSION = "2026-07-28";

const VERSION_KEY = "io.modelcontextprotocol/protocolVersion";

/** The protocol version in a message; undefined for messages in a session. */
export function ownVersion(params: Mapping): string | undefined {
  const meta = params._meta;
  const version = isMapping(meta) ? meta[VERSION_KEY] : undefined;
  return typeof version === "string" ? version : undefined;
}

/** The format of a version. Other text is not sent in a header, where it might be invalid. */
const VERSION = /^[\w.-]{1,40}$/;

/**
 * The headers of a message in a session.
 *
 * @param version the version that the server reported.
 */
export function sessionHeaders(
  id: string | null | undefined,
  version?: unknown,
): Record<string, string> {
  return {
    ...(typeof id === "string" && { "mcp-session-id": id }),
    ...(typeof version === "string" && VERSION.test(version) &&
      { "mcp-protocol-version": version }),
  };
}

/** The fields of a message that a stateless request needs. */
export function metaOf(client: Mapping, capabilities: Mapping): Mapping {
  return {
    [VERSION_KEY]: STATELESS_VERSION,
    "io.modelcontextprotocol/clientInfo": client,
    "io.modelcontextprotocol/clientCapabilities": capabilities,
  };
}

/** Longer text is not sent in a header, because servers reject such headers. The body has it anyway. */
const MAX_HEADER = 4096;

/** Which parameter the header `Mcp-Name` repeats, by method. */
const NAMED: ReadonlyMap<string, string> = new Map([
  ["tools/call", "name"],
  ["prompts/get", "name"],
  ["resources/read", "uri"],
  ["tasks/get", "taskId"],
  ["tasks/update", "taskId"],
  ["tasks/cancel", "taskId"],
]);

/**
 * The headers of a stateless message.
 *
 * @param parameters the header of each parameter of a tool that has one, by {@link parameterHeaders}.
 */
export function statelessHeaders(
  version: string,
  { method, params }: Extract<Message, { method: string }>,
  parameters: readonly ParameterHeader[] = [],
): Record<string, string> {
  const name = params[NAMED.get(method) ?? ""];
  const args = params.arguments;
  const own = parameters.flatMap(({ path, header }) => {
    const value = headerText(path.reduce<unknown>(
      (at, key) => isMapping(at) ? at[key] : undefined,
      args,
    ));
    return value === undefined ? [] : [[`mcp-param-${header.toLowerCase()}`, value] as const];
  });
  return {
    "mcp-protocol-version": encoded(version.slice(0, MAX_HEADER)),
    "mcp-method": encoded(method.slice(0, MAX_HEADER)),
    ...(typeof name === "string" && name.length <= MAX_HEADER && { "mcp-name": encoded(name) }),
    ...Object.fromEntries(own),
  };
}

/** A parameter of a tool whose value is repeated in a header, so that proxies can route by it. */
export interface ParameterHeader {
  readonly path: readonly string[];
  readonly header: string;
}

/** Deeper schemas are not searched. */
const MAX_DEPTH = 20;

/** The parameters of a tool with a header, from the schema of its input. */
export function parameterHeaders(schema: unknown, path: readonly string[] = []): ParameterHeader[] {
  if (!isMapping(schema) || path.length > MAX_DEPTH) return [];
  const { properties, "x-mcp-header": header } = schema;
  const own = typeof header === "string" && /^[\w!#$%&'*+.^`|~-]{1,100}$/.test(header)
    ? [{ path, header }]
    : [];
  const inner = isMapping(properties)
    ? Object.entries(properties).flatMap(([key, one]) => parameterHeaders(one, [...path, key]))
    : [];
  return [...own, ...inner];
}

function headerText(value: unknown): string | undefined {
  if (typeof value === "string") return value.length > MAX_HEADER ? undefined : encoded(value);
  const isPlain = typeof value === "boolean" ||
    (typeof value === "number" && (Number.isSafeInteger(value) || !Number.isInteger(value)));
  return isPlain ? String(value) : undefined;
}

/** A text as a header value: unchanged if it is ASCII, otherwise in base64. */
function encoded(text: string): string {
  const isPlain = /^[\x21-\x7e](?:[\t\x20-\x7e]*[\x21-\x7e])?$/.test(text) &&
    !/^=\?base64\?.*\?=$/.test(text);
  return isPlain ? text : `=?base64?${base64(text)}?=`;
}

function base64(text: string): string {
  const bytes = new TextEncoder().encode(text);
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}
