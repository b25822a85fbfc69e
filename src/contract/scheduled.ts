/** The engine: scheduled calls of tools (docs/contracts.md, Engine). */

import type { Fields, Mapping } from "./fields.ts";
import type { ExecutionStatus } from "./tools.ts";

/** An item of `GET …/scheduled_tools`. Times are ISO 8601. */
export interface ScheduledCallResponse {
  readonly id: string;
  readonly tool_name: string;
  readonly toolkit_name: string;
  readonly toolkit_version?: string;
  readonly user_id?: string;
  readonly execution_type: "scheduled";
  readonly execution_status: ExecutionStatus;
  readonly run_at: string;
  readonly created_at: string;
  readonly updated_at: string;
  readonly started_at?: string;
  readonly finished_at?: string;
}

/** `GET …/scheduled_tools/{id}`. */
export interface ScheduledCallDetailResponse extends ScheduledCallResponse {
  readonly input: Mapping;
  readonly attempts: readonly AttemptResponse[];
}

export interface AttemptResponse {
  readonly id: string;
  readonly started_at: string;
  readonly finished_at: string;
  readonly success: boolean;
  /** Why the tool was not called. */
  readonly system_error_message?: string;
  readonly output?: Mapping;
}

/** A call of a tool at a time, as commands show it. */
export interface Run {
  readonly id: string;
  readonly tool: string;
  readonly version: string | undefined;
  readonly user: string | undefined;
  readonly status: string;
  /** ISO 8601, as all times here. */
  readonly runAt: string | undefined;
  readonly startedAt: string | undefined;
  readonly finishedAt: string | undefined;
}

/** An attempt to run a call. */
export interface Attempt {
  readonly isSuccess: boolean;
  readonly startedAt: string | undefined;
  readonly finishedAt: string | undefined;
  /** Why the tool was not called, or why it failed. */
  readonly problem: string | undefined;
}

export function readRun(answer: Fields): Run {
  const server = answer.text("toolkit_name");
  const tool = answer.text("tool_name") ?? "";
  return {
    id: answer.id("id"),
    tool: server && !tool.includes(".") ? `${server}.${tool}` : tool,
    version: answer.text("toolkit_version") || undefined,
    user: answer.text("user_id") || undefined,
    status: answer.text("execution_status") ?? "unknown",
    runAt: answer.text("run_at"),
    startedAt: answer.text("started_at"),
    finishedAt: answer.text("finished_at"),
  };
}

/** The attempts of a {@linkcode ScheduledCallDetailResponse}. */
export function readAttempts(answer: Fields): Attempt[] {
  return (answer.list("attempts") ?? []).map((attempt) => ({
    isSuccess: attempt.flag("success"),
    startedAt: attempt.text("started_at"),
    finishedAt: attempt.text("finished_at"),
    problem: attempt.text("system_error_message") ||
      attempt.fields("output")?.fields("error")?.text("message"),
  }));
}
