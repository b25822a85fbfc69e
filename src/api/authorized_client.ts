/** Clients that send authenticated requests. */

import type { Fields } from "../contract/fields.ts";
import type { Sensitive } from "../secrecy/sensitive.ts";
import { readAnswer } from "./answers.ts";
import { exchange, type HttpContext, requireSuccess } from "./exchange.ts";
import { type Hints, type HttpAnswer, type HttpRequest } from "./http_message.ts";

/** Sends requests with a login (src/auth/session.ts) or a token. */
export interface AuthorizedClient {
  /** Sends a request with a token. Throws a {@link Failure} unless the status is 2xx. */
  request(request: HttpRequest): Promise<HttpAnswer>;
}

/**
 * Sends requests with a fixed token.
 *
 * @param hints what to do when a server rejects the token, or the project that belongs to it.
 */
export function bearerClient(
  context: HttpContext,
  token: Sensitive,
  hints: Hints,
): AuthorizedClient {
  return {
    async request(request) {
      const authorized = { ...request, bearer: token };
      const answer = await exchange(context, authorized);
      await requireSuccess(authorized, answer, hints);
      return answer;
    },
  };
}

/** Sends an authenticated request and parses the response. Also throws as {@link readAnswer} does. */
export async function callJson<T>(
  client: AuthorizedClient,
  request: HttpRequest,
  read: (answer: Fields) => T,
): Promise<T> {
  return readAnswer(request, await client.request(request), read);
}
