/**
 * Calls of tools. Calls over REST, through a gateway and from a page go through the same steps: find the tool, check what it
 * requires, check the input, call the server. A record keeps each step.
 */

import { isMapping, type Mapping } from "../../contract/fields.ts";
import type { ToolCallResponse, ToolResponse } from "../../contract/tools.ts";
import {
  failedCall,
  type WorkerCallRequest,
  type WorkerCallResponse,
} from "../../contract/worker.ts";
import { ASSUMED } from "../assumptions.ts";
import { randomOpaque } from "../model/opaque.ts";
import type { Secrets } from "../model/secrets.ts";
import { WorkerError } from "../servers/worker.ts";
import { findTool, type Found, type Host, listTools } from "./catalog.ts";
import type { Grants } from "./grants.ts";
import { inputError } from "./input.ts";
import { type CallRecord, CallRecords, type Clocks, type OpenRecord } from "./records.ts";
import { CallRefusal, noGrant, noSecret, noUser } from "./refusal.ts";
import { secretKeysOf, withRequirements } from "./requirements.ts";

/** A call of a tool. */
export interface Call {
  readonly projectId: string;
  readonly userId: string | undefined;
  /** `Math.Add`, for example. */
  readonly tool: string;
  readonly version?: string | undefined;
  /** Whether the caller can see a tool; by default all tools of the project. */
  readonly isOffered?: ((tool: ToolResponse) => boolean) | undefined;
  readonly input: Mapping;
  readonly isWithStacktrace?: boolean | undefined;
  /** The server whose tool is called, if it is known. */
  readonly serverId?: string | undefined;
}

/** The servers of projects whose tools can be called. */
export interface Hosts {
  /** With the tools that they are known to have. */
  of(projectId: string): readonly Host[];
  /** Asks the servers for their tools that may have changed. */
  refresh(projectId: string): Promise<void>;
}

/** What calls need. */
export interface CallSurroundings extends Clocks {
  readonly hosts: Hosts;
  readonly secrets: Pick<Secrets, "list" | "valueOf">;
  readonly grants: Grants;
}

/** The requirements of a tool, in the form for its server. */
type Context = WorkerCallRequest["context"];

export class Calls {
  readonly records: CallRecords;
  readonly #surroundings: CallSurroundings;

  constructor(surroundings: CallSurroundings) {
    this.#surroundings = surroundings;
    this.records = new CallRecords(surroundings);
  }

  /** Finds a tool. Throws a {@linkcode CallRefusal}. */
  async find(
    { projectId, tool, version, isOffered }: Pick<
      Call,
      "projectId" | "tool" | "version" | "isOffered"
    >,
  ): Promise<Found> {
    const { hosts } = this.#surroundings;
    const find = () => findTool(hosts.of(projectId), tool, { version, isOffered });
    try {
      return find();
    } catch (error) {
      if (!(error instanceof CallRefusal)) throw error;
      await hosts.refresh(projectId);
      return find();
    }
  }

  /** The tools of a project in the order of their names. */
  async list(
    projectId: string,
    options: Parameters<typeof listTools>[1],
  ): Promise<ToolResponse[]> {
    const { hosts } = this.#surroundings;
    await hosts.refresh(projectId);
    return listTools(hosts.of(projectId), options);
  }

  /** Tools with whether their requirements are met, for a user if there is one. */
  describe(
    tools: readonly ToolResponse[],
    { projectId, userId }: Pick<Call, "projectId" | "userId">,
  ): ToolResponse[] {
    const { secrets, grants } = this.#surroundings;
    const secretKeys = new Set(secrets.list(projectId).map(({ key }) => key));
    const options = { projectId, userId, secretKeys, grants };
    return tools.map((tool) => withRequirements(tool, options));
  }

  /** Calls a tool. A tool that fails also returns an answer. Throws a {@linkcode CallRefusal} if it was not called. */
  async call(call: Call): Promise<ToolCallResponse> {
    return await this.begin(call).answer;
  }

