/**
 * The detached child: finds out who an event speaks of, links that user first if need be, and sends the event. Nobody sees
 * what it does, and it ends in silence whatever goes wrong.
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

/** How long the coordinator may take to tell who is logged in (design, telemetry). */
const PRINCIPAL_MS = 2000;
/** The lock of the identity is held for writes only. */
const IDENTITY_LOCK_MS = 3000;
/** The lock of the alias is held while PostHog is asked. */
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
    // Silence is the contract.
  }
}

/** What is to be done, and the identity for which that was decided. */
interface Decision {
  readonly step: Step;
  readonly identity: TelemetryIdentity;
}

class Child {
  readonly #context: ChildContext;
  readonly #folder: string;
  readonly #project: PostHogProject;
  readonly #event: TelemetryEvent;
  /** Where it happened; read before anybody is asked anything, for then somebody else may be at the machine. */
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
      ? await this.#askWho(credentials)
      : stored;
    // Where there was no anonymous id yet, it is this one: by now somebody else may be at the machine.
    const event = { anonId: this.#event.anonId ?? identity.anonId, user };
    const step = nextStep(identity, event);
    const mustLink = step.kind === "link" || step.kind === "switch";
    await this.#send(mustLink ? await this.#link(event) : { step, identity });
  }

  /** Asks the coordinator of a login that does not say whose it is. */
  async #askWho(credentials: Credentials): Promise<CurrentUser> {
    const late = new Failure("network", "The coordinator takes too long");
    const deadline = new AbortController();
    const timer = setTimeout(() => deadline.abort(late), PRINCIPAL_MS);
    const context = { ...this.#context, timeoutMs: PRINCIPAL_MS, signal: deadline.signal };
    try {
      // The tokens of a login go to the coordinator that they are from, whatever the environment says.
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
   * Aliases the anonymous id to a user and stores the link, one process at a time. An alias that did not arrive is left to
   * a later command, and the event goes out under the anonymous id.
   */
  async #link(event: { anonId: string; user: CurrentUser }): Promise<Decision> {
    // A lock of its own, so that nobody who only needs the file waits for the network.
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

  /** Stores another identity, unless the one that it takes the place of is no longer there. */
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

  /** The event of a logout is sent as who was logged in, though the identity is another one by now. */
  async #sendLogout({ identity, principalId }: NonNullable<TelemetryEvent["endedLogin"]>) {
    const linked = identity.linkedPrincipalId;
    const user = principalId ?? linked;
    const isCurrent = () => true;
    if (user === undefined) {
      const anonymous = { distinctId: identity.anonId, isIdentified: false };
      return await this.#capture(anonymous, isCurrent);
    }
    // Somebody else than the anonymous id is linked to gets one of their own.
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

  /** Whether PostHog has decided about the alias, for or against it; otherwise it is worth another try. */
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

  /** Puts a request on record and sends it, if the identity is still the one that it speaks of. */
  #transmit(isCurrent: () => boolean, tell: (isDecided: boolean) => void): Transmit {
    return async (url, { method, headers, body, signal }) => {
      if (typeof body !== "string") throw new TypeError("A request of telemetry is a text");
      const sent_at = this.#context.now().toISOString();
      await keepSentEvent(this.#folder, { sent_at, url, body }, { isCurrent });
      const response = await this.#context.fetch(url, {
        method,
        headers,
        body,
        // To nobody else than the host that `arcade telemetry status` names.
        redirect: "manual",
        ...(signal && { signal }),
      });
      tell(isDecision(response));
      return response;
    };
  }
}

/**
 * PostHog says 200, or 400 to what it will never take. A page of HTML comes from something between here and PostHog, and
 * whoever says anything else did not look at the alias: 401 is about the key, 403 and 404 about the address.
 */
function isDecision({ status, headers }: Response): boolean {
  if (/html/i.test(headers.get("content-type") ?? "")) return false;
  return (status >= 200 && status < 300) || status === 400;
}

/** The event that the parent handed over; undefined when it is malformed. */
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
