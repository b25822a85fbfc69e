/** Requested authorizations, pending or decided. */

import type { Fields } from "../../contract/fields.ts";
import { oneOf } from "../../contract/request.ts";
import { listIn, type Place } from "./connections.ts";
import type { Database } from "./database.ts";
import { randomOpaque } from "./opaque.ts";

const PENDING_MS = 60 * 60 * 1000;
/** How many are kept for a project. */
const KEPT = 1000;

const STATUSES = ["pending", "allowed", "completed", "failed"] as const;

/** A requested authorization. */
export interface Authorization {
  /** `ac_…`: the id that programs use to get its status. */
  readonly id: string;
  /** Its id in the address of its page, and for the application that confirms the user. */
  readonly flowId: string;
  readonly projectId: string;
  /** Undefined for a tool that needs none. */
  readonly userId: string | undefined;
  /** Undefined for a tool that needs none. */
  readonly providerId: string | undefined;
  readonly scopes: readonly string[];
  readonly nextUri: string | undefined;
  /** `allowed` waits for the application that confirms the user. */
  readonly status: typeof STATUSES[number];
  /** How long the user has allowed it, in seconds. */
  readonly seconds: number | undefined;
}

function readAuthorization(row: Fields): Authorization {
  return {
    id: row.requiredText("id"),
    flowId: row.requiredText("flow_id"),
    projectId: row.requiredText("project_id"),
    userId: row.text("user_id"),
    providerId: row.text("provider_id"),
    scopes: listIn(row, "scopes"),
    nextUri: row.text("next_uri"),
    status: oneOf(row, "status", STATUSES),
    seconds: row.integer("seconds"),
  };
}

/** The requested grant. */
export type Wanted = Pick<
  Authorization,
  "projectId" | "userId" | "providerId" | "scopes" | "nextUri"
>;

export class Authorizations {
  readonly #database: Database;
  readonly #now: () => Date;

  constructor(database: Database, now: () => Date) {
    this.#database = database;
    this.#now = now;
  }

  /** An authorization with a status. Repeated requests get the same one, so that they do not add more. */
  ask(wanted: Wanted, status: "pending" | "completed"): Authorization {
    const { projectId, userId, providerId, nextUri } = wanted;
    const scopes = JSON.stringify(wanted.scopes);
    const now = this.#now().getTime();
    const same = [projectId, userId ?? null, providerId ?? null, scopes, nextUri ?? null, status];
    const found = this.#database.first(
      readAuthorization,
      `SELECT * FROM authorizations WHERE project_id = ? AND user_id IS ? AND provider_id IS ?
       AND scopes = ? AND next_uri IS ? AND status = ? AND expires_at > ?`,
      ...[...same, now],
    );
    if (found !== undefined) return found;
    const stored = this.#database.first(
      readAuthorization,
      `INSERT INTO authorizations (id, flow_id, project_id, user_id, provider_id, scopes, next_uri,
         status, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING *`,
      ...[randomOpaque("ac_", 16), randomOpaque("arcl_fl_", 16), ...same, now + PENDING_MS],
    );
    if (stored === undefined) throw new Error("The authorization was not stored");
    this.#database.run(
      `DELETE FROM authorizations WHERE project_id = ? AND sequence <= (SELECT sequence
         FROM authorizations WHERE project_id = ? ORDER BY sequence DESC LIMIT 1 OFFSET ?)`,
      ...[projectId, projectId, KEPT],
    );
    return stored;
  }

  /** An authorization of a project. An expired one has failed. */
  find(projectId: string, id: string): Authorization | undefined {
    return this.#first("project_id = ? AND id = ?", projectId, id);
  }

  ofFlow(flowId: string): Authorization | undefined {
    return this.#first("flow_id = ?", flowId);
  }

  /** The newest of a user at a provider. */
  newest({ projectId, userId, providerId }: Place): Authorization | undefined {
    return this.#first(
      "project_id = ? AND user_id = ? AND provider_id = ? ORDER BY sequence DESC LIMIT 1",
      ...[projectId, userId, providerId],
    );
  }

  /** The pending authorizations of a user at a provider. */
  waiting({ projectId, userId, providerId }: Place): Authorization[] {
    return this.#database.all(
      readAuthorization,
      `SELECT * FROM authorizations WHERE project_id = ? AND user_id = ? AND provider_id = ?
       AND status IN ('pending', 'allowed')`,
      ...[projectId, userId, providerId],
    );
  }

  /** Decides a pending authorization; false when it was already decided. */
  decide(
    { id }: Authorization,
    status: "allowed" | "completed" | "failed",
    seconds?: number,
  ): boolean {
    return this.#database.run(
      `UPDATE authorizations SET status = ?, seconds = ifnull(?, seconds)
       WHERE id = ? AND status IN ('pending', 'allowed') AND expires_at > ?`,
      ...[status, seconds ?? null, id, this.#now().getTime()],
    ) === 1;
  }

  #first(condition: string, ...values: string[]): Authorization | undefined {
    return this.#database.first(
      (row) => {
        const found = readAuthorization(row);
        const isWaiting = found.status === "pending" || found.status === "allowed";
        const isOver = row.requiredInteger("expires_at") <= this.#now().getTime();
        return isWaiting && isOver ? { ...found, status: "failed" as const } : found;
      },
      `SELECT * FROM authorizations WHERE ${condition}`,
      ...values,
    );
  }
}
