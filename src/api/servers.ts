/** The engine: servers, which its API calls workers (docs/contracts.md, Engine). */

import type { Fields } from "../contract/fields.ts";
import { type AuthorizedClient, callJson } from "./authorized_client.ts";
import { callPages } from "./pages.ts";
import { pathSegment } from "../hosts/urls.ts";

/** A server that has tools. */
export interface Server {
  /** Undefined if the engine does not tell it. */
  readonly name: string | undefined;
  /** `http`, `mcp`, or a type of newer engines. */
  readonly type: string | undefined;
  readonly isEnabled: boolean;
  /** Whether Arcade runs it. */
  readonly isManaged: boolean;
  readonly url: string | undefined;
  /** Who it belongs to: `static`, `tenant`, `project` or `account`. */
  readonly binding: string | undefined;
}

/** The health of a server, as the engine sees it. */
export interface Health {
  readonly isHealthy: boolean;
  readonly message: string | undefined;
}

const PAGE = 100;

/** Reads and changes the servers of one project. */
export class ServersClient {
  readonly #client: AuthorizedClient;
  readonly #url: string;

  /** @param projectUrl as `projectUrl` of urls.ts makes it. */
  constructor(client: AuthorizedClient, projectUrl: string) {
    this.#client = client;
    this.#url = `${projectUrl}/workers`;
  }

  async list(): Promise<Server[]> {
    return await callPages(this.#client, this.#url, { limit: PAGE, read: readServer });
  }

  async get(name: string): Promise<Server> {
    return await callJson(this.#client, { method: "GET", url: this.#urlOf(name) }, readServer);
  }

  async health(name: string): Promise<Health> {
    const url = `${this.#urlOf(name)}/health`;
    return await callJson(this.#client, { method: "GET", url }, readHealth);
  }

  async setEnabled(name: string, enabled: boolean): Promise<void> {
    await this.#client.request({ method: "PATCH", url: this.#urlOf(name), json: { enabled } });
  }

  async remove(name: string): Promise<void> {
    await this.#client.request({ method: "DELETE", url: this.#urlOf(name) });
  }

  #urlOf(name: string): string {
    return `${this.#url}/${pathSegment(name)}`;
  }
}

function readServer(fields: Fields): Server {
  const urls = ["http", "mcp", "oxp"].map((kind) => fields.fields(kind)?.text("uri"));
  return {
    name: fields.text("id"),
    type: fields.text("type"),
    isEnabled: fields.flag("enabled"),
    isManaged: fields.flag("managed"),
    url: urls.find((url) => url),
    binding: fields.fields("binding")?.text("type"),
  };
}

function readHealth(fields: Fields): Health {
  return { isHealthy: fields.flag("healthy"), message: fields.text("message") };
}
