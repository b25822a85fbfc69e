/**
 * The grants of users: an application asks for an authorization, the user decides on a page, and tools then get a token. All
 * providers are fake, so every provider exists.
 */

import type { Mapping } from "../../contract/fields.ts";
import type { AuthorizationResponse } from "../../contract/grants.ts";
import type { AuthorizationRequirement } from "../../contract/tools.ts";
import { Sensitive } from "../../secrecy/sensitive.ts";
import type { Grant, Grants } from "../calls/grants.ts";
import type { Authorization, Authorizations } from "../model/authorizations.ts";
import {
  type Connection,
  type Connections,
  type Granting,
  type Place,
  union,
} from "../model/connections.ts";
import type { Providers } from "../model/providers.ts";
import type { Waiters } from "./waiters.ts";

/** What grants need. */
export interface GrantSurroundings {
  readonly connections: Connections;
  readonly authorizations: Authorizations;
  readonly providers: Providers;
  readonly waiters: Waiters;
  /** Whether every grant is given at once, without a page. */
  readonly autoGrant: boolean;
  readonly now: () => Date;
}

/** The result of a user's decision. */
export type Decision = "completed" | "failed" | "unconfirmed" | "mismatch" | "late";

export class UserGrants implements Grants {
  readonly connections: Connections;
  readonly authorizations: Authorizations;
  readonly providers: Providers;
  readonly #waiters: Waiters;
  readonly #autoGrant: boolean;
  readonly #now: () => Date;

  constructor(surroundings: GrantSurroundings) {
    this.connections = surroundings.connections;
    this.authorizations = surroundings.authorizations;
    this.providers = surroundings.providers;
    this.#waiters = surroundings.waiters;
    this.#autoGrant = surroundings.autoGrant;
    this.#now = surroundings.now;
  }

  inactiveProvider(
    projectId: string,
    requirement: AuthorizationRequirement,
  ): string | undefined {
    const provider = this.providerOf(projectId, requirement);
    return this.providers.isInactive(projectId, provider) ? provider : undefined;
  }

  statusOf(
    projectId: string,
    userId: string,
    requirement: AuthorizationRequirement,
  ): Grant["status"] {
    return this.#standing(projectId, userId, requirement).status;
  }

  async grantFor(
    projectId: string,
    userId: string,
    requirement: AuthorizationRequirement,
  ): Promise<Grant> {
    const { status, place, covering } = this.#standing(projectId, userId, requirement);
    if (status !== "completed") return { status };
    const connection = covering ?? await this.grant(place, { scopes: scopesOf(requirement) });
    const token = new Sensitive(await this.connections.tokenOf(connection));
    return { status, token, user_info: userInfo(userId) };
  }

