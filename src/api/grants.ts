/** The engine: what users grant to tools (docs/contracts.md, Engine). */

import { type Authorization, readAuthorization } from "../contract/grants.ts";
import type { Fields } from "../contract/fields.ts";
import { Sensitive } from "../secrecy/sensitive.ts";
import type { AuthorizedClient } from "./authorized_client.ts";
import { callJson } from "./authorized_client.ts";
import type { HttpRequest } from "./http_message.ts";

/** How much longer than the wait a response can take. */
const SLACK_MS = 15_000;

/** The grants of the users of one project. */
export class GrantsClient {
  readonly #client: AuthorizedClient;
  readonly #url: string;

  /** @param url the address of the project. */
  constructor(client: AuthorizedClient, url: string) {
    this.#client = client;
    this.#url = url;
  }

  /** Requests the grant that a tool needs. It is completed at once if the user has already granted it. */
  async authorizeTool(
    tool: string,
    { version, userId }: { readonly version: string | undefined; readonly userId: string },
  ): Promise<Authorization> {
    const json = {
      tool_name: tool,
      ...(version !== undefined && { tool_version: version }),
      user_id: userId,
    };
    const url = `${this.#url}/tools/authorize`;
    return await callJson(this.#client, { method: "POST", url, json }, readAuthorization);
  }

  /** Requests scopes of a provider. The request is completed at once if the user has already granted them. */
  async authorize(
    provider: string,
    { scopes, userId }: { readonly scopes: readonly string[]; readonly userId: string },
  ): Promise<Authorization> {
    const request = this.#authorizing(provider, { scopes, userId });
    return await callJson(this.#client, request, readAuthorization);
  }

  /**
   * The token of a grant, as tools receive it.
   *
   * @throws {Failure} of kind `server` if the engine does not return it.
   */
  async token(
    provider: string,
    { scopes, userId }: { readonly scopes: readonly string[]; readonly userId: string },
  ): Promise<Sensitive> {
    const request = this.#authorizing(provider, { scopes, userId });
    const read = (answer: Fields) => answer.requiredFields("context").id("token");
    return new Sensitive(await callJson(this.#client, request, read), "token");
  }

  #authorizing(
    provider: string,
    { scopes, userId }: { readonly scopes: readonly string[]; readonly userId: string },
  ): HttpRequest {
    const json = {
      user_id: userId,
      auth_requirement: { provider_id: provider, provider_type: "oauth2", oauth2: { scopes } },
    };
    return { method: "POST", url: `${this.#url}/auth/authorize`, json };
  }

  /** The state of an authorization now, or when it is completed, within some seconds. */
  async status(id: string, waitSeconds = 0): Promise<Authorization> {
    const query = new URLSearchParams({ id, ...(waitSeconds > 0 && { wait: `${waitSeconds}` }) });
    const wait = waitSeconds > 0
      ? { answerMs: waitSeconds * 1000 + SLACK_MS, isLongPoll: true } as const
      : {};
    const url = `${this.#url}/auth/status?${query}`;
    return await callJson(this.#client, { method: "GET", url, ...wait }, readAuthorization);
  }
}
