/**
 * The SQLite database: opening, migrations, and reading of validated rows.
 */

import { DatabaseSync, type StatementSync } from "node:sqlite";
import { Fields } from "../../contract/fields.ts";
import { ensurePrivateFile } from "./data_folder.ts";

/**
 * The migrations from each version to the next, the first one from an empty database. Released ones never
 * change.
 *
 * Times are milliseconds since 1970. Opaque strings (tokens, codes, API keys) are stored only as SHA-256
 * hashes.
 */
const MIGRATIONS = [
  `
CREATE TABLE accounts (
  id TEXT PRIMARY KEY,
  email TEXT NOT NULL UNIQUE COLLATE NOCASE,
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE organizations (
  id TEXT PRIMARY KEY,
  account_id TEXT NOT NULL REFERENCES accounts ON DELETE CASCADE,
  name TEXT NOT NULL,
  is_default INTEGER NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE projects (
  id TEXT PRIMARY KEY,
  organization_id TEXT NOT NULL REFERENCES organizations ON DELETE CASCADE,
  name TEXT NOT NULL,
  is_default INTEGER NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE api_keys (
  hash TEXT PRIMARY KEY,
  account_id TEXT NOT NULL REFERENCES accounts ON DELETE CASCADE,
  project_id TEXT NOT NULL REFERENCES projects ON DELETE CASCADE,
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE secrets (
  id TEXT PRIMARY KEY,
  project_id TEXT NOT NULL REFERENCES projects ON DELETE CASCADE,
  key TEXT NOT NULL,
  description TEXT,
  nonce BLOB NOT NULL,
  ciphertext BLOB NOT NULL,
  created_at INTEGER NOT NULL,
  UNIQUE (project_id, key)
) STRICT;

-- A sign-in that waits for its decision on the sign-in page.
CREATE TABLE pending_authorizations (
  hash TEXT PRIMARY KEY,
  client_id TEXT NOT NULL,
  redirect_uri TEXT NOT NULL,
  code_challenge TEXT NOT NULL,
  scope TEXT NOT NULL,
  state TEXT NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT;

-- One sign-in of one client: a family of tokens. Deleting the row revokes them.
CREATE TABLE grants (
  id TEXT PRIMARY KEY,
  account_id TEXT NOT NULL REFERENCES accounts ON DELETE CASCADE,
  client_id TEXT NOT NULL,
  scope TEXT NOT NULL
) STRICT;

-- A used code refers to its grant and is kept as long, to detect a second use.
CREATE TABLE codes (
  hash TEXT PRIMARY KEY,
  account_id TEXT NOT NULL REFERENCES accounts ON DELETE CASCADE,
  client_id TEXT NOT NULL,
  redirect_uri TEXT NOT NULL,
  code_challenge TEXT NOT NULL,
  scope TEXT NOT NULL,
  expires_at INTEGER NOT NULL,
  grant_id TEXT REFERENCES grants ON DELETE CASCADE
) STRICT;
CREATE INDEX codes_by_grant ON codes (grant_id);

CREATE TABLE access_tokens (
  hash TEXT PRIMARY KEY,
  grant_id TEXT NOT NULL REFERENCES grants ON DELETE CASCADE,
  expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX access_tokens_by_grant ON access_tokens (grant_id);

CREATE TABLE refresh_tokens (
  hash TEXT PRIMARY KEY,
  grant_id TEXT NOT NULL REFERENCES grants ON DELETE CASCADE,
  used INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX refresh_tokens_by_grant ON refresh_tokens (grant_id);

CREATE TABLE device_codes (
  hash TEXT PRIMARY KEY,
  user_code TEXT NOT NULL UNIQUE,
  client_id TEXT NOT NULL,
  scope TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('pending', 'approved', 'denied')),
  account_id TEXT REFERENCES accounts ON DELETE CASCADE,
  poll_interval INTEGER NOT NULL,
  last_polled_at INTEGER,
  expires_at INTEGER NOT NULL
) STRICT;
`,
  `
-- The API key is the public key of a PostHog project. The reason is null if the event was accepted.
CREATE TABLE events (
  sequence INTEGER PRIMARY KEY,
  received_at INTEGER NOT NULL,
  api_key TEXT NOT NULL,
  uuid TEXT,
  event TEXT NOT NULL,
  distinct_id TEXT NOT NULL,
  reason TEXT,
  payload TEXT NOT NULL,
  UNIQUE (api_key, uuid)
) STRICT;

-- The accounts that an anonymous id was linked to. They outlive their events.
CREATE TABLE profiles (
  api_key TEXT NOT NULL,
  distinct_id TEXT NOT NULL,
  PRIMARY KEY (api_key, distinct_id)
) STRICT;
`,
  `
CREATE TABLE servers (
  id TEXT PRIMARY KEY,
  project_id TEXT NOT NULL REFERENCES projects ON DELETE CASCADE,
  name TEXT NOT NULL,
  enabled INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  UNIQUE (project_id, name)
) STRICT;

-- What was deployed to a server: the release that serves, and at most one after it, new or failed.
CREATE TABLE releases (
  sequence INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  server_id TEXT NOT NULL REFERENCES servers ON DELETE CASCADE,
  version TEXT NOT NULL,
  entrypoint TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('new', 'serving', 'failed')),
  created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX releases_by_server ON releases (server_id);
`,
  `
-- Null if the device sent none.
ALTER TABLE device_codes ADD COLUMN code_challenge TEXT;
`,
  `
-- Servers that run elsewhere. The ciphertext has the settings as JSON.
CREATE TABLE registered_servers (
  project_id TEXT NOT NULL REFERENCES projects ON DELETE CASCADE,
  name TEXT NOT NULL,
  type TEXT NOT NULL CHECK (type IN ('http', 'mcp')),
  enabled INTEGER NOT NULL,
  nonce BLOB NOT NULL,
  ciphertext BLOB NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (project_id, name)
) STRICT;

-- Calls of tools at a time. The ciphertext has the input, and in the end the output, as JSON.
CREATE TABLE scheduled_calls (
  sequence INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  project_id TEXT NOT NULL REFERENCES projects ON DELETE CASCADE,
  tool TEXT NOT NULL,
  toolkit TEXT NOT NULL,
  version TEXT,
  user_id TEXT,
  status TEXT NOT NULL CHECK (status IN ('pending', 'running', 'completed', 'failed')),
  nonce BLOB NOT NULL,
  ciphertext BLOB NOT NULL,
  run_at INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  started_at INTEGER,
  finished_at INTEGER
) STRICT;
CREATE INDEX scheduled_calls_by_time ON scheduled_calls (status, run_at);
`,
  `
-- The providers of authorizations that were created. Others exist without a row. The settings are encrypted JSON.
CREATE TABLE providers (
  project_id TEXT NOT NULL REFERENCES projects ON DELETE CASCADE,
  id TEXT NOT NULL,
  kind TEXT,
  active INTEGER NOT NULL,
  nonce BLOB NOT NULL,
  ciphertext BLOB NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (project_id, id)
) STRICT;

-- What users have granted at providers. Scopes are a JSON array; the token is encrypted.
CREATE TABLE connections (
  id TEXT PRIMARY KEY,
  project_id TEXT NOT NULL REFERENCES projects ON DELETE CASCADE,
  user_id TEXT NOT NULL,
  provider_id TEXT NOT NULL,
  scopes TEXT NOT NULL,
  nonce BLOB NOT NULL,
  ciphertext BLOB NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER,
  UNIQUE (project_id, user_id, provider_id)
) STRICT;

-- Authorizations that were asked for. A tool that needs none has a completed one without a provider.
CREATE TABLE authorizations (
  sequence INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  flow_id TEXT NOT NULL UNIQUE,
  project_id TEXT NOT NULL REFERENCES projects ON DELETE CASCADE,
  user_id TEXT,
  provider_id TEXT,
  scopes TEXT NOT NULL,
  next_uri TEXT,
  status TEXT NOT NULL CHECK (status IN ('pending', 'allowed', 'completed', 'failed')),
  seconds INTEGER,
  expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX authorizations_by_user ON authorizations (project_id, user_id, provider_id);

-- How a project checks that the user of a browser is the one who grants.
CREATE TABLE verifications (
  project_id TEXT PRIMARY KEY REFERENCES projects ON DELETE CASCADE,
  verifier_url TEXT,
  skipped INTEGER NOT NULL
) STRICT;
`,
  `
-- Tools are a JSON array of names, or null for all tools of the project.
CREATE TABLE gateways (
  id TEXT PRIMARY KEY,
  project_id TEXT NOT NULL REFERENCES projects ON DELETE CASCADE,
  slug TEXT NOT NULL UNIQUE COLLATE NOCASE,
  name TEXT NOT NULL,
  description TEXT,
  status TEXT NOT NULL CHECK (status IN ('active', 'inactive')),
  auth_type TEXT NOT NULL CHECK (auth_type IN ('arcade', 'arcade_header')),
  tools TEXT,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;

-- MCP clients that registered themselves. Their redirect addresses are a JSON array.
CREATE TABLE clients (
  sequence INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  redirect_uris TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;

-- The only gateway at which the tokens work; null for a login.
ALTER TABLE pending_authorizations ADD COLUMN gateway_id TEXT REFERENCES gateways ON DELETE CASCADE;
ALTER TABLE codes ADD COLUMN gateway_id TEXT REFERENCES gateways ON DELETE CASCADE;
ALTER TABLE grants ADD COLUMN gateway_id TEXT REFERENCES gateways ON DELETE CASCADE;
`,
];

