/** What happened in each call of a tool: in memory only, without the values of inputs, secrets and grants. */

import { CallRefusal } from "./refusal.ts";

/** The steps of a call, in their order. */
export type StepName = "find" | "grant" | "secrets" | "input" | "worker";

export interface Step {
  readonly name: StepName;
  readonly startedAt: Date;
  /** How long it took, in milliseconds. */
  readonly duration: number;
  readonly isDone: boolean;
}

/** A call: what was asked, and what became of it so far. */
export interface CallRecord {
  readonly executionId: string;
  readonly projectId: string;
  /** As the caller wrote it, or its qualified name once it was found. */
  readonly tool: string;
  readonly userId: string | undefined;
  /** The names of the inputs. */
  readonly inputs: readonly string[];
  readonly startedAt: Date;
  readonly steps: readonly Step[];
  /** Undefined while it runs. */
  readonly outcome: Outcome | undefined;
}

export interface Outcome {
  readonly success: boolean;
  /** `tool_authorization_required` or `TOOL_RUNTIME_FATAL`, for example; undefined after a success. */
  readonly code?: string | undefined;
}

/** Older records than these are forgotten. */
const KEPT = 1000;
/** What a record keeps of a name. */
const NAME_CHARACTERS = 200;
const INPUTS = 100;

/** The clocks of the records. */
export interface Clocks {
  readonly now: () => Date;
  /** A monotonic clock, in milliseconds. */
  readonly elapsedMs: () => number;
}

/** The records of the last calls. */
export class CallRecords {
  readonly #clocks: Clocks;
  readonly #records: OpenRecord[] = [];

  constructor(clocks: Clocks) {
    this.#clocks = clocks;
  }

  /** The records of a project, the newest first. */
  of(projectId: string): CallRecord[] {
    return this.#records.filter((record) => record.projectId === projectId).reverse();
  }

  /** All records, the oldest first. */
  all(): readonly CallRecord[] {
    return this.#records;
  }

  find(executionId: string): CallRecord | undefined {
    return this.#records.find((record) => record.executionId === executionId);
  }

  begin(call: Pick<CallRecord, "executionId" | "projectId" | "tool" | "userId" | "inputs">) {
    const record = new OpenRecord(call, this.#clocks);
    this.#records.push(record);
    if (this.#records.length > KEPT) this.#records.shift();
    return record;
  }
}

/** The record of a call that runs. */
export class OpenRecord implements CallRecord {
  readonly executionId: string;
  readonly projectId: string;
  readonly userId: string | undefined;
  readonly inputs: readonly string[];
  readonly startedAt: Date;
  readonly steps: Step[] = [];
  tool: string;
  outcome: Outcome | undefined;
  readonly #clocks: Clocks;

  constructor(
    { executionId, projectId, tool, userId, inputs }: Parameters<CallRecords["begin"]>[0],
    clocks: Clocks,
  ) {
    this.executionId = executionId;
    this.projectId = projectId;
    this.tool = tool.slice(0, NAME_CHARACTERS);
    this.userId = userId?.slice(0, NAME_CHARACTERS);
    this.inputs = inputs.slice(0, INPUTS).map((name) => name.slice(0, NAME_CHARACTERS));
    this.#clocks = clocks;
    this.startedAt = clocks.now();
  }

  /** Does a step of the call, and records it. An error that it throws ends the call. */
  async step<T>(name: StepName, work: () => T | Promise<T>): Promise<T> {
    const { now, elapsedMs } = this.#clocks;
    const [startedAt, start] = [now(), elapsedMs()];
    let isDone = false;
    try {
      const result = await work();
      isDone = true;
      return result;
    } catch (error) {
      const code = error instanceof CallRefusal ? error.body.name : "internal_error";
      this.outcome = { success: false, code };
      throw error;
    } finally {
      this.steps.push({ name, startedAt, duration: elapsedMs() - start, isDone });
    }
  }
}
