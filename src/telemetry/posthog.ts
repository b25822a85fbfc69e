/** PostHog's own client, of which every request passes through our hands. */

import { PostHog } from "posthog-js-lite";

/** Sends one request. Throws to keep it from being sent. */
export type Transmit = (url: string, options: PostHogRequest) => Promise<Response>;
type PostHogRequest = Parameters<PostHog["fetch"]>[1];

export interface PostHogProject {
  readonly key: string;
  /** The address, without a final slash. */
  readonly host: string;
}

/** Who an event is sent as. */
export interface DistinctId {
  readonly distinctId: string;
  /** Whether it is a person with a profile. */
  readonly isIdentified: boolean;
}

/** An event as PostHog takes it. */
export interface CapturedEvent {
  readonly name: string;
  readonly properties: Readonly<Record<string, string | number>>;
  readonly timestamp: Date;
}

/** How long one attempt may take (design, telemetry). */
const CAPTURE_MS = 5000;
const ALIAS_MS = 2000;
const RETRIES = 1;
const RETRY_AFTER_MS = 500;

/** Sends one event; it makes one `POST {host}/batch/`, and one more where that fails. */
export async function capture(
  project: PostHogProject,
  event: CapturedEvent,
  { transmit, ...person }: DistinctId & { readonly transmit: Transmit },
): Promise<void> {
  const client = new Client(project, { ...person, transmit, timeoutMs: CAPTURE_MS });
  client.capture(event.name, event.properties, { timestamp: event.timestamp });
  await client.shutdown();
}

/** Joins an anonymous id and a principal; the event is `$create_alias`. */
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
      // Otherwise the client asks for a session of its own, for flags, and makes profiles of anonymous people.
      bootstrap: { distinctId, isIdentifiedId: isIdentified },
      persistence: "memory",
      preloadFeatureFlags: false,
      disableRemoteConfig: true,
      personProfiles: "identified_only",
      flushAt: 1,
      fetchRetryCount: RETRIES,
      fetchRetryDelay: RETRY_AFTER_MS,
      requestTimeout: timeoutMs,
      // What is sent is kept as it was sent, and one event is small.
      disableCompression: true,
      disableGeoip: true,
    });
    this.#transmit = transmit;
  }

  override fetch(url: string, options: PostHogRequest): Promise<Response> {
    return this.#transmit(url, options);
  }
}
