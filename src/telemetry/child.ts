/**
 * The detached child: resolves the distinct id of an event, aliases it first if needed, and sends the event. It has no
 * output, and ignores all errors on purpose.
 */

import { CLOUD_COORDINATOR } from "../cloud.ts";
import { fetchAccount, fetchPrincipalOfApiKey } from "../api/coordinator.ts";
import type { HttpContext } from "../api/exchange.ts";
import { Failure } from "../failure.ts";
import { Fields, InvalidField } from "../fields.ts";
import { type Credentials } from "../store/credentials.ts";
import { withLock } from "../store/lock.ts";
import {
  changeTelemetryIdentity,
  newTelemetryIdentity,
  readTelemetryIdentity,
  type TelemetryIdentity,
} from "./identity.ts";
import { CHILD_MS, type EventProperties, type TelemetryEvent } from "./event.ts";
import { type CurrentUser, readStoredUser } from "./user.ts";
import { alias, capture, type PostHogProject, type Transmit } from "./posthog.ts";
import { keepSentEvent } from "./sent_events.ts";
import { type TrackingEnvironment, trackingOf } from "./tracking.ts";
import { nextStep, type Step } from "./waterfall.ts";

export interface ChildContext extends HttpContext {
  readonly env: TrackingEnvironment & { readonly ARCADE_USAGE_EVENT_DATA?: string | undefined };
  readonly now: () => Date;
  readonly dropPermissions: (permissions: readonly ("run" | "env" | "sys")[]) => void;
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
    context.dropPermissions(["run", "env", "sys"]);
    const event = parseEvent(context.env.ARCADE_USAGE_EVENT_DATA);
    if (!event) return;
    const tracking = trackingOf({ env: context.env, folder: () => event.folder });
    if (tracking.state === "on") await new Child(context, tracking, event).send();
  } catch {
    // Telemetry errors are ignored on purpose.
  }
}

/** The next step, and the identity that it was decided for. */
interface Decision {
  readonly step: Step;
  readonly identity: TelemetryIdentity;
}

class Child {
  readonly #context: ChildContext;
  readonly #folder: string;
  readonly #project: PostHogProject;
  readonly #event: TelemetryEvent;
  /** The active organization and project, read before any network call because the login can change meanwhile. */
  #activeProject: EventProperties = {};

  constructor(context: ChildContext, project: PostHogProject, event: TelemetryEvent) {
    this.#context = context;
    this.#folder = event.folder;
    this.#project = project;
    this.#event = event;
  }

  async send(): Promise<void> {
    const { endedLogin } = this.#event;
    if (endedLogin) return await this.#sendLogout(endedLogin);
    const { after: identity } = await changeTelemetryIdentity(
      this.#folder,
      (current) => current,
      { timeoutMs: IDENTITY_LOCK_MS },
    );
    const { user: stored, activeProject, credentials } = await readStoredUser(this.#folder);
    this.#activeProject = activeProject;
    const user = stored.kind === "unknown" && credentials
      ? await this.#fetchUser(credentials)
      : stored;
    // A command without an anonymous id gets this one, because the identity can change from here on.
    const event = { anonId: this.#event.anonId ?? identity.anonId, user };
    const step = nextStep(identity, event);
    const mustLink = step.kind === "link" || step.kind === "switch";
    await this.#send(mustLink ? await this.#link(event) : { step, identity });
  }

  /** Asks the coordinator for the principal of a login that does not store it. */
  async #fetchUser(credentials: Credentials): Promise<CurrentUser> {
    const late = new Failure("network", "The coordinator takes too long");
    const deadline = new AbortController();
    const timer = setTimeout(() => deadline.abort(late), PRINCIPAL_MS);
    const context = { ...this.#context, timeoutMs: PRINCIPAL_MS, signal: deadline.signal };
    try {
      // The tokens of a login go only to the coordinator that issued them, not to the one in the environment.
      const coordinator = credentials.coordinatorUrl ?? CLOUD_COORDINATOR;
      switch (credentials.kind) {
        case "oauth": {
          const { id } = await fetchAccount(context, coordinator, credentials.accessToken);
          return id === "" ? { kind: "unknown" } : { kind: "known", principalId: id };
        }
        case "legacy": {
          const { apiKey } = credentials;
          const principalId = await fetchPrincipalOfApiKey(context, coordinator, apiKey);
          return { kind: "known", principalId };
        }
      }
    } catch {
      return { kind: "unknown" };
    } finally {
      clearTimeout(timer);
    }
  }

  /**
   * Aliases the anonymous id to a user and stores the link, one process at a time. If the alias fails, the event is sent
   * under the anonymous id, and a later command retries the alias.
   */
  async #link(event: { anonId: string; user: CurrentUser }): Promise<Decision> {
    // A separate lock, so that processes that only need the file do not wait for the network.
    return await withLock(this.#folder, ".usage-alias.lock", async () => {
      let identity = this.#identityNow();
      let step = nextStep(identity, event);
      if (step.kind === "switch") {
        const previous = identity;
        const { after } = await this.#replace(previous, newTelemetryIdentity());
        if (after.anonId === previous.anonId) return { step: { kind: "drop" }, identity };
        identity = after;
        step = nextStep(identity, { ...event, anonId: identity.anonId });
      }
      if (step.kind !== "link") return { step, identity };
      const { principalId } = step;
      const isCurrent = () => this.#identityNow().anonId === identity.anonId;
      if (!await this.#sendAlias(identity.anonId, { principalId, isCurrent })) {
        return { step: { kind: "anonymous" }, identity };
      }
      const linked = { anonId: identity.anonId, linkedPrincipalId: principalId };
      const { after } = await this.#replace(identity, linked);
      const isLinked = after.linkedPrincipalId === principalId;
      return { step: isLinked ? { kind: "principal", principalId } : { kind: "drop" }, identity };
    }, { timeoutMs: ALIAS_LOCK_MS });
  }

