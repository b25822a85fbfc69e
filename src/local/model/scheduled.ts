/** Scheduled calls of tools. Input and output are encrypted, because they can contain tokens. */

import type { Fields, Mapping } from "../../contract/fields.ts";
import { oneOf } from "../../contract/request.ts";
import type {
  ScheduledCallDetailResponse,
  ScheduledCallResponse,
} from "../../contract/scheduled.ts";
import type { ToolResponse } from "../../contract/tools.ts";
import { type Database, timeIn } from "./database.ts";
import { randomOpaque } from "./opaque.ts";
import { readSealed, type Seal, type Sealed } from "./seal.ts";

/** A call before it has run. */
export interface NewScheduledCall {
  readonly projectId: string;
  readonly userId: string | undefined;
  readonly tool: ToolResponse;
  readonly input: Mapping;
  readonly runAt: Date;
}

/** How a call ended. */
export interface CallEnd {
  readonly success: boolean;
  readonly output?: Mapping | undefined;
  /** Why the tool was not called. */
  readonly systemError?: string | undefined;
}

/** A due call. */
export interface DueCall {
  readonly id: string;
  readonly projectId: string;
  readonly userId: string | undefined;
  readonly tool: string;
  readonly version: string | undefined;
  readonly input: Mapping;
}

/** The encrypted content. */
interface Content {
  readonly input: Mapping;
  readonly end: CallEnd | undefined;
}

function readCall(row: Fields): ScheduledCallResponse {
  const optional = {
    toolkit_version: row.text("version"),
    user_id: row.text("user_id"),
    started_at: optionalTimeIn(row, "started_at"),
    finished_at: optionalTimeIn(row, "finished_at"),
  };
  return {
    id: row.requiredText("id"),
    tool_name: row.requiredText("tool"),
    toolkit_name: row.requiredText("toolkit"),
    execution_type: "scheduled",
    execution_status: oneOf(row, "status", ["pending", "running", "completed", "failed"]),
    run_at: timeIn(row, "run_at"),
    created_at: timeIn(row, "created_at"),
    updated_at: timeIn(row, "updated_at"),
    ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)),
  };
}

function optionalTimeIn(row: Fields, column: string): string | undefined {
  return row.integer(column) === undefined ? undefined : timeIn(row, column);
}

interface Stored extends Sealed {
  readonly projectId: string;
  readonly call: ScheduledCallResponse;
}

function readStored(row: Fields): Stored {
  return { projectId: row.requiredText("project_id"), call: readCall(row), ...readSealed(row) };
}

/** How many calls of a project can wait, and how many finished calls are kept. */
const MAX_WAITING = 1000;
const MAX_KEPT = 1000;

export class ScheduledCalls {
  readonly #database: Database;
  readonly #seal: Seal;
  readonly #now: () => Date;

  constructor(database: Database, { seal, now }: { seal: Seal; now: () => Date }) {
    this.#database = database;
    this.#seal = seal;
    this.#now = now;
  }

