/** The engine: scheduled calls of tools (docs/contracts.md, Engine). */

import type { Fields } from "../contract/fields.ts";
import { type Attempt, readAttempts, readRun, type Run } from "../contract/scheduled.ts";
import { pathSegment } from "../hosts/urls.ts";
import { elementsAsWritten, fieldsAsWritten } from "../text/json_text.ts";
import { readAnswer } from "./answers.ts";
import type { AuthorizedClient } from "./authorized_client.ts";
import { callPages } from "./pages.ts";

const PAGE = 100;

/** A scheduled call, with its result. */
export interface RunDetail extends Run {
  readonly attempts: readonly Attempt[];
  /** The tool's input: JSON, as it was written. */
  readonly input: string | undefined;
  /** The result of the last attempt: JSON, as it was written. */
  readonly value: string | undefined;
  /** The whole response: JSON, as it was written. */
  readonly asWritten: string;
}

/** The scheduled calls of one project. */
export class RunsClient {
  readonly #client: AuthorizedClient;
  readonly #url: string;

  /** @param url the address of these calls. */
  constructor(client: AuthorizedClient, url: string) {
    this.#client = client;
    this.#url = url;
  }

  async list(): Promise<Run[]> {
    return await callPages(this.#client, this.#url, { limit: PAGE, read: readRun });
  }

  async get(id: string): Promise<RunDetail> {
    const request = { method: "GET", url: `${this.#url}/${pathSegment(id)}` } as const;
    const answer = await this.#client.request(request);
    const written = fieldsAsWritten(answer.text);
    const attempts = elementsAsWritten(answer.text, "attempts");
    const output = fieldsAsWritten(attempts.at(-1) ?? "").get("output") ?? "";
    const read = (fields: Fields) => ({ ...readRun(fields), attempts: readAttempts(fields) });
    return {
      ...readAnswer(request, answer, read),
      input: written.get("input"),
      value: fieldsAsWritten(output).get("value"),
      asWritten: answer.text,
    };
  }
}
