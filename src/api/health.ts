/** The engine: whether it is up (docs/contracts.md, Engine). */

import { Failure } from "../failure.ts";
import { requestJson } from "./answers.ts";
import type { AuthorizedClient } from "./authorized_client.ts";
import type { HttpContext } from "./exchange.ts";

/** Longer is not worth the wait: the answer is only a hint. */
const LIMIT_MS = 2000;

/**
 * Whether an engine says that it is healthy. Sends no credential.
 *
 * @throws {Failure} when it does not answer in time, or with an error.
 */
export async function fetchHealth(context: HttpContext, engine: string): Promise<boolean> {
  const limited = { ...context, timeoutMs: LIMIT_MS, requestMs: LIMIT_MS };
  const request = { method: "GET", url: `${engine}/v1/health` } as const;
  return await requestJson(limited, request, (answer) => answer.flag("healthy"));
}

/**
 * The time by the clock of an engine, in whole seconds (RFC 9110, 6.6.1), which stamps the lines of logs; the time of this
 * machine if the engine does not tell it.
 */
export async function fetchTime(
  client: AuthorizedClient,
  engine: string,
  { now }: { readonly now: () => Date },
): Promise<Date> {
  const request = { method: "GET", url: `${engine}/v1/health`, answerMs: LIMIT_MS } as const;
  try {
    const { headers } = await client.request(request);
    const time = new Date(headers.get("date") ?? "");
    if (!Number.isNaN(time.getTime())) return time;
  } catch (error) {
    if (!(error instanceof Failure)) throw error; // the next request fails like this one
  }
  return now();
}
