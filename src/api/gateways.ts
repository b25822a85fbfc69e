/** The engine: gateways, which give MCP clients the tools of a project (docs/contracts.md, Gateways). */

import {
  type Gateway,
  type GatewayRequest,
  type NewGatewayRequest,
  readGateway,
} from "../contract/gateways.ts";
import { Failure } from "../failure.ts";
import { pathSegment } from "../hosts/urls.ts";
import { type AuthorizedClient, callJson } from "./authorized_client.ts";
import { callPages } from "./pages.ts";

const PAGE = 100;

/** Reads and changes the gateways of one project. */
export class GatewaysClient {
  readonly #client: AuthorizedClient;
  readonly #url: string;

  /** @param url the address of the gateways. */
  constructor(client: AuthorizedClient, url: string) {
    this.#client = client;
    this.#url = url;
  }

  async list(): Promise<Gateway[]> {
    return await callPages(this.#client, this.#url, { limit: PAGE, read: readGateway });
  }

  /** Creates a gateway. Throws a {@link Failure} with the status 409 when the slug is taken. */
  async create(gateway: NewGatewayRequest): Promise<Gateway> {
    const jsonText = JSON.stringify(gateway); // nothing in it must be hidden
    const request = { method: "POST", url: this.#url, jsonText } as const;
    return await callJson(this.#client, request, readGateway);
  }

  /** Changes what the request names. Throws as {@link create} does. */
  async change(id: string, change: GatewayRequest): Promise<void> {
    await this.#onlyOnDashboard(() =>
      this.#client.request({
        method: "PATCH",
        url: this.#urlOf(id),
        jsonText: JSON.stringify(change),
      })
    );
  }

  async remove(id: string): Promise<void> {
    await this.#onlyOnDashboard(() =>
      this.#client.request({ method: "DELETE", url: this.#urlOf(id) })
    );
  }

  /** Sends a request that some engines offer only to their dashboard; its format is not documented. */
  async #onlyOnDashboard(work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      const isMissing = error instanceof Failure &&
        (error.reason === "route_not_found" || error.status === 405);
      if (!isMissing) throw error;
      throw new Failure("server", "On this engine, gateways can be changed only on the dashboard", {
        next: "Open it with `arcade dashboard`",
        cause: error,
      });
    }
  }

  #urlOf(id: string): string {
    return `${this.#url}/${pathSegment(id)}`;
  }
}