  /** Starts a call, whose record shows its progress. */
  begin(call: Call): { readonly record: CallRecord; readonly answer: Promise<ToolCallResponse> } {
    const record = this.records.begin({ ...call, executionId: randomOpaque("tc_", 16) });
    return { record, answer: this.#finish(call, record) };
  }

  async #finish(call: Call, record: OpenRecord): Promise<ToolCallResponse> {
    const { now, elapsedMs } = this.#surroundings;
    const { executionId } = record;
    const start = elapsedMs();
    const found = await record.step("find", () => this.find(call));
    record.tool = found.tool.qualified_name;
    record.serverId = found.serverId;
    const authorization = await record.step("grant", () => this.#grant(call, found.tool));
    const secrets = await record.step("secrets", () => this.#secrets(call, found.tool));
    const wrong = await record.step("input", () => inputError(found, call.input));
    const context = { authorization, secrets, user_id: call.userId };
    const { success, output, duration } = wrong
      ? failedCall(wrong)
      : await record.step("worker", () => invoke(found, { call, executionId, context }));
    record.outcome = { success, code: success ? undefined : kindOf(output) };
    return {
      id: randomOpaque("te_", 16),
      execution_id: executionId,
      execution_type: "immediate",
      status: success ? "completed" : "failed",
      success,
      output: outputOf(output, call),
      duration: duration ?? elapsedMs() - start,
      finished_at: now().toISOString(),
    };
  }

  async #grant(
    { projectId, userId }: Call,
    tool: ToolResponse,
  ): Promise<Context["authorization"]> {
    const requirement = tool.requirements.authorization;
    if (!requirement) return undefined;
    if (userId === undefined) throw noUser(tool);
    const grant = await this.#surroundings.grants.grantFor(projectId, userId, requirement);
    if (grant.status !== "completed") throw noGrant(tool, requirement);
    return { token: grant.token.reveal(), user_info: grant.user_info };
  }

  async #secrets({ projectId }: Call, tool: ToolResponse): Promise<Context["secrets"]> {
    const given: { key: string; value: string }[] = [];
    for (const key of secretKeysOf(tool)) {
      const value = await this.#surroundings.secrets.valueOf(projectId, key);
      if (value === undefined) throw noSecret(tool, key);
      given.push({ key, value });
    }
    return given;
  }
}

/** Calls the server. An answer that breaks the contract counts as a failure of the tool. */
async function invoke(
  { tool, worker }: Found,
  { call, executionId, context }: { call: Call; executionId: string; context: Context },
): Promise<WorkerCallResponse> {
  const { name, toolkit } = tool;
  try {
    return await worker.invoke({
      execution_id: executionId,
      tool: { name, toolkit: toolkit.name, version: toolkit.version },
      inputs: call.input,
      context,
    });
  } catch (error) {
    if (!(error instanceof WorkerError)) throw error;
    const { message, problem, status } = error;
    return failedCall({
      ...ASSUMED.workerErrors[problem],
      message,
      ...(status === undefined ? {} : { status_code: status }),
    });
  }
}

/** The engine's form of a server's output, which has null for missing fields. */
function outputOf(output: WorkerCallResponse["output"], { isWithStacktrace }: Call): Mapping {
  const { error, requires_authorization: authorization, value, logs } = output ?? {};
  if (isMapping(error)) {
    const { stacktrace, ...others } = withoutNull(error);
    const shown = isWithStacktrace && stacktrace !== undefined ? { ...others, stacktrace } : others;
    return withoutNull({ error: shown, logs });
  }
  if (isMapping(authorization)) {
    const { authorization_id: id, authorization_url: url, scopes, status } = authorization;
    return withoutNull({ authorization: withoutNull({ id, url, scopes, status }), logs });
  }
  return { value, ...withoutNull({ logs }) };
}

function withoutNull(mapping: Mapping): Mapping {
  const there = Object.entries(mapping).filter(([, value]) =>
    value !== null && value !== undefined
  );
  return Object.fromEntries(there);
}

/** The kind of the error in the output of a tool. */
function kindOf(output: WorkerCallResponse["output"]): string {
  const error = output?.error;
  const kind = isMapping(error) ? error.kind : undefined;
  return typeof kind === "string" ? kind.slice(0, 100) : "UNKNOWN";
}
