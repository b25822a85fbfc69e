/**
 * The secrets of projects, encrypted at rest and bound to project and key.
 */

import type { Fields } from "../../contract/fields.ts";
import type { SecretRequest, SecretResponse } from "../../contract/secrets.ts";
import { type Database, timeIn } from "./database.ts";
import { randomOpaque } from "./opaque.ts";
import { readSealed, type Seal, type Sealed } from "./seal.ts";

/** Shorter values have no hint, because four characters would reveal too much. */
const HINT_FROM_LENGTH = 12;
const HINT_LENGTH = 4;

/** A secret without its value. */
export interface Listed {
  readonly id: string;
  readonly key: string;
  readonly description: string | null;
  readonly created_at: string;
}

function readListed(row: Fields): Listed {
  return {
    id: row.requiredText("id"),
    key: row.requiredText("key"),
    description: row.text("description") ?? null,
    created_at: timeIn(row, "created_at"),
  };
}

interface Stored extends Listed, Sealed {
  readonly project_id: string;
}

function readStored(row: Fields): Stored {
  return {
    ...readListed(row),
    project_id: row.requiredText("project_id"),
    ...readSealed(row),
  };
}

export class Secrets {
  readonly #database: Database;
  readonly #seal: Seal;
  readonly #now: () => Date;

  constructor(database: Database, options: { seal: Seal; now: () => Date }) {
    this.#database = database;
    this.#seal = options.seal;
    this.#now = options.now;
  }

  /** The secrets of a project for the dashboard, ordered by key. */
  list(projectId: string): Listed[] {
    const sql = "SELECT * FROM secrets WHERE project_id = ? ORDER BY key";
    return this.#database.all(readListed, sql, projectId);
  }

  /** The secrets of a project for the API of the engine, ordered by key. */
  entries(projectId: string): Promise<SecretResponse[]> {
    const sql = "SELECT * FROM secrets WHERE project_id = ? ORDER BY key";
    return Promise.all(
      this.#database.all(readStored, sql, projectId).map((stored) => this.#entry(stored)),
    );
  }

  /**
   * Stores a value under a key. An existing secret keeps its id, its time, and its description unless a new one
   * is given.
   */
  async set(
    projectId: string,
    secret: SecretRequest & { readonly key: string },
  ): Promise<SecretResponse> {
    const { key, value, description } = secret;
    const { nonce, ciphertext } = await this.#seal.seal(value, [projectId, key]);
    const keepsDescription = description === undefined;
    const stored = this.#database.first(
      readStored,
      `INSERT INTO secrets VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (project_id, key) DO UPDATE SET nonce = excluded.nonce,
         ciphertext = excluded.ciphertext,
         description = ${keepsDescription ? "description" : "excluded.description"}
       RETURNING *`,
      ...[randomOpaque("sec_"), projectId, key, description ?? null, nonce, ciphertext],
      this.#now().getTime(),
    );
    if (stored === undefined) throw new Error("The secret was not stored");
    return await this.#entry(stored);
  }

  /** The value of a secret, for a tool that needs it; undefined when the project has no such secret. */
  async valueOf(projectId: string, key: string): Promise<string | undefined> {
    const sql = "SELECT * FROM secrets WHERE project_id = ? AND key = ?";
    const stored = this.#database.first(readStored, sql, projectId, key);
    return stored === undefined ? undefined : await this.#value(stored);
  }

  /** Deletes a secret of a project by its id; `false` when the project has no such secret. */
  delete(projectId: string, id: string): boolean {
    const sql = "DELETE FROM secrets WHERE project_id = ? AND id = ?";
    return this.#database.run(sql, projectId, id) === 1;
  }

  /** A secret of any project, and its project; undefined when it does not exist. */
  find(id: string): { readonly key: string; readonly projectId: string } | undefined {
    const sql = "SELECT * FROM secrets WHERE id = ?";
    const stored = this.#database.first(readStored, sql, id);
    return stored && { key: stored.key, projectId: stored.project_id };
  }

  /** Removes a secret of any project; false when it does not exist. */
  remove(id: string): boolean {
    return this.#database.run("DELETE FROM secrets WHERE id = ?", id) === 1;
  }

  /** Throws when the encryption key does not match the stored secrets. */
  async check(): Promise<void> {
    const stored = this.#database.first(readStored, "SELECT * FROM secrets LIMIT 1");
    if (stored !== undefined) await this.#value(stored);
  }

  async #entry(stored: Stored): Promise<SecretResponse> {
    const { id, key, description, created_at } = stored;
    const hint = hintOf(await this.#value(stored));
    return {
      id,
      key,
      binding: { type: "project" },
      description,
      hint,
      last_accessed_at: null,
      created_at,
    };
  }

  #value(stored: Stored): Promise<string> {
    return this.#seal.open(stored, [stored.project_id, stored.key]);
  }
}

function hintOf(value: string): string | null {
  const characters = Array.from(value);
  return characters.length < HINT_FROM_LENGTH ? null : characters.slice(-HINT_LENGTH).join("");
}
