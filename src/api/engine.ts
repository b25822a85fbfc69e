/** The engine: secrets of tools (docs/contracts.md, Services). */

import type { ActiveProject } from "../contract/active_project.ts";
import { Failure } from "../failure.ts";
import { keepNames, type Sensitive } from "../secrecy/sensitive.ts";
import { type AuthorizedClient, callJson } from "./authorized_client.ts";
import { pathSegment, projectUrl } from "../hosts/urls.ts";
import { readSecrets, type SecretEntry } from "../contract/wire.ts";

/** Reads and changes the secrets of one project. */
export class SecretsClient {
  readonly #client: AuthorizedClient;
  readonly #url: string;

  constructor(client: AuthorizedClient, url: string) {
    this.#client = client;
    this.#url = url;
  }

  async list(): Promise<SecretEntry[]> {
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
      json: { description: options.description, value: value.reveal() },
    });
  }

  /** Removes a secret. A missing secret counts as removed. */
  async remove(entry: SecretEntry): Promise<void> {
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

/**
 * The URL of the secrets of a project. Without a project, the older URL that leaves the choice of project to the token.
 */
export function secretsUrl(engine: string, project: ActiveProject | undefined): string {
  return project ? `${projectUrl(engine, project)}/secrets` : `${engine}/v1/admin/secrets`;
}
