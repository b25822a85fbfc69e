/** PostHog's own client, with every request passed through our own function. */

import { PostHog } from "posthog-js-lite";

/** Sends one request, or throws to prevent it. */
export type Transmit = (url: string, options: PostHogRequest) => Promise<Response>;
type PostHogRequest = Parameters<PostHog["fetch"]>[1];

export interface PostHogProject {
  readonly key: string;
  /** The address, without a final slash. */
  readonly host: string;
}

/** The identity that an event is sent as. */
export interface DistinctId {
  readonly distinctId: string;
  /** Whether PostHog keeps a person profile for it. */
  readonly isIdentified: boolean;
}

/** An event for PostHog. */
export interface CapturedEvent {
  readonly name: string;
  readonly properties: Readonly<Record<string, string | number>>;
  readonly timestamp: Date;
}

/** How long one attempt may take (docs/contracts.md, Telemetry). */
const CAPTURE_MS = 5000;
const ALIAS_MS = 2000;
const RETRIES = 1;
const RETRY_AFTER_MS = 500;

/** Sends one event as `POST {host}/batch/`, with one retry. */
export async function capture(
  project: PostHogProject,
  event: CapturedEvent,
  { transmit, ...person }: DistinctId & { readonly transmit: Transmit },
): Promise<void> {
  const client = new Client(project, { ...person, transmit, timeoutMs: CAPTURE_MS });
  client.capture(event.name, event.properties, { timestamp: event.timestamp });
  await client.shutdown();
}

/** Links an anonymous id to a principal with a `$create_alias` event. */
export async function alias(
  project: PostHogProject,
  { anonId, principalId }: { readonly anonId: string; readonly principalId: string },
  { transmit }: { readonly transmit: Transmit },
): Promise<void> {
  const anonymous = { distinctId: anonId, isIdentified: false };
  const client = new Client(project, { ...anonymous, transmit, timeoutMs: ALIAS_MS });
  client.alias(principalId);
  await client.shutdown();
}

class Client extends PostHog {
  readonly #transmit: Transmit;

  constructor(
    { key, host }: PostHogProject,
    { distinctId, isIdentified, transmit, timeoutMs }: DistinctId & {
      readonly transmit: Transmit;
      readonly timeoutMs: number;
    },
  ) {
    super(key, {
      host,
      // Prevents requests for sessions and feature flags, and profiles of anonymous users.
      bootstrap: { distinctId, isIdentifiedId: isIdentified },
      persistence: "memory",
      preloadFeatureFlags: false,
      disableRemoteConfig: true,
      personProfiles: "identified_only",
      flushAt: 1,
      fetchRetryCount: RETRIES,
      fetchRetryDelay: RETRY_AFTER_MS,
      requestTimeout: timeoutMs,
      // Sent events are recorded as they were sent, and one event is small.
      disableCompression: true,
      disableGeoip: true,
    });
    this.#transmit = transmit;
  }

  override fetch(url: string, options: PostHogRequest): Promise<Response> {
    return this.#transmit(url, options);
  }
}
