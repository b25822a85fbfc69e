/**
 * The sink of telemetry events, as PostHog's capture service (docs/contracts.md, Telemetry). The client writes its batches with
 * PostHog's own library.
 */

import { Fields, InvalidField, isMapping, type Mapping } from "./fields.ts";
import type { Body } from "./request.ts";

/** `POST /batch/`. */
export interface BatchRequest {
  readonly api_key: unknown;
  /** The events, at least one. */
  readonly batch: readonly unknown[];
}

export const batchRequest: Body<BatchRequest> = {
  expected: "an object with a batch, a list of at least one event",
  read(body) {
    const { api_key, batch } = body.mapping;
    if (!Array.isArray(batch) || batch.length === 0) throw new InvalidField(body.pathOf("batch"));
    return { api_key, batch };
  },
};

/** The key of a project; undefined for anything else. Like PostHog, rejects a personal key (`phx_…`). */
export function readApiKey(written: unknown): string | undefined {
  const key = typeof written === "string" ? written.trim() : "";
  return /^(?!phx_)[ -~]{1,64}$/.test(key) ? key : undefined;
}

/** The maximum length of names and ids; PostHog truncates them too. */
const MAX_CHARACTERS = 200;
/** The maximum depth of the JSON parser of PostHog. */
const MAX_LEVELS = 128;
const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** An event of a batch. */
export interface EventRequest {
  readonly event: string;
  readonly distinctId: string;
  /** Of the request, so that a retry is not counted; null without one. */
  readonly uuid: string | null;
  readonly properties: Mapping;
}

/** What an event of a batch must be, for the error about another one. */
export const EXPECTED_EVENT = "an object with an event, its name, and a distinct_id, and " +
  "optionally a uuid and an object of properties, not too deep";

/** An event of a batch. Throws an {@linkcode InvalidField} for one that PostHog would reject. */
export function readEvent(sent: unknown): EventRequest {
  if (!isMapping(sent) || isDeeperThan(sent, MAX_LEVELS)) throw new InvalidField("batch");
  const fields = new Fields(sent);
  const event = bounded(fields.requiredText("event"));
  if (event === "") throw new InvalidField("event");
  const { properties = {} } = sent;
  if (!isMapping(properties)) throw new InvalidField("properties");
  const uuid = fields.text("uuid") || null;
  if (uuid !== null && !UUID.test(uuid)) throw new InvalidField("uuid");
  const distinctId = idOf(sent.distinct_id ?? sent.$distinct_id ?? properties.distinct_id);
  if (distinctId === undefined) throw new InvalidField("distinct_id");
  return { event, distinctId, uuid: uuid && uuid.toLowerCase(), properties };
}

/** An id of any type, converted like in PostHog: its text, or else its JSON. */
export function idOf(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  return bounded(typeof value === "string" ? value : JSON.stringify(value)) || undefined;
}

/** A text for storage: truncated, and without U+0000. SQLite replaces lone surrogates itself. */
export function bounded(text: string): string {
  // A character has at most two code units, so the slice drops the rest of a huge text early.
  const characters = Array.from(text.slice(0, 2 * MAX_CHARACTERS)).slice(0, MAX_CHARACTERS);
  return characters.join("").replaceAll("\0", "\u{FFFD}");
}

function isDeeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isDeeperThan(inner, levels - 1));
}

/** An item of `GET /api/v1/events` of the local Arcade. */
export interface EventResponse {
  readonly sequence: number;
  readonly received_at: string;
  readonly api_key: string;
  readonly event: string;
  readonly distinct_id: string;
  readonly status: "accepted" | "refused";
  readonly reason: EventRefusal | null;
  /** The event as it was sent. */
  readonly payload: unknown;
}

/**
 * Why an event is refused:
 *
 * - `already-identified`: the alias has a profile, and PostHog does not merge it into another one
 * - `no-alias-yet`: an identified event of a user that no anonymous id has been linked to
 * - `needs-profile`: an alias without a profile, which PostHog drops
 */
export type EventRefusal = typeof EVENT_REFUSALS[number];
export const EVENT_REFUSALS = ["already-identified", "no-alias-yet", "needs-profile"] as const;
