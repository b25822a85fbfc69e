/**
 * The servers of projects, and their releases. The files of a release are in the data folder.
 */

import type { Fields } from "../../contract/fields.ts";
import { oneOf } from "../../contract/request.ts";
import { type Database, timeIn } from "./database.ts";

export interface ServerRow {
  readonly id: string;
  readonly project_id: string;
  readonly name: string;
  readonly enabled: boolean;
  readonly created_at: string;
}

function readServerRow(row: Fields): ServerRow {
  return {
    id: row.requiredText("id"),
    project_id: row.requiredText("project_id"),
    name: row.requiredText("name"),
    enabled: row.requiredInteger("enabled") === 1,
    created_at: timeIn(row, "created_at"),
  };
}

export interface ServerRelease {
  readonly id: string;
  readonly version: string;
  /** The path of the program, relative to the folder of the release. */
  readonly entrypoint: string;
  /** `serving`: it was healthy once, and answers requests. */
  readonly state: "new" | "serving" | "failed";
}

function readRelease(row: Fields): ServerRelease {
  return {
    id: row.requiredText("id"),
    version: row.requiredText("version"),
    entrypoint: row.requiredText("entrypoint"),
    state: oneOf(row, "state", ["new", "serving", "failed"]),
  };
}

/** A release before it is stored. */
export type NewRelease = Omit<ServerRelease, "state">;

const SERVERS = "SELECT id, project_id, name, enabled, created_at FROM servers";

export class Deployments {
  readonly #database: Database;
  readonly #now: () => Date;

  constructor(database: Database, now: () => Date) {
    this.#database = database;
    this.#now = now;
  }

  /** All servers, ordered by name. */
  servers(): ServerRow[] {
    return this.#database.all(readServerRow, `${SERVERS} ORDER BY name, created_at`);
  }

  server(id: string): ServerRow | undefined {
    return this.#database.first(readServerRow, `${SERVERS} WHERE id = ?`, id);
  }

  /** The releases of a server: the serving release, if any, then the next one. */
  releases(serverId: string): ServerRelease[] {
    const sql = "SELECT * FROM releases WHERE server_id = ? ORDER BY state <> 'serving', sequence";
    return this.#database.all(readRelease, sql, serverId);
  }

  /** Creates a server with its first release; undefined when the project has a server with that name. */
  create(
    { id, projectId, name }: { id: string; projectId: string; name: string },
    release: NewRelease,
  ): ServerRow | undefined {
    return this.#database.transaction(() => {
      const row = this.#database.first(
        readServerRow,
        `INSERT INTO servers VALUES (?, ?, ?, 1, ?) ON CONFLICT DO NOTHING RETURNING *`,
        ...[id, projectId, name, this.#now().getTime()],
      );
      if (row !== undefined) this.#insert(row.id, release);
      return row;
    });
  }

  /** Adds a release to a server and enables the server. The release replaces one that is not serving. */
  update(serverId: string, release: NewRelease): void {
    this.#database.transaction(() => {
      const others = "DELETE FROM releases WHERE server_id = ? AND state <> 'serving'";
      this.#database.run(others, serverId);
      this.#insert(serverId, release);
      this.#database.run("UPDATE servers SET enabled = 1 WHERE id = ?", serverId);
    });
  }

  /** Makes a release the serving one, and removes the server's other releases. */
  promote(serverId: string, releaseId: string): void {
    this.#database.transaction(() => {
      this.#database.run("UPDATE releases SET state = 'serving' WHERE id = ?", releaseId);
      const others = "DELETE FROM releases WHERE server_id = ? AND id <> ?";
      this.#database.run(others, serverId, releaseId);
    });
  }

  fail(releaseId: string): void {
    this.#database.run("UPDATE releases SET state = 'failed' WHERE id = ?", releaseId);
  }

  setEnabled(serverId: string, enabled: boolean): void {
    this.#database.run("UPDATE servers SET enabled = ? WHERE id = ?", Number(enabled), serverId);
  }

  remove(serverId: string): void {
    this.#database.run("DELETE FROM servers WHERE id = ?", serverId);
  }

  #insert(serverId: string, { id, version, entrypoint }: NewRelease): void {
    const sql = "INSERT INTO releases (id, server_id, version, entrypoint, state, created_at) " +
      "VALUES (?, ?, ?, ?, 'new', ?)";
    this.#database.run(sql, id, serverId, version, entrypoint, this.#now().getTime());
  }
}
