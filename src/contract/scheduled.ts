/** The engine: calls of tools at a time (docs/contracts.md, Engine). */

import type { Mapping } from "./fields.ts";
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
