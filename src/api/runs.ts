/** The engine: calls of tools at a time (docs/contracts.md, Engine). */

import type { Fields } from "../contract/fields.ts";
import { type Attempt, readAttempts, readRun, type Run } from "../contract/scheduled.ts";
import { pathSegment } from "../hosts/urls.ts";
import { elementsAsWritten, fieldsAsWritten } from "../text/json_text.ts";
import { readAnswer } from "./answers.ts";
import type { AuthorizedClient } from "./authorized_client.ts";
import { callPages } from "./pages.ts";

const PAGE = 100;

/** A call at a time, with what became of it. */
export interface RunDetail extends Run {
  readonly attempts: readonly Attempt[];
  /** What the tool got: JSON, as it is written. */
  readonly input: string | undefined;
  /** What the last attempt returned: JSON, as it is written. */
  readonly value: string | undefined;
  /** The whole answer: JSON, as it is written. */
  readonly asWritten: string;
}

/** The calls at a time of one project. */
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
