/** The engine: tools of servers (docs/contracts.md, Engine). */

import { readTool, readToolCall, type Tool, type ToolCall } from "../contract/tools.ts";
import type { Fields } from "../contract/fields.ts";
import { Failure } from "../failure.ts";
import { pathSegment } from "../hosts/urls.ts";
import { fieldsAsWritten } from "../text/json_text.ts";
import { readAnswer } from "./answers.ts";
import type { AuthorizedClient } from "./authorized_client.ts";
import { callPages } from "./pages.ts";

/** A tool in a list of the engine. */
export interface ListedTool extends Tool {
  /** Everything the engine returns about it: JSON, as it was written. */
  readonly asWritten: () => string;
}

/** A call of a tool. */
export interface Call {
  /** `Weather.Forecast`. */
  readonly tool: string;
  readonly version: string | undefined;
  readonly userId: string;
  /** The values of the parameters: JSON, as it was written. */
  readonly input: ReadonlyMap<string, string>;
  /** Whether it may be sent again when the engine says to try later. */
  readonly isRepeatable: boolean;
  /** How long the engine may take to answer. */
  readonly answerMs: number;
}

/** The result of a call, with the response as JSON, as it was written. */
export interface AnsweredCall extends ToolCall {
  readonly asWritten: string;
  /** The value that the tool returned; undefined without one. */
  readonly value: string | undefined;
}

/** The same number as in the Python CLI. */
const PAGE = 1000;

/** The tools of one project. */
export class ToolsClient {
  readonly #client: AuthorizedClient;
  readonly #url: string;

  /** @param url the address of the tools. */
  constructor(client: AuthorizedClient, url: string) {
    this.#client = client;
    this.#url = url;
  }

  /** All tools, or the tools of one server. */
  async list(server?: string): Promise<ListedTool[]> {
    return await callPages(this.#client, this.#url, {
      query: server === undefined ? {} : { toolkit: server },
      limit: PAGE,
      read: (fields, asWritten) => ({ ...readTool(fields), asWritten }),
    });
  }

  /** A tool by its name, with or without its version; undefined if the engine has no tool with that name. */
  async find(name: string, userId: string | undefined): Promise<ListedTool | undefined> {
    const query = userId === undefined ? "" : `?${new URLSearchParams({ user_id: userId })}`;
    const request = { method: "GET", url: `${this.#url}/${pathSegment(name)}${query}` } as const;
    try {
      const answer = await this.#client.request(request);
      const read = (fields: Fields) => ({ ...readTool(fields), asWritten: () => answer.text });
      return readAnswer(request, answer, read);
    } catch (error) {
      // 400 for a name that it cannot parse, such as one with a hyphen.
      const isUnknown = error instanceof Failure && [400, 404].includes(error.status ?? 0);
      if (isUnknown) return undefined;
      throw error;
    }
  }

  /** Calls a tool. A tool that fails also returns a response. Throws a {@link Failure} if it was not called. */
  async call(call: Call): Promise<AnsweredCall> {
    const { tool, version, userId, input, isRepeatable, answerMs } = call;
    const named = {
      tool_name: tool,
      ...(version !== undefined && { tool_version: version }),
      user_id: userId,
    };
    const inputs = [...input].map(([name, json]) => `${JSON.stringify(name)}:${json}`);
    const request = {
      method: "POST",
      url: `${this.#url}/execute`,
      jsonText: `${JSON.stringify(named).slice(0, -1)},"input":{${inputs.join(",")}}}`,
      headers: { "idempotency-key": `arcade-cli-${crypto.randomUUID()}` },
      isRepeatable,
      answerMs,
    } as const;
    const answer = await this.#client.request(request);
    const output = fieldsAsWritten(answer.text).get("output") ?? "";
    const value = fieldsAsWritten(output).get("value");
    return { ...readAnswer(request, answer, readToolCall), asWritten: answer.text, value };
  }

  /** Throws a {@link Failure} unless the engine accepts the credential. */
  async requireAccess(): Promise<void> {
    await this.#client.request({ method: "GET", url: `${this.#url}?limit=1` });
  }
}
