/**
 * Telemetry events as in PostHog: validation, refusals, and storage of the latest ones. Profiles are separate
 * for every API key, like the projects of PostHog.
 */

import * as v from "valibot";
import type { Database } from "./database.ts";

/** The limits of stored events, in number and in bytes. */
const KEPT_EVENTS = 10_000;
const KEPT_BYTES = 64 * 1024 * 1024;
/** The number of profiles that are kept. */
const KEPT_PROFILES = 10_000;
/** The maximum length of names and ids; PostHog truncates them too. */
const MAX_CHARACTERS = 200;
/** The maximum depth of the JSON parser of PostHog. */
const MAX_LEVELS = 128;

/**
 * Why an event is refused:
 *
 * - `already-identified`: the alias has a profile, and PostHog does not merge it into another one
 * - `no-alias-yet`: an identified event of a user that no anonymous id has been linked to
 * - `needs-profile`: an alias without a profile, which PostHog drops
 */
const REASONS = ["already-identified", "no-alias-yet", "needs-profile"] as const;
type Reason = (typeof REASONS)[number];

/** An object. Unlike `v.object`, PostHog does not accept a list. */
const notAList = v.check((value: unknown) => !Array.isArray(value));
const anything = v.optional(v.unknown());

const Sent = v.pipe(
  v.unknown(),
  v.check((sent) => !isDeeperThan(sent, MAX_LEVELS)),
  notAList,
  v.object({
    event: v.pipe(v.string(), v.transform(bounded), v.nonEmpty()),
    distinct_id: anything,
    $distinct_id: anything,
    uuid: v.nullish(v.union([v.literal(""), v.pipe(v.string(), v.uuid(), v.toLowerCase())])),
    properties: v.optional(
      v.pipe(
        v.unknown(),
        notAList,
        v.object({
          distinct_id: anything,
          alias: anything,
          $anon_distinct_id: anything,
          $process_person_profile: anything,
          command_name: anything,
        }),
      ),
      {},
    ),
  }),
);
type Sent = v.InferOutput<typeof Sent>;

/** The claim of an event about profiles, which may be refused. */
type Claim =
  | { kind: "none" }
  | { kind: "profile"; id: string }
  | { kind: "alias"; principal: string }
  | { kind: "contradiction" };

/** An event that can be recorded. */
export interface TelemetryEvent {
  event: string;
  distinctId: string;
  uuid: string | null;
  claim: Claim;
  /** The whole event as JSON. */
  payload: string;
}

/**
 * An event of a batch; undefined when PostHog would reject it: without a name or a distinct id, with an
 * invalid `uuid`, or nested too deeply.
 */
export function parseEvent(sent: unknown): TelemetryEvent | undefined {
  const parsed = v.safeParse(Sent, sent);
  if (!parsed.success) return undefined;
  const { event, distinct_id, $distinct_id, uuid, properties } = parsed.output;
  const distinctId = idOf(distinct_id ?? $distinct_id ?? properties.distinct_id);
  if (distinctId === undefined) return undefined;
  return {
    event,
    distinctId,
    uuid: uuid || null,
    claim: claimOf(parsed.output, distinctId),
    payload: JSON.stringify(sent),
  };
}

const Row = v.object({
  sequence: v.number(),
  received_at: v.pipe(v.number(), v.transform((time) => new Date(time).toISOString())),
  api_key: v.string(),
  event: v.string(),
  distinct_id: v.string(),
  reason: v.nullable(v.picklist(REASONS)),
  payload: v.pipe(v.string(), v.parseJson()),
});

/** An event in the list. */
const Recorded = v.pipe(
  Row,
  v.transform(({ reason, payload, ...row }) => {
    const status: "accepted" | "refused" = reason === null ? "accepted" : "refused";
    return { ...row, status, reason, payload };
  }),
);
export type Recorded = v.InferOutput<typeof Recorded>;

/** An event on the dashboard. */
const Shown = v.pipe(
  Row,
  v.transform(({ received_at, event, distinct_id, reason, payload }) => {
    const { properties } = v.parse(Sent, payload);
    const { command_name } = properties;
    return {
      received_at,
      event,
      distinct_id,
      reason,
      command: typeof command_name === "string" ? bounded(command_name) : undefined,
      isAnonymous: isAnonymous(properties),
    };
  }),
);
export type Shown = v.InferOutput<typeof Shown>;

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
  record(apiKey: string, events: TelemetryEvent[]): void {
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
  after(sequence: number): Recorded[] {
    const sql = "SELECT * FROM events WHERE sequence > ? ORDER BY sequence";
    return this.#database.all(Recorded, sql, sequence);
  }

  /** The last `count` events, newest first. */
  newest(count: number): Shown[] {
    return this.#database.all(Shown, "SELECT * FROM events ORDER BY sequence DESC LIMIT ?", count);
  }

  #isKnown(apiKey: string, uuid: string | null): boolean {
    const sql = "SELECT 1 FROM events WHERE api_key = ? AND uuid = ?";
    return this.#database.first(v.object({}), sql, apiKey, uuid) !== undefined;
  }

  #insert(apiKey: string, { event, distinctId, uuid, claim, payload }: TelemetryEvent): void {
    const reason = this.#refusal(apiKey, claim);
    this.#database.run(
      `INSERT INTO events (received_at, api_key, uuid, event, distinct_id, reason, payload)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
      ...[this.#now().getTime(), apiKey, uuid, event, distinctId, reason, payload],
    );
  }

  /** The reason to refuse a claim. An accepted alias creates a profile. */
  #refusal(apiKey: string, claim: Claim): Reason | null {
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
    return this.#database.first(v.object({}), sql, apiKey, id) !== undefined;
  }

  /** Creates a profile; `false` when it already exists. */
  #createProfile(apiKey: string, id: string): boolean {
    const sql = "INSERT INTO profiles VALUES (?, ?) ON CONFLICT DO NOTHING";
    return this.#database.run(sql, apiKey, id) === 1;
  }
}

function claimOf({ event, properties }: Sent, distinctId: string): Claim {
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
function isAnonymous(properties: Sent["properties"]): boolean {
  return properties.$process_person_profile === false;
}

/** An id of any type, converted like in PostHog: its text, or else its JSON. */
function idOf(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  return bounded(typeof value === "string" ? value : JSON.stringify(value)) || undefined;
}

/** A text for storage: truncated, and without U+0000. SQLite replaces lone surrogates itself. */
function bounded(text: string): string {
  // A character has at most two code units, so the slice drops the rest of a huge text early.
  const characters = Array.from(text.slice(0, 2 * MAX_CHARACTERS)).slice(0, MAX_CHARACTERS);
  return characters.join("").replaceAll("\0", "\u{FFFD}");
}

function isDeeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isDeeperThan(inner, levels - 1));
}
