/** The providers that a project has created, and how it verifies users. Both are optional, because all providers are fake. */

import type { Fields } from "../../contract/fields.ts";
import {
  type ProviderSettings,
  readProviderSettings,
  type VerificationSettings,
} from "../../contract/grants.ts";
import { type Database, timeIn } from "./database.ts";
import { readSealed, type Seal, type Sealed } from "./seal.ts";

/** A provider that was created, with its client secret. */
export interface Provider {
  readonly id: string;
  readonly settings: ProviderSettings;
  readonly createdAt: string;
  readonly updatedAt: string;
}

interface Stored extends Sealed {
  readonly projectId: string;
  readonly id: string;
  readonly createdAt: string;
  readonly updatedAt: string;
}

function readStored(row: Fields): Stored {
  return {
    projectId: row.requiredText("project_id"),
    id: row.requiredText("id"),
    createdAt: timeIn(row, "created_at"),
    updatedAt: timeIn(row, "updated_at"),
    ...readSealed(row),
  };
}

export class Providers {
  readonly #database: Database;
  readonly #seal: Seal;
  readonly #now: () => Date;

  constructor(database: Database, options: { seal: Seal; now: () => Date }) {
    this.#database = database;
    this.#seal = options.seal;
    this.#now = options.now;
  }

  /** Those of a project, by id. */
  async of(projectId: string): Promise<Provider[]> {
    const sql = "SELECT * FROM providers WHERE project_id = ? ORDER BY id";
    return await Promise.all(
      this.#database.all(readStored, sql, projectId).map((stored) => this.#open(stored)),
    );
  }

  async find(projectId: string, id: string): Promise<Provider | undefined> {
    const sql = "SELECT * FROM providers WHERE project_id = ? AND id = ?";
    const stored = this.#database.first(readStored, sql, projectId, id);
    return stored && await this.#open(stored);
  }

  /**
   * The id of the provider that a requirement means: an id of the project, or else the first one of that kind, or else the
   * kind itself.
   */
  resolve(projectId: string, { id, kind }: { id?: string | undefined; kind: string }): string {
    if (id) return id;
    const sql = `SELECT id FROM providers WHERE project_id = ? AND (id = ? OR kind = ?)
      ORDER BY id <> ?, created_at LIMIT 1`;
    const found = this.#database.first(
      (row) => row.requiredText("id"),
      sql,
      ...[projectId, kind, kind, kind],
    );
    return found ?? kind;
  }

  /** Whether a provider was created and switched off. */
  isInactive(projectId: string, id: string): boolean {
    const sql = "SELECT 1 FROM providers WHERE project_id = ? AND id = ? AND active = 0";
    return this.#database.first(() => true, sql, projectId, id) === true;
  }

  /** Creates a provider; undefined when there is one with this id. */
  async create(
    projectId: string,
    id: string,
    settings: ProviderSettings,
  ): Promise<Provider | undefined> {
    const { kind, active, sealed } = await this.#columns(projectId, id, settings);
    const now = this.#now().getTime();
    const stored = this.#database.first(
      readStored,
      `INSERT INTO providers VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING *`,
      ...[projectId, id, kind, active, sealed.nonce, sealed.ciphertext, now, now],
    );
    return stored && await this.#open(stored);
  }

  /** Replaces the settings of a provider; undefined if no provider has this id. */
  async replace(
    projectId: string,
    id: string,
    settings: ProviderSettings,
  ): Promise<Provider | undefined> {
    const { kind, active, sealed } = await this.#columns(projectId, id, settings);
    const stored = this.#database.first(
      readStored,
      `UPDATE providers SET kind = ?, active = ?, nonce = ?, ciphertext = ?, updated_at = ?
       WHERE project_id = ? AND id = ? RETURNING *`,
      ...[kind, active, sealed.nonce, sealed.ciphertext, this.#now().getTime(), projectId, id],
    );
    return stored && await this.#open(stored);
  }

  remove(projectId: string, id: string): boolean {
    const sql = "DELETE FROM providers WHERE project_id = ? AND id = ?";
    return this.#database.run(sql, projectId, id) === 1;
  }

  /** Throws when the encryption key does not match the stored settings. */
  async check(): Promise<void> {
    const stored = this.#database.first(readStored, "SELECT * FROM providers LIMIT 1");
    if (stored !== undefined) await this.#open(stored);
  }

  /** How a project verifies users. */
  verificationOf(projectId: string): VerificationSettings {
    const sql = "SELECT * FROM verifications WHERE project_id = ?";
    return this.#database.first(
      (row) => ({
        verifier_url: row.text("verifier_url") ?? null,
        unsafe_skip_verification: row.requiredInteger("skipped") === 1,
      }),
      sql,
      projectId,
    ) ?? { verifier_url: null, unsafe_skip_verification: false };
  }

  setVerification(projectId: string, settings: VerificationSettings): void {
    const { verifier_url, unsafe_skip_verification } = settings;
    this.#database.run(
      "REPLACE INTO verifications VALUES (?, ?, ?)",
      ...[projectId, verifier_url, Number(unsafe_skip_verification)],
    );
  }

  async #columns(projectId: string, id: string, settings: ProviderSettings) {
    const sealed = await this.#seal.sealJson(settings, sealPlace(projectId, id));
    const { provider_id: kind = null, status } = settings;
    return { kind, active: Number(status !== "inactive"), sealed };
  }

  async #open(stored: Stored): Promise<Provider> {
    const { projectId, id, createdAt, updatedAt } = stored;
    const settings = readProviderSettings(
      await this.#seal.openJson(stored, sealPlace(projectId, id)),
    );
    return { id, settings, createdAt, updatedAt };
  }
}

/** The context that encryption binds settings to. The first word distinguishes them from a secret. */
function sealPlace(projectId: string, id: string): string[] {
  return ["provider", projectId, id];
}
