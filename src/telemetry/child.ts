/**
 * The detached child: resolves the distinct id of an event, aliases it first if needed, and sends the event. It has no
 * output, and ignores all errors on purpose.
 */

import { CLOUD_COORDINATOR } from "../hosts/cloud.ts";
import { requireInstallation } from "../hosts/urls.ts";
import type { HttpContext } from "../api/exchange.ts";
import type { PolicyContext } from "../system/policy.ts";
import type { Clock } from "../system/clock.ts";
import { Failure } from "../failure.ts";
import { Fields, InvalidField } from "../contract/fields.ts";
import { readCredentials } from "../store/credentials.ts";
import { withLock } from "../files/lock.ts";
import { withDeadline } from "../system/waiting.ts";
import {
  changeTelemetryIdentity,
  newTelemetryIdentity,
  readTelemetryIdentity,
  type TelemetryIdentity,
} from "./identity.ts";
import { CHILD_MS } from "../contract/entries.ts";
import type { CurrentUser, TelemetryEvent } from "./event.ts";
import { alias, capture, type DistinctId, type PostHogProject, type Transmit } from "./posthog.ts";
import { keepSentEvent } from "./sent_events.ts";
import { type TrackingContext, trackingOf } from "./tracking.ts";
import { nextStep } from "./waterfall.ts";

export interface ChildContext extends PolicyContext {
  readonly http: HttpContext;
  readonly env: TrackingContext["env"] & { readonly ARCADE_USAGE_EVENT_DATA?: string | undefined };
  readonly clock: Pick<Clock, "now">;
  readonly dropPermissions: (permissions: readonly ("run" | "sys")[]) => void;
}

/** Timeout of the whoami request to the coordinator (docs/contracts.md, Telemetry). */
const PRINCIPAL_MS = 2000;
/** The identity lock is held only during a write. */
const IDENTITY_LOCK_MS = 3000;
/** The alias lock is held during the request to PostHog. */
const ALIAS_LOCK_MS = CHILD_MS;

/** Sends the event in `ARCADE_USAGE_EVENT_DATA`. Never throws. */
export async function runTelemetryChild(context: ChildContext): Promise<void> {
  try {
    // The environment is kept: the parent chose it, and a socket needs it (src/api/socket_client.ts).
    context.dropPermissions(["run", "sys"]);
    const { env, files: { policyFile } } = context;
    const event = parseEvent(env.ARCADE_USAGE_EVENT_DATA);
    if (!event) return;
    const tracking = trackingOf({ env, files: { policyFile, folder: () => event.folder } });
    if (tracking.state === "on") await new Child(context, tracking, event).send();
  } catch {
    // Telemetry errors are ignored on purpose.
  }
}

class Child {
  readonly #context: ChildContext;
  readonly #folder: string;
  readonly #project: PostHogProject;
  readonly #event: TelemetryEvent;

  constructor(context: ChildContext, project: PostHogProject, event: TelemetryEvent) {
    this.#context = context;
    this.#folder = event.folder;
    this.#project = project;
    this.#event = event;
  }

