/** The engine: what users have granted at providers (docs/contracts.md, Grants). */

import { type GrantRequest, readUserConnection, type UserConnection } from "../contract/grants.ts";
import { pathSegment } from "../hosts/urls.ts";
import { type AuthorizedClient, callJson } from "./authorized_client.ts";
import { callPages } from "./pages.ts";

const PAGE = 100;

/** Reads and changes the grants of the users of one project. */
export class UserConnectionsClient {
  readonly #client: AuthorizedClient;
  readonly #url: string;

  /** @param url the address of the connections. */
  constructor(client: AuthorizedClient, url: string) {
    this.#client = client;
    this.#url = url;
  }

  /** Grants without the page for users. Only the local Arcade supports this. */
  async grant(request: GrantRequest): Promise<UserConnection> {
    const call = { method: "POST", url: this.#url, json: { ...request } } as const;
    return await callJson(this.#client, call, readUserConnection);
  }

  /** The grants of all users, or of one user. */
  async list(user?: string): Promise<UserConnection[]> {
    const all = await callPages(this.#client, this.#url, {
      query: user === undefined ? {} : { user_id: user },
      limit: PAGE,
      read: readUserConnection,
    });
    return all.filter(({ user_id }) => user === undefined || user_id === user);
  }

  /** What a user has granted at a provider. */
  async find(user: string, provider: string): Promise<UserConnection | undefined> {
    const [found] = await callPages(this.#client, this.#url, {
      query: { user_id: user, provider_id: provider },
      limit: 1,
      read: readUserConnection,
    });
    return found;
  }

  /** Revokes scopes, or everything if none are given. */
  async revoke(id: string, scopes: readonly string[]): Promise<void> {
    const query = scopes.length === 0
      ? ""
      : `?${new URLSearchParams(scopes.map((scope) => ["scope", scope]))}`;
    await this.#client.request({
      method: "DELETE",
      url: `${this.#url}/${pathSegment(id)}${query}`,
    });
  }
}
