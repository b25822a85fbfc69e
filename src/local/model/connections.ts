/** The grants of users at providers, with their tokens. A user has one connection to a provider in a project. */

import type { Fields } from "../../contract/fields.ts";
import { parseJson } from "../../contract/fields.ts";
import { type Database, timeIn } from "./database.ts";
import { hashOf, randomOpaque } from "./opaque.ts";
import { readSealed, type Seal, type Sealed } from "./seal.ts";

/** Who grants, and at which provider. */
export interface Place {
  readonly projectId: string;
  readonly userId: string;
  readonly providerId: string;
}

/** A connection without its token. */
export interface Connection extends Place {
  readonly id: string;
  readonly scopes: readonly string[];
  readonly createdAt: string;
  /** Undefined if it never expires. */
  readonly expiresAt: Date | undefined;
}

function readConnection(row: Fields): Connection {
  const expiresAt = row.integer("expires_at");
  return {
    id: row.requiredText("id"),
    projectId: row.requiredText("project_id"),
    userId: row.requiredText("user_id"),
    providerId: row.requiredText("provider_id"),
    scopes: listIn(row, "scopes"),
    createdAt: timeIn(row, "created_at"),
    expiresAt: expiresAt === undefined ? undefined : new Date(expiresAt),
  };
}

/** A column with a list of texts, as JSON. */
export function listIn(row: Fields, column: string): string[] {
  const list = parseJson(row.requiredText(column));
  return Array.isArray(list) ? list.map(String) : [];
}

/** What is granted. */
export interface Granting {
  /** These are added to what was granted before. */
  readonly scopes: readonly string[];
  /** Undefined for a fake one. */
  readonly token?: string | undefined;
  /** Undefined for never. */
  readonly expiresAt?: Date | undefined;
}

export class Connections {
  readonly #database: Database;
  readonly #seal: Seal;
  readonly #now: () => Date;

  constructor(database: Database, options: { seal: Seal; now: () => Date }) {
    this.#database = database;
    this.#seal = options.seal;
    this.#now = options.now;
  }

