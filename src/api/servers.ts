/** The engine: servers, which its API calls workers (docs/contracts.md, Engine). */

import {
  readServer,
  readServerHealth,
  type Server,
  type ServerHealth,
  type ServerRequest,
} from "../contract/servers.ts";
import { type AuthorizedClient, callJson } from "./authorized_client.ts";
import { callPages } from "./pages.ts";
import { pathSegment } from "../hosts/urls.ts";

const PAGE = 100;

/** Reads and changes the servers of one project. */
export class ServersClient {
  readonly #client: AuthorizedClient;
  readonly #url: string;

  /** @param url the address of the servers. */
  constructor(client: AuthorizedClient, url: string) {
    this.#client = client;
    this.#url = url;
  }

  async list(): Promise<Server[]> {
    return await callPages(this.#client, this.#url, { limit: PAGE, read: readServer });
  }

  async get(name: string): Promise<Server> {
    return await callJson(this.#client, { method: "GET", url: this.#urlOf(name) }, readServer);
  }

  async health(name: string): Promise<ServerHealth> {
    const url = `${this.#urlOf(name)}/health`;
    return await callJson(this.#client, { method: "GET", url }, readServerHealth);
  }

  async setEnabled(name: string, enabled: boolean): Promise<void> {
    const json = { enabled } satisfies ServerRequest;
    await this.#client.request({ method: "PATCH", url: this.#urlOf(name), json });
  }

  async remove(name: string): Promise<void> {
    await this.#client.request({ method: "DELETE", url: this.#urlOf(name) });
  }

  #urlOf(name: string): string {
    return `${this.#url}/${pathSegment(name)}`;
  }
}
