/** The servers that run elsewhere. Their settings are encrypted, because addresses and headers can contain tokens. */

import { Fields } from "../../contract/fields.ts";
import { oneOf } from "../../contract/request.ts";
import { completeSettings, serverRequest, type ServerSettings } from "../../contract/servers.ts";
import { type Database, timeIn } from "./database.ts";
import { readSealed, type Seal, type Sealed } from "./seal.ts";

export interface RegisteredRow {
  readonly projectId: string;
  readonly name: string;
  readonly isEnabled: boolean;
  readonly settings: ServerSettings;
  readonly createdAt: string;
}

interface Stored extends Sealed {
  readonly project_id: string;
  readonly name: string;
  readonly enabled: boolean;
  readonly type: "http" | "mcp";
  readonly createdAt: string;
}

function readStored(row: Fields): Stored {
  return {
    project_id: row.requiredText("project_id"),
    name: row.requiredText("name"),
    enabled: row.requiredInteger("enabled") === 1,
    type: oneOf(row, "type", ["http", "mcp"]),
    createdAt: timeIn(row, "created_at"),
    ...readSealed(row),
  };
}

export class RegisteredServersTable {
  readonly #database: Database;
  readonly #seal: Seal;

  constructor(database: Database, seal: Seal) {
    this.#database = database;
    this.#seal = seal;
  }

  async all(): Promise<RegisteredRow[]> {
    const rows = this.#database.all(readStored, "SELECT * FROM registered_servers");
    return await Promise.all(rows.map(async (row) => {
      const { project_id: projectId, name, enabled: isEnabled, type, createdAt } = row;
      const content = await this.#seal.openJson(row, placeOf(projectId, name));
      const { http, mcp } = serverRequest.read(new Fields({ [type]: content.mapping }));
      const settings = completeSettings(type, http ?? mcp ?? {});
      return { projectId, name, isEnabled, settings, createdAt };
    }));
  }

  /** Stores a server, or its changes. */
  async store(
    { projectId, name, isEnabled, settings, createdAt }: RegisteredRow,
  ): Promise<void> {
    const content = settings.type === "http" ? settings.http : settings.mcp;
    const sealed = await this.#seal.sealJson(content, placeOf(projectId, name));
    this.#database.run(
      `INSERT INTO registered_servers VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (project_id, name) DO UPDATE SET enabled = excluded.enabled, type = excluded.type,
         nonce = excluded.nonce, ciphertext = excluded.ciphertext`,
      ...[projectId, name, settings.type, Number(isEnabled), sealed.nonce, sealed.ciphertext],
      Date.parse(createdAt),
    );
  }

  remove(projectId: string, name: string): void {
    const sql = "DELETE FROM registered_servers WHERE project_id = ? AND name = ?";
    this.#database.run(sql, projectId, name);
  }
}

function placeOf(projectId: string, name: string): string[] {
  return [projectId, "server", name];
}