  /** The connections of a project, by user and provider: all, or only of a user or to a provider. */
  of(
    projectId: string,
    { userId, providerId }: {
      readonly userId?: string | undefined;
      readonly providerId?: string | undefined;
    } = {},
  ): Connection[] {
    return this.#database.all(
      readConnection,
      `SELECT * FROM connections WHERE project_id = ? AND ifnull(?, user_id) = user_id
       AND ifnull(?, provider_id) = provider_id ORDER BY user_id, provider_id`,
      ...[projectId, userId ?? null, providerId ?? null],
    );
  }

  at({ projectId, userId, providerId }: Place): Connection | undefined {
    const sql =
      "SELECT * FROM connections WHERE project_id = ? AND user_id = ? AND provider_id = ?";
    return this.#database.first(readConnection, sql, projectId, userId, providerId);
  }

  /** A connection of any project. */
  find(id: string): Connection | undefined {
    return this.#database.first(readConnection, "SELECT * FROM connections WHERE id = ?", id);
  }

  /** Whether a connection has these scopes, and has not expired. */
  covers(connection: Connection | undefined, scopes: readonly string[]): connection is Connection {
    return connection !== undefined && !this.hasExpired(connection) &&
      scopes.every((scope) => connection.scopes.includes(scope));
  }

  hasExpired({ expiresAt }: Connection): boolean {
    return expiresAt !== undefined && expiresAt.getTime() <= this.#now().getTime();
  }

  async tokenOf({ id }: Connection): Promise<string> {
    const sql = "SELECT * FROM connections WHERE id = ?";
    const sealed = this.#database.first(
      (row) => ({ ...readSealed(row), ...readConnection(row) }),
      sql,
      id,
    );
    if (sealed === undefined) throw new Error("The connection is gone");
    return await this.#seal.open(sealed, sealPlace(sealed));
  }

  /** Whether the token of a connection is one that was made here. */
  async isFake(connection: Connection): Promise<boolean> {
    return await this.tokenOf(connection) === fakeToken(connection, connection.scopes);
  }

  /** Stores a grant. Scopes that were granted before are kept, also those of an expired grant. */
  async grant(place: Place, { scopes, token, expiresAt }: Granting): Promise<Connection> {
    for (;;) {
      const before = this.at(place)?.scopes ?? [];
      const all = union(before, scopes);
      const sealed = await this.#seal.seal(token ?? fakeToken(place, all), sealPlace(place));
      const stored = this.#database.transaction(() =>
        // Another grant may have been stored in the meantime.
        union(before, this.at(place)?.scopes ?? []).length === before.length
          ? this.#store(place, { scopes: all, sealed, expiresAt })
          : undefined
      );
      if (stored !== undefined) return stored;
    }
  }

  /**
   * Revokes scopes of a connection, or all of it without scopes; false if no such connection exists.
   */
  async revoke(connection: Connection, scopes: readonly string[] = []): Promise<boolean> {
    const left = connection.scopes.filter((scope) => !scopes.includes(scope));
    if (scopes.length === 0 || left.length === 0) return this.remove(connection.id);
    const token = await this.isFake(connection)
      ? fakeToken(connection, left)
      : await this.tokenOf(connection);
    const sealed = await this.#seal.seal(token, sealPlace(connection));
    return this.#database.transaction(() => {
      if (this.find(connection.id) === undefined) return false;
      this.#store(connection, { scopes: left, sealed, expiresAt: connection.expiresAt });
      return true;
    });
  }

  remove(id: string): boolean {
    return this.#database.run("DELETE FROM connections WHERE id = ?", id) === 1;
  }

  /** Throws when the encryption key does not match the stored tokens. */
  async check(): Promise<void> {
    const sql = "SELECT * FROM connections LIMIT 1";
    const first = this.#database.first(readConnection, sql);
    if (first !== undefined) await this.tokenOf(first);
  }

  #store(
    { projectId, userId, providerId }: Place,
    { scopes, sealed, expiresAt }: {
      readonly scopes: readonly string[];
      readonly sealed: Sealed;
      readonly expiresAt: Date | undefined;
    },
  ): Connection {
    const stored = this.#database.first(
      readConnection,
      `INSERT INTO connections VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (project_id, user_id, provider_id) DO UPDATE SET scopes = excluded.scopes,
         nonce = excluded.nonce, ciphertext = excluded.ciphertext, expires_at = excluded.expires_at
       RETURNING *`,
      ...[randomOpaque("uc_", 16), projectId, userId, providerId, JSON.stringify(scopes)],
      ...[sealed.nonce, sealed.ciphertext, this.#now().getTime(), expiresAt?.getTime() ?? null],
    );
    if (stored === undefined) throw new Error("The connection was not stored");
    return stored;
  }
}

/** The context that encryption binds a token to. The first word distinguishes it from a secret. */
function sealPlace({ projectId, userId, providerId }: Place): string[] {
  return ["connection", projectId, userId, providerId];
}

/** Two lists without repetitions, in alphabetical order. */
export function union(a: readonly string[], b: readonly string[]): string[] {
  return [...new Set([...a, ...b])].sort();
}

/**
 * A token that is recognizably fake. It is always the same for a user, a provider and scopes, so that recorded responses
 * and tests stay the same.
 *
 * @example
 * ```ts
 * fakeToken({ projectId: "…", userId: "ada@example.com", providerId: "github" }, ["repo"]); // "fake_github_ada_7c1f0a3b9d"
 * ```
 */
export function fakeToken({ userId, providerId }: Place, scopes: readonly string[]): string {
  const word = (text: string) => text.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-").slice(0, 30);
  const hash = hashOf(JSON.stringify([userId, providerId, ...scopes])).slice(0, 10);
  return `fake_${word(providerId)}_${word(userId.split("@", 1)[0] ?? "")}_${hash}`;
}
