/** The engine: secrets of tools (design, the services). */

import { Failure } from "../failure.ts";
import type { Sensitive } from "../sensitive.ts";
import {
  exchange,
  type HttpAnswer,
  type HttpContext,
  type HttpRequest,
  isSuccess,
  parseAnswer,
  statusFailure,
} from "./http.ts";
import type { Caller, Session } from "./session.ts";
import { pathSegment } from "./urls.ts";
import { type SecretEntry, SecretList } from "./wire.ts";

/** The secrets of one project, as one caller may see and change them. */
export class SecretsClient {
  readonly #caller: Caller;
  readonly #url: string;

  constructor(caller: Caller, url: string) {
    this.#caller = caller;
    this.#url = url;
  }

  async list(): Promise<SecretEntry[]> {
    const request = { method: "GET", url: this.#url } as const;
    const answer = await this.#caller.request(request);
    return parseAnswer(request, answer, SecretList).items;
  }

  /** Creates a secret or replaces its value. */
  async set(key: string, value: Sensitive, options: { description: string }): Promise<void> {
    await this.#caller.request({
      method: "PUT",
      url: `${this.#url}/${pathSegment(key)}`,
      json: { description: options.description, value: value.reveal() },
    });
  }

  /** Removes a secret; one that is gone already counts as removed. */
  async remove(entry: SecretEntry): Promise<void> {
    try {
      await this.#caller.request({
        method: "DELETE",
        url: `${this.#url}/${pathSegment(entry.id)}`,
      });
    } catch (error) {
      if (!(error instanceof Failure && error.kind === "not-found")) throw error;
    }
  }
}

/** The secrets of the project that is active in a session. */
export function secretsOfProject(session: Session, engine: string): SecretsClient {
  const { orgId, projectId } = session.activeContext;
  const path = `orgs/${pathSegment(orgId)}/projects/${pathSegment(projectId)}`;
  return new SecretsClient(session, `${engine}/v1/${path}/secrets`);
}

/** The secrets that an API key gives access to, through the older paths without organization and project. */
export function secretsOfApiKey(
  context: HttpContext,
  apiKey: Sensitive,
  engine: string,
): SecretsClient {
  return new SecretsClient(apiKeyCaller(context, apiKey), `${engine}/v1/admin/secrets`);
}

function apiKeyCaller(context: HttpContext, apiKey: Sensitive): Caller {
  return {
    async request(request: HttpRequest): Promise<HttpAnswer> {
      const authorized = { ...request, bearer: apiKey };
      const answer = await exchange(context, authorized);
      if (!isSuccess(answer)) throw statusFailure(authorized, answer);
      return answer;
    },
  };
}