  async send(): Promise<void> {
    const distinctId = await this.#distinctId();
    if (!distinctId) return;
    const { name, properties, timestamp } = this.#event;
    await capture(this.#project, { name, properties, timestamp: new Date(timestamp) }, {
      ...distinctId,
      transmit: (url, request) => this.#transmit(url, request),
    });
  }

  /** The distinct id of the event; undefined if it is unknown whose event it is. */
  async #distinctId(): Promise<DistinctId | undefined> {
    const identity = this.#event.identity ?? await this.#changeIdentity((current) => current);
    const { user } = this.#event;
    const step = nextStep(
      identity,
      user.kind === "unknown" ? await this.#fetchUser(identity) : user,
    );
    switch (step.kind) {
      case "drop":
        return undefined;
      case "anonymous":
        return { distinctId: identity.anonId, isIdentified: false };
      case "principal":
        return { distinctId: step.principalId, isIdentified: true };
      case "link":
        return await this.#link(identity, step.principalId);
    }
  }

  /** Asks the coordinator for the principal of a login that does not store it. */
  async #fetchUser(identity: TelemetryIdentity): Promise<CurrentUser> {
    const late = () => new Failure("network", "The coordinator took too long");
    const limit = { milliseconds: PRINCIPAL_MS, late };
    try {
      return await withDeadline(limit, (signal) => this.#userOfLogin(identity, signal));
    } catch {
      return { kind: "unknown" };
    }
  }

  async #userOfLogin(identity: TelemetryIdentity, signal: AbortSignal): Promise<CurrentUser> {
    const http = { ...this.#context.http, timeoutMs: () => PRINCIPAL_MS, signal };
    const credentials = await readCredentials(this.#folder, this.#event.contextName);
    // After a logout, these would be the credentials of another user.
    if (!credentials || this.#identityNow().anonId !== identity.anonId) return { kind: "unknown" };
    // The tokens of a login go only to the coordinator that issued them, not to the one in the environment.
    const coordinator = credentials.coordinatorUrl ?? CLOUD_COORDINATOR;
    const [{ fetchAccount, fetchPrincipalOfApiKey }, { httpOfLogin }] = await Promise.all([
      import("../api/coordinator.ts"),
      import("../api/reach.ts"),
    ]);
    switch (credentials.kind) {
      case "oauth": {
        requireInstallation(credentials, coordinator);
        const files = { folder: () => this.#folder };
        const reaching = await httpOfLogin({ http, files }, credentials);
        const { id } = await fetchAccount(reaching, coordinator, credentials.accessToken);
        return id === "" ? { kind: "unknown" } : { kind: "known", principalId: id };
      }
      case "legacy": {
        const { apiKey } = credentials;
        const principalId = await fetchPrincipalOfApiKey(http, coordinator, apiKey);
        return { kind: "known", principalId };
      }
    }
  }

  /**
   * Aliases the anonymous id to a user and stores the link, one process at a time. If the alias fails, the event is sent
   * under the anonymous id, and a later command retries the alias.
   */
  async #link(identity: TelemetryIdentity, principalId: string): Promise<DistinctId | undefined> {
    // A separate lock, so that processes that only need the file do not wait for the network.
    return await withLock(this.#folder, ".usage-alias.lock", async () => {
      const principal = { distinctId: principalId, isIdentified: true };
      const current = this.#event.isLogout ? identity : this.#identityNow();
      if (current.linkedPrincipalId === principalId) return principal;
      // Another process logged out, and may have linked this anonymous id to another user.
      if (current.anonId !== identity.anonId) return undefined;
      const isLinked = current.linkedPrincipalId !== undefined;
      const unlinked = isLinked ? newTelemetryIdentity() : current;
      if (isLinked) await this.#replaceIdentity(current, unlinked);
      const { anonId } = unlinked;
      if (!await this.#sendAlias(anonId, principalId)) {
        return { distinctId: anonId, isIdentified: false };
      }
      await this.#replaceIdentity(unlinked, { anonId, linkedPrincipalId: principalId });
      return principal;
    }, { timeoutMs: ALIAS_LOCK_MS });
  }

  #identityNow(): TelemetryIdentity {
    const identity = readTelemetryIdentity(this.#folder);
    if (!identity) throw new Error("The identity is gone");
    return identity;
  }

  /** Replaces the stored identity, unless it has changed since. */
  async #replaceIdentity(previous: TelemetryIdentity, next: TelemetryIdentity): Promise<void> {
    await this.#changeIdentity((current) => current.anonId === previous.anonId ? next : current);
  }

  async #changeIdentity(
    change: (current: TelemetryIdentity) => TelemetryIdentity,
  ): Promise<TelemetryIdentity> {
    const options = { timeoutMs: IDENTITY_LOCK_MS };
    return (await changeTelemetryIdentity(this.#folder, change, options)).after;
  }

  /** Whether PostHog accepted or rejected the alias; otherwise it can be retried. */
  async #sendAlias(anonId: string, principalId: string): Promise<boolean> {
    let isDecided = false;
    await alias(this.#project, { anonId, principalId }, {
      transmit: async (url, request) => {
        const response = await this.#transmit(url, request);
        isDecided ||= isDecision(response);
        return response;
      },
    });
    return isDecided;
  }

  /** Records a request and sends it. */
  async #transmit(
    url: string,
    { method, headers, body, signal }: Parameters<Transmit>[1],
  ): Promise<Response> {
    if (typeof body !== "string") throw new TypeError("A request of telemetry is a text");
    const sent_at = this.#context.clock.now().toISOString();
    await keepSentEvent(this.#folder, { sent_at, url, body });
    return await this.#context.http.fetch(url, {
      method,
      headers,
      body,
      // Only to the host that `arcade telemetry status` shows.
      redirect: "manual",
      ...(signal && { signal }),
    });
  }
}

/**
 * Whether a response decides about an alias. PostHog answers 200, or 400 for an alias that it will never accept. HTML comes
 * from a proxy. Other statuses are about the key (401) or the address (403, 404).
 */
function isDecision({ status, headers }: Response): boolean {
  if (/html/i.test(headers.get("content-type") ?? "")) return false;
  return (status >= 200 && status < 300) || status === 400;
}

/** The event from the parent process; undefined when it is malformed. */
function parseEvent(text = ""): TelemetryEvent | undefined {
  try {
    const event = new Fields({ event: JSON.parse(text) }).requiredFields("event");
    const identity = event.fields("identity");
    return {
      name: event.requiredText("name"),
      properties: propertiesOf(event.requiredFields("properties")),
      timestamp: event.requiredInteger("timestamp"),
      folder: event.requiredText("folder"),
      identity: identity && {
        anonId: identity.requiredText("anonId"),
        linkedPrincipalId: identity.text("linkedPrincipalId"),
      },
      user: userOf(event.requiredFields("user")),
      contextName: event.text("contextName"),
      isLogout: event.mapping.isLogout === true,
    };
  } catch {
    return undefined;
  }
}

function propertiesOf(fields: Fields): Record<string, string | number> {
  return Object.fromEntries(
    Object.entries(fields.mapping).map(([name, value]) => {
      if (typeof value !== "string" && typeof value !== "number") {
        throw new InvalidField(fields.pathOf(name));
      }
      return [name, value];
    }),
  );
}

function userOf(fields: Fields): CurrentUser {
  const kind = fields.requiredText("kind");
  switch (kind) {
    case "known":
      return { kind, principalId: fields.requiredText("principalId") };
    case "logged-out":
    case "unknown":
      return { kind };
    default:
      throw new InvalidField(fields.pathOf("kind"));
  }
}
