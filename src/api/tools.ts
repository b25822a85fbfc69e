/** The engine: tools of servers (docs/contracts.md, Engine). */

import { readTool, type Tool } from "../contract/tools.ts";
import type { AuthorizedClient } from "./authorized_client.ts";
import { callPages } from "./pages.ts";

/** A tool in a list of the engine. */
export interface ListedTool extends Tool {
  /** Everything the engine returns about it: JSON, as it is written. */
  readonly asWritten: () => string;
}

/** As many as the Python CLI asks for. */
const PAGE = 1000;

/** Lists the tools of one project. */
export class ToolsClient {
  readonly #client: AuthorizedClient;
  readonly #url: string;

  /** @param url the address of the tools. */
  constructor(client: AuthorizedClient, url: string) {
    this.#client = client;
    this.#url = url;
  }

  /** All tools, or those of one server. */
  async list(server?: string): Promise<ListedTool[]> {
    return await callPages(this.#client, this.#url, {
      query: server === undefined ? {} : { toolkit: server },
      limit: PAGE,
      read: (fields, asWritten) => ({ ...readTool(fields), asWritten }),
    });
  }

  /** Throws a {@link Failure} unless the engine accepts the credential. */
  async requireAccess(): Promise<void> {
    await this.#client.request({ method: "GET", url: `${this.#url}?limit=1` });
  }
}