  /** Replaces the stored identity, unless it has changed since. */
  #replace(previous: TelemetryIdentity, next: TelemetryIdentity) {
    return changeTelemetryIdentity(
      this.#folder,
      (current) => current.anonId === previous.anonId ? next : current,
      { timeoutMs: IDENTITY_LOCK_MS },
    );
  }

  async #send({ step, identity }: Decision): Promise<void> {
    switch (step.kind) {
      case "drop":
      case "link":
      case "switch":
        return;
      case "anonymous": {
        const { anonId } = identity;
        const isCurrent = () => this.#identityNow().anonId === anonId;
        return await this.#capture({ distinctId: anonId, isIdentified: false }, isCurrent);
      }
      case "principal": {
        const { principalId } = step;
        const isCurrent = () => this.#identityNow().linkedPrincipalId === principalId;
        return await this.#capture({ distinctId: principalId, isIdentified: true }, isCurrent);
      }
    }
  }

  /** Sends the event of a logout as the user who was logged in, although the identity has been replaced. */
  async #sendLogout({ identity, principalId }: NonNullable<TelemetryEvent["endedLogin"]>) {
    const linked = identity.linkedPrincipalId;
    const user = principalId ?? linked;
    const isCurrent = () => true;
    if (user === undefined) {
      const anonymous = { distinctId: identity.anonId, isIdentified: false };
      return await this.#capture(anonymous, isCurrent);
    }
    // A user other than the linked one gets a new anonymous id.
    const own = linked === undefined ? identity : newTelemetryIdentity();
    const isLinked = user === linked || await this.#sendAlias(own.anonId, {
      principalId: user,
      isCurrent,
    });
    await this.#capture(
      isLinked
        ? { distinctId: user, isIdentified: true }
        : { distinctId: own.anonId, isIdentified: false },
      isCurrent,
    );
  }

  #identityNow(): TelemetryIdentity {
    const identity = readTelemetryIdentity(this.#folder);
    if (!identity) throw new Error("The identity is gone");
    return identity;
  }

  async #capture(
    user: { readonly distinctId: string; readonly isIdentified: boolean },
    isCurrent: () => boolean,
  ): Promise<void> {
    const { name, timestamp } = this.#event;
    const properties = { ...this.#event.properties, ...this.#activeProject };
    const transmit = this.#transmit(isCurrent, () => {});
    await capture(this.#project, { name, properties, timestamp: new Date(timestamp) }, {
      ...user,
      transmit,
    });
  }

  /** Whether PostHog accepted or rejected the alias; otherwise it can be retried. */
  async #sendAlias(
    anonId: string,
    { principalId, isCurrent }: {
      readonly principalId: string;
      readonly isCurrent: () => boolean;
    },
  ): Promise<boolean> {
    let isDecided = false;
    const transmit = this.#transmit(isCurrent, (decided) => isDecided ||= decided);
    await alias(this.#project, { anonId, principalId }, { transmit });
    return isDecided;
  }

  /** Records a request and sends it, if the identity is unchanged. */
  #transmit(isCurrent: () => boolean, onDecision: (isDecided: boolean) => void): Transmit {
    return async (url, { method, headers, body, signal }) => {
      if (typeof body !== "string") throw new TypeError("A request of telemetry is a text");
      const sent_at = this.#context.now().toISOString();
      await keepSentEvent(this.#folder, { sent_at, url, body }, { isCurrent });
      const response = await this.#context.fetch(url, {
        method,
        headers,
        body,
        // Only to the host that `arcade telemetry status` shows.
        redirect: "manual",
        ...(signal && { signal }),
      });
      onDecision(isDecision(response));
      return response;
    };
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
    const ended = event.fields("endedLogin");
    return {
      name: event.requiredText("name"),
      properties: propertiesOf(event.requiredFields("properties")),
      timestamp: event.requiredInteger("timestamp"),
      folder: event.requiredText("folder"),
      anonId: event.text("anonId"),
      endedLogin: ended && {
        identity: identityOf(ended.requiredFields("identity")),
        principalId: ended.text("principalId"),
      },
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

function identityOf(fields: Fields): TelemetryIdentity {
  return {
    anonId: fields.requiredText("anonId"),
    linkedPrincipalId: fields.text("linkedPrincipalId"),
  };
}
