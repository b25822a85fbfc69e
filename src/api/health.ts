/** The engine: whether it is up (docs/contracts.md, Engine). */

import { readHealth } from "../contract/health.ts";
import { requestJson } from "./answers.ts";
import type { HttpContext } from "./exchange.ts";

/** The response is only a hint and not worth a longer wait. */
const LIMIT_MS = 2000;

/**
 * Whether an engine reports that it is healthy. Sends no credential.
 *
 * @throws {Failure} when it does not answer in time, or with an error.
 */
export async function fetchHealth(context: HttpContext, engine: string): Promise<boolean> {
  const limited = { ...context, timeoutMs: () => LIMIT_MS, requestMs: LIMIT_MS };
  const request = { method: "GET", url: `${engine}/v1/health` } as const;
  return await requestJson(limited, request, readHealth);
}
