/** Someone who can make authorized requests. */

import type * as v from "valibot";
import type { Sensitive } from "../sensitive.ts";
import {
  exchange,
  type HttpAnswer,
  type HttpContext,
  type HttpRequest,
  requireSuccess,
} from "./exchange.ts";

/** A login (src/arcade/session.ts) or a token. */
export interface Caller {
  /** Sends a request with a token. Throws a {@link Failure} unless the answer is a 2xx. */
  request(request: HttpRequest): Promise<HttpAnswer>;
}

/**
 * Whoever has this token.
 *
 * @param options.renewal what the user can do when it is not accepted.
 */
export function tokenCaller(
  context: HttpContext,
  token: Sensitive,
  options: { readonly renewal: string },
): Caller {
  return {
    async request(request) {
      const authorized = { ...request, bearer: token };
      const answer = await exchange(context, authorized);
      await requireSuccess(authorized, answer, options);
      return answer;
    },
  };
}

/**
 * Sends an authorized request and parses the answer.
 *
 * @param schema loads the schema of the answer, and the library for schemas with it, while the answer is on its way.
 * @throws {Failure} as {@link Caller.request} and `parseAnswer` do.
 */
export async function callJson<const S extends v.GenericSchema>(
  caller: Caller,
  request: HttpRequest,
  schema: () => Promise<S>,
): Promise<v.InferOutput<S>> {
  const [answer, { parseAnswer }, expected] = await Promise.all([
    caller.request(request),
    import("./answers.ts"),
    schema(),
  ]);
  return parseAnswer(request, answer, expected);
}