  /** The status of the grant that a tool requires from a user, and the connection that covers it. */
  #standing(
    projectId: string,
    userId: string,
    requirement: AuthorizationRequirement,
  ): {
    readonly status: Grant["status"];
    readonly place: Place;
    readonly covering?: Connection;
  } {
    const place = { projectId, userId, providerId: this.providerOf(projectId, requirement) };
    if (this.providers.isInactive(projectId, place.providerId)) {
      return { status: "not_started", place };
    }
    const found = this.connections.at(place);
    if (this.connections.covers(found, scopesOf(requirement))) {
      return { status: "completed", place, covering: found };
    }
    if (this.#autoGrant) return { status: "completed", place };
    const asked = this.authorizations.newest(place)?.status;
    if (asked === "failed") return { status: "failed", place };
    const isPending = asked === "pending" || asked === "allowed";
    return { status: isPending ? "pending" : "not_started", place };
  }

  /** The provider that a requirement means. */
  providerOf(projectId: string, { id, provider_id }: AuthorizationRequirement): string {
    return this.providers.resolve(projectId, { id: id || undefined, kind: provider_id || "" });
  }

  /** Requests the grant for a requirement. It is completed at once if the user has already granted it. */
  async authorize(
    { projectId, userId, nextUri }: Pick<Authorization, "projectId" | "nextUri"> & {
      readonly userId: string;
    },
    requirement: AuthorizationRequirement,
  ): Promise<Authorization> {
    const place = { projectId, userId, providerId: this.providerOf(projectId, requirement) };
    const scopes = scopesOf(requirement);
    const before = this.connections.at(place);
    const wanted = { ...place, scopes: union(before?.scopes ?? [], scopes), nextUri };
    if (!this.connections.covers(before, scopes)) {
      if (!this.#autoGrant) return this.authorizations.ask(wanted, "pending");
      await this.grant(place, { scopes });
    }
    return this.authorizations.ask(wanted, "completed");
  }

  /** The authorization for a tool that needs none. */
  authorizeNothing(projectId: string, userId: string | undefined): Authorization {
    const wanted = { projectId, userId, providerId: undefined, scopes: [], nextUri: undefined };
    return this.authorizations.ask(wanted, "completed");
  }

  /** Grants, and completes the authorizations that this covers. */
  async grant(place: Place, granting: Granting): Promise<Connection> {
    const connection = await this.connections.grant(place, granting);
    for (const one of this.authorizations.waiting(place)) {
      if (!this.connections.covers(connection, one.scopes)) continue;
      if (this.authorizations.decide(one, "completed")) this.#waiters.wake(one.id);
    }
    return connection;
  }

  /**
   * Processes the user's decision on the page.
   *
   * @param options.isAllowed whether they allow it, and for how many seconds.
   * @param options.as the e-mail address that they are signed in with.
   */
  async decide(
    authorization: Authorization,
    { isAllowed, seconds, as }: {
      readonly isAllowed: boolean;
      readonly seconds?: number | undefined;
      readonly as: string;
    },
  ): Promise<Decision> {
    if (authorization.status !== "pending") return "late";
    if (!isAllowed) return this.authorizations.decide(authorization, "failed") ? "failed" : "late";
    const { verifier_url, unsafe_skip_verification } = this.providers.verificationOf(
      authorization.projectId,
    );
    if (verifier_url !== null && !unsafe_skip_verification) {
      const isTaken = this.authorizations.decide(authorization, "allowed", seconds);
      return isTaken ? "unconfirmed" : "late";
    }
    if (!unsafe_skip_verification && !isSameUser(as, authorization.userId)) return "mismatch";
    await this.#fulfill({ ...authorization, seconds });
    return "completed";
  }

  /**
   * Processes the confirmation of an application that knows the user of the browser.
   *
   * @returns the authorization if it is completed now; `mismatch` for another user; undefined when none waits for it.
   */
  async confirm(
    { projectId, flowId, userId }: Readonly<Record<"projectId" | "flowId" | "userId", string>>,
  ): Promise<Authorization | "mismatch" | undefined> {
    const found = this.authorizations.ofFlow(flowId);
    if (found?.projectId !== projectId || found.status !== "allowed") return undefined;
    if (userId !== found.userId) return "mismatch";
    await this.#fulfill(found);
    return found;
  }

  /**
   * An authorization as it is now.
   *
   * @param pageOf the address of the page of a flow.
   */
  async show(
    authorization: Authorization,
    pageOf: (flowId: string) => string,
  ): Promise<AuthorizationResponse> {
    const { id, projectId, userId, providerId, scopes, status, flowId } = authorization;
    const about = {
      id,
      scopes,
      ...(providerId === undefined ? {} : { provider_id: providerId }),
      ...(userId === undefined ? {} : { user_id: userId }),
    };
    if (status === "failed") return { ...about, status };
    if (status !== "completed") return { ...about, status: "pending", url: pageOf(flowId) };
    if (providerId === undefined || userId === undefined) return { ...about, status };
    const connection = this.connections.at({ projectId, userId, providerId });
    // It may have been revoked since, or expired.
    if (!this.connections.covers(connection, scopes)) return { ...about, status: "failed" };
    const token = await this.connections.tokenOf(connection);
    return { ...about, status, context: { token, user_info: userInfo(userId) } };
  }

  inSeconds(seconds: number): Date {
    return new Date(this.#now().getTime() + seconds * 1000);
  }

  /** Grants what a user has allowed. */
  async #fulfill({ projectId, userId, providerId, scopes, seconds }: Authorization): Promise<void> {
    if (userId === undefined || providerId === undefined) return;
    const expiresAt = seconds === undefined ? undefined : this.inSeconds(seconds);
    await this.grant({ projectId, userId, providerId }, { scopes, expiresAt });
  }
}

/** The scopes that a requirement asks for, in alphabetical order. */
export function scopesOf({ oauth2 }: AuthorizationRequirement): string[] {
  return union(oauth2?.scopes ?? [], []);
}

/** The data of the fake provider about a user. */
export function userInfo(userId: string): Mapping {
  return { sub: userId };
}

/** Whether an account has the user's e-mail address, as Arcade's page requires. */
function isSameUser(email: string, userId: string | undefined): boolean {
  return email.toLowerCase() === userId?.toLowerCase();
}
