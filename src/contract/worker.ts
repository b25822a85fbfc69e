/** Servers of projects, as the engine asks them (docs/contracts.md, Project servers). */

import { Fields, InvalidField, type Mapping } from "./fields.ts";
import { nullOr, requiredFlag } from "./request.ts";
import type { ToolError } from "./tools.ts";

/** `GET /worker/tools`, a list of tools. */
export function readWorkerTools<T>(answer: unknown, readTool: (tool: Fields) => T): T[] {
  return new Fields({ tools: answer }).requiredList("tools").map(readTool);
}

/** `POST /worker/tools/invoke`. */
export interface WorkerCallRequest {
  readonly execution_id: string;
  readonly tool: {
    readonly name: string;
    readonly toolkit: string;
    readonly version?: string | null | undefined;
  };
  readonly inputs: Mapping;
  readonly context: {
    /** What the user has granted; missing if the tool needs no grant. */
    readonly authorization?: { readonly token: string; readonly user_info: Mapping } | undefined;
    readonly secrets: readonly { readonly key: string; readonly value: string }[];
    readonly user_id?: string | null | undefined;
  };
}

/** The answer to a call. */
export interface WorkerCallResponse {
  readonly success: boolean;
  /** In milliseconds. */
  readonly duration: number | null | undefined;
  readonly finished_at: string | null | undefined;
  readonly output: Mapping | null | undefined;
}

/** The response if a server does not answer. */
export function failedCall(error: ToolError): WorkerCallResponse {
  return { success: false, output: { error }, duration: undefined, finished_at: undefined };
}

export function readWorkerCall(answer: unknown): WorkerCallResponse {
  const call = new Fields({ answer }).requiredFields("answer");
  const { duration = undefined } = call.mapping;
  if (duration !== undefined && duration !== null && typeof duration !== "number") {
    throw new InvalidField(call.pathOf("duration"));
  }
  return {
    success: requiredFlag(call, "success"),
    duration,
    finished_at: nullOr(call, "finished_at", call.text("finished_at")),
    output: nullOr(call, "output", call.fields("output")?.mapping),
  };
}
