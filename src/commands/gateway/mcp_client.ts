/** A client of an MCP server that shows each of its steps, in both eras of the protocol. */

import {
  metaOf,
  SESSION_VERSION,
  sessionHeaders,
  STATELESS_VERSION,
  statelessHeaders,
} from "../../api/mcp_headers.ts";
import { askServer, type McpAnswer, type McpServer, messageTexts } from "../../api/mcp_server.ts";
import { isSuccess, originOf } from "../../api/http_message.ts";
import { isMapping, type Mapping, parseJson } from "../../contract/fields.ts";
import { readMessage } from "../../contract/json_rpc.ts";
import { Failure } from "../../failure.ts";
import { isWebAddress } from "../../hosts/urls.ts";
import { withDeadline } from "../../system/waiting.ts";
import { VERSION } from "../../version.ts";
import { needsGrant } from "../shared/user.ts";

/** How this client names itself. */
const CLIENT = { name: "arcade", version: VERSION };
/** A server with more pages of tools never ends its list. */
const MAX_PAGES = 100;
/** The maximum length of a server's text that is shown. */
const MAX_SHOWN = 300;

/** A tool as a server lists it. */
export interface ServerTool {
  readonly name: string;
}

export class McpClient {
  readonly #server: McpServer;
  readonly #answerMs: number;
  readonly #signal: AbortSignal;
  #headers: Record<string, string> = {};
  #isStateless = false;
  #count = 0;

  /** @param limits.answerMs how long each answer may take altogether. */
  constructor(
    server: McpServer,
    limits: { readonly answerMs: number; readonly signal: AbortSignal },
  ) {
    this.#server = server;
    this.#answerMs = limits.answerMs;
    this.#signal = limits.signal;
  }

  /** Sends the first message of a client, and returns the response, whatever its status. Ends the session that it starts. */
  async knock(): Promise<McpAnswer["answer"]> {
    const { answer } = await this.#post(this.#initialize(), {});
    await answer.body?.cancel();
    this.#headers = sessionHeaders(answer.headers.get("mcp-session-id"));
    await this.end();
    return answer;
  }

  /** Asks for the server's description, in the era without sessions. Undefined if it does not support that era. */
  async discover(): Promise<Mapping | undefined> {
    this.#isStateless = true;
    try {
      return await this.#ask("server/discover", {});
    } catch (error) {
      // Older servers answer in many ways.
      const isAnswer = error instanceof Failure && error.isOfService &&
        (error.kind === "server" || error.status !== undefined);
      if (isAnswer) return undefined;
      throw error;
    }
  }

  /** Starts a session. */
  async initialize(): Promise<Mapping> {
    this.#isStateless = false;
    this.#headers = {};
    const message = this.#initialize();
    const { result, answer } = await this.#resultOf(message, "initialize", {});
    const id = answer.answer.headers.get("mcp-session-id");
    this.#headers = sessionHeaders(id, result.protocolVersion);
    const initialized = { jsonrpc: "2.0", method: "notifications/initialized" };
    const accepted = await this.#post(initialized, this.#headers);
    await accepted.answer.body?.cancel();
    return result;
  }

  /** All tools of the server. */
  async tools(): Promise<ServerTool[]> {
    const tools: ServerTool[] = [];
    const cursors = new Set<string>();
    let cursor: string | undefined;
    while (cursors.size < MAX_PAGES) {
      const page = await this.#ask("tools/list", cursor === undefined ? {} : { cursor });
      for (const tool of Array.isArray(page.tools) ? page.tools : []) {
        if (isMapping(tool) && typeof tool.name === "string") tools.push({ name: tool.name });
      }
      const { nextCursor } = page;
      if (typeof nextCursor !== "string" || nextCursor === "") return tools;
      if (cursors.has(nextCursor)) break;
      cursors.add(nextCursor);
      cursor = nextCursor;
    }
    throw new Failure("server", "The list of tools never ends", {
      next: "The server must omit `nextCursor` on its last page",
    });
  }

  /**
   * Calls a tool.
   *
   * @returns what it returned, as a text.
   * @throws {Failure} of kind `tool-failed`, or `grant-needed` with the address of the page.
   */
  async call(name: string, input: Mapping): Promise<string> {
    let result: Mapping;
    try {
      result = await this.#ask("tools/call", { name, arguments: input });
    } catch (error) {
      const url = error instanceof RefusedRequest ? addressIn(error.data) : undefined;
      throw url === undefined ? error : grantNeeded(url);
    }
    const { content, structuredContent, isError, inputRequests } = result;
    const texts = (Array.isArray(content) ? content : [])
      .flatMap((part) => isMapping(part) && typeof part.text === "string" ? [part.text] : []);
    const url = addressIn(inputRequests) ?? authorizationIn(structuredContent) ??
      authorizationIn(texts.map(parseJson).find((one) => authorizationIn(one) !== undefined));
    if (url !== undefined) throw grantNeeded(url);
    const text = texts.join(" ") || JSON.stringify(structuredContent ?? content ?? null);
    if (isError !== true) return text;
    throw new Failure("tool-failed", text.slice(0, MAX_SHOWN) || "The tool failed", {
      report: "A tool failed",
      next: "Check its input (`--input`)",
    });
  }

