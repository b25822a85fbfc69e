/** What happened in each call of a tool: in memory only, and without the values of secrets and grants. */

import type { Mapping } from "../../contract/fields.ts";
import { CallRefusal } from "./refusal.ts";

/** The steps of a call, in their order. */
export type StepName = "find" | "grant" | "secrets" | "input" | "worker";

export interface Step {
  readonly name: StepName;
  /** When it started, in milliseconds after the call. */
  readonly after: number;
  /** How long it took, in milliseconds. */
  readonly duration: number;
  readonly isDone: boolean;
}

/** A call: its request, and its result so far. */
export interface CallRecord {
  readonly executionId: string;
  readonly projectId: string;
  /** As the caller wrote it, or its qualified name once it was found. */
  readonly tool: string;
  readonly userId: string | undefined;
  /** The server of the tool; undefined while it is not known. */
  readonly serverId: string | undefined;
  /** The names of the inputs. */
  readonly inputs: readonly string[];
  /** The input, so that the call can be repeated; undefined if it is large or the call is old. */
  readonly input: Mapping | undefined;
  readonly startedAt: Date;
  readonly steps: readonly Step[];
  /** The step that runs. */
  readonly current: StepName | undefined;
  /** Undefined while it runs. */
  readonly outcome: Outcome | undefined;
}

export interface Outcome {
  readonly success: boolean;
  /** `tool_authorization_required` or `TOOL_RUNTIME_FATAL`, for example; undefined after a success. */
  readonly code?: string | undefined;
}

/** How many records are kept. */
const KEPT = 1000;
/** How many of the last calls keep their input, unless it is longer than this. */
const KEPT_INPUTS = 100;
const INPUT_CHARACTERS = 64 * 1024;
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

  /** The records of a server, the newest first. */
  ofServer(serverId: string): CallRecord[] {
    return this.#records.filter((record) => record.serverId === serverId).reverse();
  }

  /** All records, the oldest first. */
  all(): readonly CallRecord[] {
    return this.#records;
  }

  find(executionId: string): CallRecord | undefined {
    return this.#records.find((record) => record.executionId === executionId);
  }

  begin(call: NewCall): OpenRecord {
    const record = new OpenRecord(call, this.#clocks);
    this.#records.push(record);
    if (this.#records.length > KEPT) this.#records.shift();
    this.#records.at(-1 - KEPT_INPUTS)?.forgetInput();
    return record;
  }
}

/** A call at its start. */
type NewCall = Pick<CallRecord, "executionId" | "projectId" | "tool" | "userId"> & {
  readonly serverId?: string | undefined;
  readonly input: Mapping;
};

/** The record of a running call. */
export class OpenRecord implements CallRecord {
  readonly executionId: string;
  readonly projectId: string;
  readonly userId: string | undefined;
  readonly inputs: readonly string[];
  readonly startedAt: Date;
  readonly steps: Step[] = [];
  tool: string;
  serverId: string | undefined;
  current: StepName | undefined;
  outcome: Outcome | undefined;
  readonly #clocks: Clocks;
  readonly #start: number;
  #input: Mapping | undefined;

  constructor(
    { executionId, projectId, tool, userId, serverId, input }: NewCall,
    clocks: Clocks,
  ) {
    this.executionId = executionId;
    this.projectId = projectId;
    this.tool = tool.slice(0, NAME_CHARACTERS);
    this.userId = userId?.slice(0, NAME_CHARACTERS);
    this.serverId = serverId;
    this.inputs = Object.keys(input).slice(0, INPUTS)
      .map((name) => name.slice(0, NAME_CHARACTERS));
    this.#input = JSON.stringify(input).length > INPUT_CHARACTERS ? undefined : input;
    this.#clocks = clocks;
    this.startedAt = clocks.now();
    this.#start = clocks.elapsedMs();
  }

  get input(): Mapping | undefined {
    return this.#input;
  }

  forgetInput(): void {
    this.#input = undefined;
  }

  /** Runs a step of the call, and records it. An error ends the call. */
  async step<T>(name: StepName, work: () => T | Promise<T>): Promise<T> {
    const { elapsedMs } = this.#clocks;
    const start = elapsedMs();
    let isDone = false;
    this.current = name;
    try {
      const result = await work();
      isDone = true;
      return result;
    } catch (error) {
      const code = error instanceof CallRefusal ? error.body.name : "internal_error";
      this.outcome = { success: false, code };
      throw error;
    } finally {
      this.current = undefined;
      this.steps.push({ name, after: start - this.#start, duration: elapsedMs() - start, isDone });
    }
  }
}
