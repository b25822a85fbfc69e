/** The results of the checks of `doctor`. */

import { Failure } from "../../failure.ts";

export type Status = "ok" | "warning" | "problem";

/** What a check found. */
export interface Finding {
  readonly status: Status;
  /** One sentence, without a period at the end. */
  readonly message: string;
  /** How to fix it; undefined if there is nothing to fix. */
  readonly next?: string | undefined;
  /** Names in the message that do not belong in a bug report. */
  readonly names?: readonly string[];
}

export function ok(message: string, names: readonly string[] = []): Finding {
  return { status: "ok", message, names };
}

export function warning(
  message: string,
  next?: string,
  names: readonly string[] = [],
): Finding {
  return { status: "warning", message, next, names };
}

export function problem(message: string, next?: string): Finding {
  return { status: "problem", message, next };
}

/** A failure as a finding. */
export function findingOf(error: unknown, status: Status = "problem"): Finding {
  if (!(error instanceof Failure)) throw error;
  return { status, message: error.message, next: error.next };
}