type Value = string | number | null | Uint8Array;

/**
 * The interface to SQLite. Every call is synchronous, and therefore atomic.
 */
export class Database {
  readonly #connection: DatabaseSync;
  /** Parsing the SQL takes longer than running it. */
  readonly #statements = new Map<string, StatementSync>();

  constructor(connection: DatabaseSync) {
    this.#connection = connection;
  }

  /** All rows of a query, each as `read` reads it. */
  all<T>(read: (row: Fields) => T, sql: string, ...values: Value[]): T[] {
    return this.#prepared(sql).all(...values).map((row) => read(new Fields(row)));
  }

  /**
   * The first row of a query, as `read` reads it; undefined without one. Reads all rows, because `get` stops after the first
   * and misses errors of `INSERT … RETURNING`, for example on a full disk.
   */
  first<T>(read: (row: Fields) => T, sql: string, ...values: Value[]): T | undefined {
    return this.all(read, sql, ...values)[0];
  }

  /** Runs one statement, syncs it to disk, and returns the number of changed rows. */
  run(sql: string, ...values: Value[]): number {
    return Number(this.#prepared(sql).run(...values).changes);
  }

  #prepared(sql: string): StatementSync {
    const statement = this.#statements.get(sql) ?? this.#connection.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }

  /** Runs `work` as one transaction: commits when it returns, rolls back when it throws. */
  transaction<T>(work: () => T): T {
    this.#connection.exec("BEGIN IMMEDIATE");
    try {
      const result = work();
      this.#connection.exec("COMMIT");
      return result;
    } catch (error) {
      this.#connection.exec("ROLLBACK");
      throw error;
    }
  }

  close(): void {
    this.#connection.close();
  }
}

/** The path of a database that is in memory only. */
export const IN_MEMORY = ":memory:";

/**
 * Opens the database at `path`. Creates a missing one with mode 0600, and migrates an older one. Throws when it
 * is newer.
 */
export async function openDatabase(path: string): Promise<Database> {
  if (path !== IN_MEMORY) await ensurePrivateFile(path);
  const connection = new DatabaseSync(path);
  try {
    connection.exec(
      "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;",
    );
    const database = new Database(connection);
    const version = database.first((row) =>
      row.requiredInteger("user_version"), "PRAGMA user_version") ?? 0;
    if (version < 0 || version > MIGRATIONS.length) {
      throw new Error(`The database has the unknown version ${version}`);
    }
    if (version < MIGRATIONS.length) {
      database.transaction(() => {
        for (const migration of MIGRATIONS.slice(version)) connection.exec(migration);
        connection.exec(`PRAGMA user_version = ${MIGRATIONS.length}`);
      });
    }
    return database;
  } catch (error) {
    connection.close();
    throw error;
  }
}

/** A column with a time. */
export function timeIn(row: Fields, column: string): string {
  return new Date(row.requiredInteger(column)).toISOString();
}
