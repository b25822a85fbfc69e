/** The engine: logs of deployed servers (docs/contracts.md, Engine). */

import { isMapping } from "./fields.ts";

/** The parameters of `GET …/deployments/{name}/logs` and `…/logs/stream`, which are times. */
export type LogParameter = "start_time_utc" | "end_time_utc";

/** An item of `GET …/deployments/{name}/logs`. */
export interface LogLineResponse {
  readonly timestamp: string;
  readonly line: string;
}

/** The data of an event of `GET …/deployments/{name}/logs/stream`. */
export interface LogEventResponse {
  readonly Timestamp: string;
  readonly Line: string;
}

/** A line of a log. */
export interface LogLine {
  /** As the engine writes it: RFC 3339, with up to nanoseconds. Undefined if it does not return it. */
  readonly timestamp: string | undefined;
  readonly line: string;
}

/** A line of a log or of its stream; undefined for anything else. */
export function readLogLine(value: unknown): LogLine | undefined {
  if (!isMapping(value)) return undefined;
  const line = value.line ?? value.Line;
  const timestamp = value.timestamp ?? value.Timestamp;
  return typeof line === "string"
    ? { timestamp: typeof timestamp === "string" ? timestamp : undefined, line }
    : undefined;
}
