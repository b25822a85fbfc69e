/** The engine: whether it is up (docs/contracts.md, Engine). */

import type { Fields } from "./fields.ts";

/** `GET {engine}/v1/health`. */
export interface HealthResponse {
  readonly healthy: boolean;
}

export function readHealth(answer: Fields): boolean {
  return answer.flag("healthy");
}
