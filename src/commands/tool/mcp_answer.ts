/** What an MCP server returns from a tool. */

import type { AnsweredCall } from "../../api/tools.ts";
import { isMapping, type Mapping, parseJson } from "../../contract/fields.ts";
import type { CallError, Tool } from "../../contract/tools.ts";
import { Failure } from "../../failure.ts";
import type { CallToolResult } from "../../mcp/connection.ts";
import { printable } from "../../terminal/safe_text.ts";
import { needsGrant } from "../shared/user.ts";

/** The response of a call, and its parts that are not text. */
export interface McpAnswer {
  readonly answer: AnsweredCall;
  /** Descriptions of parts that cannot be printed: `an image (image/png, 5 bytes)`. */
  readonly notShown: readonly string[];
  /** The bytes, if there is nothing else. */
  readonly bytes: Uint8Array<ArrayBuffer> | undefined;
}

/**
 * Reads the result of a tool. Its texts are its value, or else its structured content.
 *
 * @throws {Failure} of kind `grant-needed` if the user must open a page first, and of kind `tool-failed` if the server
 * asks for more input.
 */
export function answerOf(tool: Pick<Tool, "name">, result: CallToolResult): McpAnswer {
  const { content = [], structuredContent, isError = false, _meta } = result;
  requireComplete(tool, { ...result });
  const items = content.map(itemOf);
  const texts = items.flatMap(({ text }) => text ?? []);
  const page = [structuredContent, ...texts.map(parseJson)].map(pageIn).find((one) => one);
  if (page !== undefined) throw grantNeeded(tool, page);
  const value = texts.length > 0
    ? texts.join("\n")
    : items.length === 0 || structuredContent !== undefined
    ? structuredContent
    : undefined;
  const binary = items.filter(({ text }) => text === undefined);
  const [only] = items;
  return {
    answer: {
      isSuccess: !isError,
      error: isError ? errorOf(texts.join(" "), _meta) : undefined,
      authorization: undefined,
      logs: [],
      asWritten: JSON.stringify(result),
      value: value === undefined ? undefined : JSON.stringify(value),
    },
    notShown: binary.map(({ what }) => what),
    bytes: items.length === 1 ? only?.bytes : undefined,
  };
}

/** A part of a result: a text, or something else in words, perhaps with its bytes. */
interface Item {
  readonly text?: string;
  readonly what: string;
  readonly bytes?: Uint8Array<ArrayBuffer>;
}

function itemOf(block: CallToolResult["content"][number]): Item {
  switch (block.type) {
    case "text":
      return { text: block.text, what: "text" };
    case "image":
      return binary("an image", block.mimeType, block.data);
    case "audio":
      return binary("audio", block.mimeType, block.data);
    case "resource": {
      const { resource } = block;
      if ("text" in resource) return { text: resource.text, what: "text" };
      return binary(`the resource ${shortened(resource.uri)}`, resource.mimeType, resource.blob);
    }
    case "resource_link":
      return { what: `a link to ${shortened(block.uri)}` };
  }
}

function binary(what: string, type: string | undefined, base64: string): Item {
  const bytes = bytesOf(base64);
  const size = bytes === undefined ? "unreadable" : `${bytes.length} bytes`;
  const details = [type === undefined ? [] : shortened(type), size].flat().join(", ");
  return { what: `${what} (${details})`, ...(bytes && { bytes }) };
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
}

function shortened(text: string): string {
  return printable(text.length > 200 ? `${text.slice(0, 200)}…` : text);
}

/** Why the tool failed. Servers of Arcade's framework say more in `_meta`. */
function errorOf(said: string, meta: CallToolResult["_meta"]): CallError {
  const arcade = isMapping(meta?.arcade) ? meta.arcade : {};
  const { errorKind, canRetry, retryAfterMs, additionalPromptContent } = arcade;
  const kind = typeof errorKind === "string" ? errorKind : undefined;
  return {
    message: kind === undefined ? said : said.replace(`[${kind}] `, ""),
    kind,
    canRetry: canRetry === true,
    retryAfterMs: typeof retryAfterMs === "number" ? retryAfterMs : undefined,
    developerMessage: undefined,
    advice: typeof additionalPromptContent === "string" ? additionalPromptContent : undefined,
  };
}

/** The page where the user grants what a tool needs, as Arcade's servers and gateways return it (docs/contracts.md, MCP servers). */
function pageIn(content: unknown): string | undefined {
  if (!isMapping(content)) return undefined;
  const { authorization_url: page } = content;
  return typeof page === "string" && /^https?:\/\//.test(page) ? page : undefined;
}

function grantNeeded({ name }: Pick<Tool, "name">, page: string): Failure {
  return new Failure("grant-needed", needsGrant(name, {}), {
    report: "A tool needs a grant",
    next: `Open ${page}, then run the same command again`,
  });
}

/** Refuses a result in which a tool asks its user a question (MCP 2026-07-28, multi-round-trip requests). */
function requireComplete(tool: Pick<Tool, "name">, { resultType, inputRequests }: Mapping): void {
  if (resultType !== "input_required") return;
  const requests = isMapping(inputRequests) ? Object.values(inputRequests).filter(isMapping) : [];
  for (const { params } of requests) {
    const { mode, url } = isMapping(params) ? params : {};
    const page = mode === "url" ? pageIn({ authorization_url: url }) : undefined;
    if (page !== undefined) throw grantNeeded(tool, page);
  }
  const [first] = requests;
  const what = typeof first?.method === "string" ? ` (${shortened(first.method)})` : "";
  throw new Failure("tool-failed", `${tool.name} asked a question${what}, which arcade declined`, {
    report: "A tool asked a question",
    next: "Give everything that it needs as inputs",
  });
}