  /** Ends the session, if there is one. */
  async end(): Promise<void> {
    if (!("mcp-session-id" in this.#headers)) return;
    const headers = this.#headers;
    this.#headers = {};
    await this.#within((signal) =>
      askServer(this.#server, { method: "DELETE", headers, answerMs: this.#answerMs, signal })
    ).then(({ answer }) => answer.body?.cancel(), () => {}); // it also expires
  }

  #initialize(): Mapping {
    const params = { protocolVersion: SESSION_VERSION, capabilities: {}, clientInfo: CLIENT };
    return { jsonrpc: "2.0", id: ++this.#count, method: "initialize", params };
  }

  async #ask(method: string, params: Mapping): Promise<Mapping> {
    const _meta = this.#isStateless ? metaOf(CLIENT, {}) : undefined;
    const all = _meta ? { ...params, _meta } : params;
    const message = { jsonrpc: "2.0", id: ++this.#count, method, params: all };
    const headers = _meta
      ? statelessHeaders(STATELESS_VERSION, { kind: "notification", method, params: all })
      : this.#headers;
    return (await this.#resultOf(message, method, headers)).result;
  }

  async #resultOf(
    message: Mapping,
    method: string,
    headers: Readonly<Record<string, string>>,
  ): Promise<{ readonly result: Mapping; readonly answer: McpAnswer }> {
    return await this.#within(async (signal) => {
      const answer = await this.#post(message, headers, signal);
      const error = await errorOf(answer, method);
      if (error) throw error;
      for await (const text of messageTexts(answer, { signal })) {
        const found = readMessage(parseJson(text));
        if (found?.kind !== "response" || found.key !== JSON.stringify(message.id)) continue;
        const { result, error } = found.content;
        if (isMapping(result)) return { result, answer };
        throw refusal(method, error);
      }
      throw new Failure("server", `The response to ${method} has no result`, {
        next: "Check that the address is an MCP server; its log may say more",
      });
    });
  }

  #post(
    message: Mapping,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal = this.#signal,
  ): Promise<McpAnswer> {
    const jsonText = JSON.stringify(message);
    return askServer(this.#server, {
      method: "POST",
      jsonText,
      headers,
      answerMs: this.#answerMs,
      signal,
    });
  }

  /** Limits the time of a response, including its whole body. */
  #within<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const seconds = this.#answerMs / 1000;
    const late = () =>
      new Failure(
        "network",
        `${originOf(this.#server.url)} did not finish its response within ${seconds} s`,
        {
          next: "Check the server, or increase ARCADE_TIMEOUT_SECONDS",
        },
      );
    return withDeadline({ milliseconds: this.#answerMs, late, signal: this.#signal }, work);
  }
}

/** The failure of a refused request, after which another request may work. */
class RefusedRequest extends Failure {
  constructor(message: string, readonly data: unknown) {
    super("server", message, { next: "Check the server; its log may say more" });
  }
}

/** Why an answer is a failure; undefined for a success. */
async function errorOf(
  { request, answer }: McpAnswer,
  method: string,
): Promise<Failure | undefined> {
  const { status, text } = answer;
  if (isSuccess(answer)) return undefined;
  const content = parseJson(text);
  if (isMapping(content) && isMapping(content.error)) return refusal(method, content.error);
  const { statusFailure } = await import("../../api/errors.ts");
  if (status === 401 || status === 403 || status >= 500) {
    return statusFailure(request, answer, {
      renewal:
        "Log in again with `--new-login`; a gateway with `--auth header` needs ARCADE_API_KEY",
    });
  }
  return new RefusedRequest(`The server answered ${method} with status ${status}`, undefined);
}

function refusal(method: string, error: unknown): RefusedRequest {
  const { code, message, data } = isMapping(error) ? error : {};
  const said = typeof message === "string" ? `: ${message.slice(0, MAX_SHOWN)}` : "";
  const number = typeof code === "number" ? ` (${code})` : "";
  return new RefusedRequest(`The server refused ${method}${said}${number}`, data);
}

/** The address in requests or errors that send a user to a page. */
function addressIn(requests: unknown): string | undefined {
  if (!isMapping(requests)) return undefined;
  const { elicitations } = requests;
  const all: readonly unknown[] = Array.isArray(elicitations)
    ? elicitations
    : Object.values(requests);
  return all.map((one) => isMapping(one) && isMapping(one.params) ? one.params : one)
    .map((one) => isMapping(one) ? one.url : undefined)
    .find((url) => typeof url === "string" && isWebAddress(url))?.toString();
}

/** The address of a page in a result that asks for a grant. */
function authorizationIn(content: unknown): string | undefined {
  const url = isMapping(content) ? content.authorization_url : undefined;
  return typeof url === "string" && isWebAddress(url) ? url : undefined;
}

function grantNeeded(url: string): Failure {
  return new Failure("grant-needed", needsGrant("The tool", {}), {
    next: `Open ${url}, then run the same command again`,
  });
}
