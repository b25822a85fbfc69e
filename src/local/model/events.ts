/**
 * Telemetry events as in PostHog: validation, refusals, and storage of the latest ones. Profiles are separate
 * for every API key, like the projects of PostHog.
 */

import type { Fields } from "../../contract/fields.ts";
import { oneOf } from "../../contract/request.ts";
import {
  bounded,
  EVENT_REFUSALS,
  type EventRefusal,
  type EventRequest,
  type EventResponse,
  idOf,
  readEvent,
} from "../../contract/telemetry.ts";
import { type Database, timeIn } from "./database.ts";

/** The limits of stored events, in number and in bytes. */
const KEPT_EVENTS = 10_000;
const KEPT_BYTES = 64 * 1024 * 1024;
/** The number of profiles that are kept. */
const KEPT_PROFILES = 10_000;

/** The claim of an event about profiles, which may be refused. */
type Claim =
  | { kind: "none" }
  | { kind: "profile"; id: string }
  | { kind: "alias"; principal: string }
  | { kind: "contradiction" };

/** An event that was received. */
export interface ReceivedEvent extends EventRequest {
  /** The whole event as JSON. */
  readonly payload: string;
}

function readRecorded(row: Fields): EventResponse {
  const isRefused = row.text("reason") !== undefined;
  return {
    sequence: row.requiredInteger("sequence"),
    received_at: timeIn(row, "received_at"),
    api_key: row.requiredText("api_key"),
    event: row.requiredText("event"),
    distinct_id: row.requiredText("distinct_id"),
    status: isRefused ? "refused" : "accepted",
    reason: isRefused ? oneOf(row, "reason", EVENT_REFUSALS) : null,
    payload: JSON.parse(row.requiredText("payload")),
  };
}

/** An event on the dashboard. */
export interface Shown
  extends Pick<EventResponse, "received_at" | "event" | "distinct_id" | "reason"> {
  readonly command: string | undefined;
  readonly isAnonymous: boolean;
}

function readShown(row: Fields): Shown {
  const { received_at, event, distinct_id, reason, payload } = readRecorded(row);
  const { properties } = readEvent(payload);
  const { command_name } = properties;
  return {
    received_at,
    event,
    distinct_id,
    reason,
    command: typeof command_name === "string" ? bounded(command_name) : undefined,
    isAnonymous: isAnonymous(properties),
  };
}

export class Events {
  readonly #database: Database;
  readonly #now: () => Date;

  constructor(database: Database, now: () => Date) {
    this.#database = database;
    this.#now = now;
  }

  /**
   * Stores the events of a batch in order and atomically, including refused ones. Skips retries, whose `uuid` is
   * already stored.
   */
  record(apiKey: string, events: readonly ReceivedEvent[]): void {
    this.#database.transaction(() => {
      for (const event of events) {
        if (!this.#isKnown(apiKey, event.uuid)) this.#insert(apiKey, event);
      }
      this.#database.run(
        `DELETE FROM events WHERE sequence <= (
           SELECT max(sequence) FROM (
             SELECT sequence, count(*) OVER newer AS events,
               sum(octet_length(payload)) OVER newer AS bytes
             FROM events WINDOW newer AS (ORDER BY sequence DESC)
           ) WHERE events > ? OR bytes > ?
         )`,
        ...[KEPT_EVENTS, KEPT_BYTES],
      );
      const newestProfile = "(SELECT max(rowid) FROM profiles)";
      this.#database.run(
        `DELETE FROM profiles WHERE rowid <= ${newestProfile} - ?`,
        KEPT_PROFILES,
      );
    });
  }

  /** The events after the one with this number, in order of arrival. */
  after(sequence: number): EventResponse[] {
    const sql = "SELECT * FROM events WHERE sequence > ? ORDER BY sequence";
    return this.#database.all(readRecorded, sql, sequence);
  }

  /** The last `count` events, newest first. */
  newest(count: number): Shown[] {
    return this.#database.all(
      readShown,
      "SELECT * FROM events ORDER BY sequence DESC LIMIT ?",
      count,
    );
  }

  #isKnown(apiKey: string, uuid: string | null): boolean {
    const sql = "SELECT 1 FROM events WHERE api_key = ? AND uuid = ?";
    return this.#database.first(() => true, sql, apiKey, uuid) === true;
  }

  #insert(apiKey: string, received: ReceivedEvent): void {
    const { event, distinctId, uuid, payload } = received;
    const reason = this.#refusal(apiKey, claimOf(received));
    this.#database.run(
      `INSERT INTO events (received_at, api_key, uuid, event, distinct_id, reason, payload)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
      ...[this.#now().getTime(), apiKey, uuid, event, distinctId, reason, payload],
    );
  }

  /** The reason to refuse a claim. An accepted alias creates a profile. */
  #refusal(apiKey: string, claim: Claim): EventRefusal | null {
    switch (claim.kind) {
      case "none":
        return null;
      case "profile":
        return this.#hasProfile(apiKey, claim.id) ? null : "no-alias-yet";
      case "alias":
        return this.#createProfile(apiKey, claim.principal) ? null : "already-identified";
      case "contradiction":
        return "needs-profile";
    }
  }

  #hasProfile(apiKey: string, id: string): boolean {
    const sql = "SELECT 1 FROM profiles WHERE api_key = ? AND distinct_id = ?";
    return this.#database.first(() => true, sql, apiKey, id) === true;
  }

  /** Creates a profile; `false` when it already exists. */
  #createProfile(apiKey: string, id: string): boolean {
    const sql = "INSERT INTO profiles VALUES (?, ?) ON CONFLICT DO NOTHING";
    return this.#database.run(sql, apiKey, id) === 1;
  }
}

function claimOf({ event, distinctId, properties }: EventRequest): Claim {
  const isIdentify = event === "$identify";
  if (isAnonymous(properties)) {
    return { kind: isIdentify || event === "$create_alias" ? "contradiction" : "none" };
  }
  if (isIdentify) {
    const hasAlias = idOf(properties.$anon_distinct_id) !== undefined;
    return hasAlias ? { kind: "alias", principal: distinctId } : { kind: "none" };
  }
  const alias = event === "$create_alias" ? idOf(properties.alias) : undefined;
  return alias === undefined
    ? { kind: "profile", id: distinctId }
    : { kind: "alias", principal: alias };
}

/** Any value except `false` requests a profile. */
function isAnonymous(properties: EventRequest["properties"]): boolean {
  return properties.$process_person_profile === false;
}
