/** The engine: secrets (docs/contracts.md, Services). */

import { readSecrets, type SecretRequest, type SecretResponse } from "../contract/secrets.ts";
import { Failure } from "../failure.ts";
import { keepNames, type Sensitive } from "../secrecy/sensitive.ts";
import { type AuthorizedClient, callJson } from "./authorized_client.ts";
import { pathSegment } from "../hosts/urls.ts";

/** Reads and changes the secrets of one project. */
export class SecretsClient {
  readonly #client: AuthorizedClient;
  readonly #url: string;

  /** @param url the address of the secrets. */
  constructor(client: AuthorizedClient, url: string) {
    this.#client = client;
    this.#url = url;
  }

  async list(): Promise<SecretResponse[]> {
    const entries = await callJson(this.#client, { method: "GET", url: this.#url }, readSecrets);
    for (const { id, key } of entries) keepNames(id, key);
    return entries;
  }

  /** Creates a secret or replaces its value. */
  async set(key: string, value: Sensitive, options: { description: string }): Promise<void> {
    keepNames(key);
    await this.#client.request({
      method: "PUT",
      url: `${this.#url}/${pathSegment(key)}`,
      json: { description: options.description, value: value.reveal() } satisfies SecretRequest,
    });
  }

  /** Removes a secret. A missing secret counts as removed. */
  async remove(entry: SecretResponse): Promise<void> {
    try {
      await this.#client.request({
        method: "DELETE",
        url: `${this.#url}/${pathSegment(entry.id)}`,
      });
    } catch (error) {
      if (!(error instanceof Failure && error.kind === "not-found")) throw error;
    }
  }
}