  /** Stores a call; undefined if too many of the project wait. */
  async create(
    { projectId, userId, tool, input, runAt }: NewScheduledCall,
  ): Promise<ScheduledCallResponse | undefined> {
    const id = randomOpaque("te_", 16);
    const { nonce, ciphertext } = await this.#sealed({ input, end: undefined }, projectId, id);
    const now = this.#now().getTime();
    return this.#database.first(
      readCall,
      `INSERT INTO scheduled_calls (id, project_id, tool, toolkit, version, user_id, status, nonce, ciphertext,
         run_at, created_at, updated_at)
       SELECT ?, ?, ?, ?, ?, ?, 'pending', ?, ?, ?, ?, ?
       WHERE (SELECT count(*) FROM scheduled_calls WHERE project_id = ? AND status = 'pending') < ?
       RETURNING *`,
      ...[id, projectId, tool.name, tool.toolkit.name, tool.toolkit.version ?? null],
      ...[userId ?? null, nonce, ciphertext, runAt.getTime(), now, now, projectId, MAX_WAITING],
    );
  }

  /** The calls of a project, the newest first. */
  of(projectId: string): ScheduledCallResponse[] {
    const sql = "SELECT * FROM scheduled_calls WHERE project_id = ? ORDER BY sequence DESC";
    return this.#database.all(readCall, sql, projectId);
  }

  /** The newest calls of all projects. */
  newest(most: number): ScheduledCallResponse[] {
    const sql = "SELECT * FROM scheduled_calls ORDER BY sequence DESC LIMIT ?";
    return this.#database.all(readCall, sql, most);
  }

  /** A call with its input and its output; undefined when the project has no such call. */
  async find(projectId: string, id: string): Promise<ScheduledCallDetailResponse | undefined> {
    const sql = "SELECT * FROM scheduled_calls WHERE project_id = ? AND id = ?";
    const stored = this.#database.first(readStored, sql, projectId, id);
    if (stored === undefined) return undefined;
    const { call } = stored;
    const { input, end } = await this.#content(stored);
    if (!end) return { ...call, input, attempts: [] };
    const { success, output, systemError } = end;
    const attempt = {
      id: `${id}_1`,
      started_at: call.started_at ?? call.updated_at,
      finished_at: call.finished_at ?? call.updated_at,
      success,
      ...(systemError === undefined ? {} : { system_error_message: systemError }),
      ...(output === undefined ? {} : { output }),
    };
    return { ...call, input, attempts: [attempt] };
  }

  /** The first due calls, the oldest first. */
  async due(most: number): Promise<DueCall[]> {
    const sql = "SELECT * FROM scheduled_calls WHERE status = 'pending' AND run_at <= ? " +
      "ORDER BY run_at, sequence LIMIT ?";
    const rows = this.#database.all(readStored, sql, this.#now().getTime(), most);
    return await Promise.all(rows.map(async (stored) => {
      const { id, tool_name, toolkit_name, toolkit_version, user_id } = stored.call;
      return {
        id,
        projectId: stored.projectId,
        userId: user_id,
        tool: `${toolkit_name}.${tool_name}`,
        version: toolkit_version,
        input: (await this.#content(stored)).input,
      };
    }));
  }

  /** When the next call is due; undefined if none waits. */
  next(): Date | undefined {
    const sql = "SELECT min(run_at) AS run_at FROM scheduled_calls WHERE status = 'pending'";
    const time = this.#database.first((row) => row.integer("run_at"), sql);
    return time === undefined ? undefined : new Date(time);
  }

  /** Marks a call as running; false if it no longer exists. */
  begin(id: string): boolean {
    const now = this.#now().getTime();
    const sql = "UPDATE scheduled_calls SET status = 'running', started_at = ?, updated_at = ? " +
      "WHERE id = ? AND status = 'pending'";
    return this.#database.run(sql, now, now, id) === 1;
  }

  /** Stores the result of a call, and removes the oldest ones. */
  async end({ id, projectId, input }: Pick<DueCall, "id" | "projectId" | "input">, end: CallEnd) {
    const { nonce, ciphertext } = await this.#sealed({ input, end }, projectId, id);
    const now = this.#now().getTime();
    this.#database.run(
      `UPDATE scheduled_calls SET status = ?, nonce = ?, ciphertext = ?, finished_at = ?, updated_at = ?
       WHERE id = ?`,
      ...[end.success ? "completed" : "failed", nonce, ciphertext, now, now, id],
    );
    this.#database.run(
      `DELETE FROM scheduled_calls WHERE project_id = ? AND status IN ('completed', 'failed')
       AND id NOT IN (SELECT id FROM scheduled_calls WHERE project_id = ?
         AND status IN ('completed', 'failed') ORDER BY finished_at DESC, sequence DESC LIMIT ?)`,
      ...[projectId, projectId, MAX_KEPT],
    );
  }

  /** Ends the calls that ran when the local Arcade stopped. They are not repeated, because they may have succeeded. */
  async endInterrupted(): Promise<void> {
    const sql = "SELECT * FROM scheduled_calls WHERE status = 'running'";
    for (const stored of this.#database.all(readStored, sql)) {
      const { projectId, call: { id } } = stored;
      const { input } = await this.#content(stored);
      const systemError = "The local Arcade stopped during the call";
      await this.end({ id, projectId, input }, { success: false, systemError });
    }
  }

  #sealed(content: Content, projectId: string, id: string): Promise<Sealed> {
    return this.#seal.sealJson(content, placeOf(projectId, id));
  }

  async #content(stored: Stored): Promise<Content> {
    const { projectId, call } = stored;
    const content = await this.#seal.openJson(stored, placeOf(projectId, call.id));
    const end = content.fields("end");
    return {
      input: content.requiredFields("input").mapping,
      end: end && {
        success: end.flag("success"),
        output: end.fields("output")?.mapping,
        systemError: end.text("systemError"),
      },
    };
  }
}

function placeOf(projectId: string, id: string): string[] {
  return [projectId, "scheduled", id];
}
