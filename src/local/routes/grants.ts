/** Authorizations of users, their connections to providers, and the providers. */

import { type Context, Hono } from "hono";
import {
  authorizeRequest,
  authorizeToolRequest,
  confirmUserRequest,
  type ConfirmUserResponse,
  grantRequest,
  isScope,
  providerPatch,
  providerRequest,
  type ProviderResponse,
  type ProviderSettings,
  type UserConnectionResponse,
  verificationRequest,
} from "../../contract/grants.ts";
import type { AuthorizationRequirement } from "../../contract/tools.ts";
import { ApiError } from "../api_error.ts";
import { ownOrigin } from "../own_origin.ts";
import { ASSUMED } from "../assumptions.ts";
import { jsonBody } from "../body.ts";
import { requirementsIn } from "../grants/requirements.ts";
import { scopesOf, userInfo } from "../grants/user_grants.ts";
import type { Caller, CallerOf } from "../authentication.ts";
import { pageOf } from "../list_page.ts";
import type { Services } from "../services.ts";
import { hashOf } from "../model/opaque.ts";
import type { Authorization } from "../model/authorizations.ts";
import type { Connection } from "../model/connections.ts";
import type { Provider } from "../model/providers.ts";
import { grantAddress } from "../pages/grant.ts";

/** The longest wait for a decision. */
const MAX_WAIT_SECONDS = 59;

export function grantRoutes(services: Services, callerOf: CallerOf): Hono {
  const app = new Hono();
  addAuthorizations(app, services, callerOf);
  addConnections(app, services, callerOf);
  addProviders(app, services, callerOf);
  return app;
}

function addAuthorizations(app: Hono, services: Services, callerOf: CallerOf): void {
  const { calls, grants, waiters, stopping } = services;

  app.post("/tools/authorize", async (c) => {
    const caller = callerOf(c);
    const { tool_name, tool_version, user_id, next_uri } = await jsonBody(c, authorizeToolRequest);
    const { projectId } = caller;
    const { tool } = await calls.find({ projectId, tool: tool_name, version: tool_version });
    const requirement = tool.requirements.authorization;
    const authorization = requirement
      ? await ask(caller, requirement, { userId: user_id, nextUri: next_uri })
      : grants.authorizeNothing(projectId, user_id ?? caller.userId);
    return await answer(c, authorization);
  });

  app.post("/auth/authorize", async (c) => {
    const caller = callerOf(c);
    const { user_id, next_uri, auth_requirement } = await jsonBody(c, authorizeRequest);
    const asked = await ask(caller, auth_requirement, { userId: user_id, nextUri: next_uri });
    return await answer(c, asked);
  });

  async function ask(
    caller: Caller,
    requirement: AuthorizationRequirement,
    { userId = caller.userId, nextUri }: {
      readonly userId: string | undefined;
      readonly nextUri: string | undefined;
    },
  ): Promise<Authorization> {
    const { projectId } = caller;
    if (userId === undefined) throw noUser();
    const inactive = grants.inactiveProvider(projectId, requirement);
    if (inactive !== undefined) throw new ApiError(400, `The provider ${inactive} is inactive`);
    return await grants.authorize({ projectId, userId, nextUri }, requirement);
  }

  app.get("/auth/status", async (c) => {
    const { projectId } = callerOf(c);
    const id = c.req.query("id") ?? "";
    const seconds = waitOf(c);
    const authorization = grants.authorizations.find(projectId, id);
    if (authorization === undefined) throw new ApiError(404, "No such authorization");
    const now = await show(c, authorization);
    // The SDKs immediately ask again after any other status, including `failed`.
    if (now.status === "completed" || seconds === 0) return c.json(now);
    if (waiters.isFull) {
      const headers = { "retry-after": "5" };
      throw new ApiError(429, "Too many requests are waiting for a decision", { headers });
    }
    return laterJson(c, async (left) => {
      const current = () => grants.authorizations.find(projectId, id);
      // It may have been decided before the body is read.
      if (current()?.status !== "completed") {
        await waiters.wait(id, { milliseconds: seconds * 1000, signals: [left, stopping] });
      }
      // It is gone if a thousand others were requested in the meantime.
      const after = current();
      return after ? await show(c, after) : now;
    });
  });

  app.post("/auth/confirm_user", (c) => confirmUser(c, services, callerOf));

  app.get("/admin/settings/session_verification", (c) => {
    return c.json(grants.providers.verificationOf(callerOf(c).projectId));
  });

  app.put("/admin/settings/session_verification", async (c) => {
    const { projectId } = callerOf(c);
    grants.providers.setVerification(projectId, await jsonBody(c, verificationRequest));
    return c.json(grants.providers.verificationOf(projectId));
  });

  const show = (c: Context, authorization: Authorization) =>
    grants.show(authorization, (flowId) => grantAddress(ownOrigin(c), flowId));
  const answer = async (c: Context, authorization: Authorization) =>
    c.json(await show(c, authorization));
}

/**
 * A response whose JSON comes later. Its headers are sent at once, because the runtime reports only through the body when a
 * client disconnects; the signal of the request would also be aborted by every response.
 */
function laterJson(c: Context, work: (left: AbortSignal) => Promise<unknown>): Response {
  const left = new AbortController();
  const body = new ReadableStream({
    async pull(controller) {
      const json = JSON.stringify(await work(left.signal));
      if (left.signal.aborted) return;
      controller.enqueue(new TextEncoder().encode(json));
      controller.close();
    },
    cancel() {
      left.abort();
    },
  });
  return c.body(body, 200, { "content-type": "application/json" });
}

/** Takes the confirmation of a custom verifier. */
export async function confirmUser(
  c: Context,
  { grants }: Services,
  callerOf: CallerOf,
): Promise<Response> {
  const { projectId } = callerOf(c);
  const { flow_id, user_id } = await jsonBody(c, confirmUserRequest);
  const confirmed = await grants.confirm({ projectId, flowId: flow_id, userId: user_id });
  if (confirmed === undefined) {
    throw new ApiError(404, "No authorization with this flow_id is waiting for confirmation");
  }
  if (confirmed === "mismatch") {
    const msg = "The authorization was requested for another user";
    const body = { name: "user_mismatch", message: msg };
    return c.json({ ...body, code: 400, error: "user_mismatch", msg }, 400);
  }
  const { id, nextUri } = confirmed;
  const answer: ConfirmUserResponse = {
    auth_id: id,
    ...(nextUri === undefined ? {} : { next_uri: nextUri }),
  };
  return c.json(answer);
}

/** The seconds that a request waits. */
function waitOf(c: Context): number {
  const text = c.req.query("wait") || "0";
  const seconds = /^\d{1,3}$/.test(text) ? Number(text) : Infinity;
  if (seconds <= MAX_WAIT_SECONDS) return seconds;
  throw new ApiError(400, `The parameter wait must be a number from 0 to ${MAX_WAIT_SECONDS}`);
}

function noUser(): ApiError {
  const message = "user_id is required with an API key";
  return new ApiError(400, message, {
    fieldErrors: [{ field: "user_id", rule: "required", message }],
  });
}

function addConnections(app: Hono, { calls, grants }: Services, callerOf: CallerOf): void {
  const path = "/admin/user_connections";

  app.get(path, (c) => {
    const { projectId } = callerOf(c);
    // arcadepy writes the filters with brackets.
    const filter = (name: string) => c.req.query(`${name}_id`) ?? c.req.query(`${name}[id]`);
    const provider = filter("provider");
    const found = grants.connections.of(projectId, {
      userId: filter("user"),
      providerId: provider && grants.providerOf(projectId, { provider_id: provider }),
    });
    return c.json(pageOf(c, found.map(response)));
  });

  app.post(path, async (c) => {
    const { projectId } = callerOf(c);
    const { user_id, provider_id, scopes, token, expires_in } = await jsonBody(c, grantRequest);
    const providerId = grants.providerOf(projectId, { provider_id });
    const needed = async () =>
      (await requirementsIn(calls, projectId))
        .filter((one) => grants.providerOf(projectId, one) === providerId).flatMap(scopesOf);
    const granted = await grants.grant({ projectId, userId: user_id, providerId }, {
      scopes: scopes ?? await needed(),
      token,
      expiresAt: expires_in === undefined ? undefined : grants.inSeconds(expires_in),
    });
    return c.json(response(granted), 201);
  });

  app.delete(`${path}/:id`, async (c) => {
    const { projectId } = callerOf(c);
    const found = grants.connections.find(c.req.param("id"));
    if (found?.projectId !== projectId) throw new ApiError(404, "No such connection");
    const scopes = c.req.queries("scope") ?? [];
    if (!scopes.every(isScope)) throw new ApiError(400, "The parameter scope must be a scope");
    await grants.connections.revoke(found, scopes);
    return c.body(null, 204);
  });

  const response = (connection: Connection): UserConnectionResponse => {
    const { id, providerId, userId, scopes, expiresAt } = connection;
    return {
      id,
      connection_id: id,
      connection_status: grants.connections.hasExpired(connection)
        ? ASSUMED.connectionStatus.expired
        : ASSUMED.connectionStatus.active,
      provider_id: providerId,
      provider_type: "oauth2",
      provider_description: FAKE,
      provider_user_info: userInfo(userId),
      scopes,
      user_id: userId,
      expires_at: expiresAt?.toISOString() ?? null,
    };
  };
}

const FAKE = "A fake provider of the local Arcade";

function addProviders(app: Hono, { calls, grants }: Services, callerOf: CallerOf): void {
  const path = "/admin/auth_providers";

  app.get(path, async (c) => {
    const { projectId } = callerOf(c);
    const created = await grants.providers.of(projectId);
    const ids = new Set(created.map(({ id }) => id));
    const fake = [...await fakeIds(projectId)].filter((id) => !ids.has(id));
    const all = [
      ...created.map((one) => createdProvider(c, one, projectId)),
      ...fake.map((id) => fakeProvider(c, id)),
    ];
    return c.json(pageOf(c, all, { isWhole: true }));
  });

  app.post(path, async (c) => {
    const { projectId } = callerOf(c);
    const { id, ...settings } = await jsonBody(c, providerRequest);
    const created = await grants.providers.create(projectId, id, settings);
    if (created === undefined) throw new ApiError(409, `The provider ${id} already exists`);
    return c.json(createdProvider(c, created, projectId), 201);
  });

  app.get(`${path}/:id`, async (c) => {
    const { projectId } = callerOf(c);
    const id = c.req.param("id");
    const created = await grants.providers.find(projectId, id);
    if (created) return c.json(createdProvider(c, created, projectId));
    if ((await fakeIds(projectId)).has(id)) return c.json(fakeProvider(c, id));
    throw noProvider();
  });

  app.patch(`${path}/:id`, async (c) => {
    const { projectId } = callerOf(c);
    const id = c.req.param("id");
    const before = await grants.providers.find(projectId, id);
    if (before === undefined) throw noProvider();
    const patch = await jsonBody(c, providerPatch);
    const changed = await grants.providers.replace(projectId, id, merged(before.settings, patch));
    if (changed === undefined) throw noProvider();
    return c.json(createdProvider(c, changed, projectId));
  });

  app.delete(`${path}/:id`, async (c) => {
    const { projectId } = callerOf(c);
    const id = c.req.param("id");
    const found = await grants.providers.find(projectId, id);
    if (found === undefined || !grants.providers.remove(projectId, id)) throw noProvider();
    for (const one of grants.connections.of(projectId, { providerId: id })) {
      grants.connections.remove(one.id);
    }
    return c.json(createdProvider(c, found, projectId));
  });

  /** The providers that the tools of a project name, and those with grants. */
  const fakeIds = async (projectId: string): Promise<Set<string>> =>
    new Set([
      ...(await requirementsIn(calls, projectId)).map((one) => grants.providerOf(projectId, one)),
      ...grants.connections.of(projectId).map(({ providerId }) => providerId),
    ]);

  function createdProvider(c: Context, provider: Provider, projectId: string): ProviderResponse {
    const { id, settings, createdAt, updatedAt } = provider;
    const { client_secret, ...oauth2 } = settings.oauth2 ?? {};
    const exists = client_secret !== undefined;
    return {
      id,
      type: "oauth2",
      ...settings,
      status: settings.status ?? "active",
      binding: { id: projectId, type: "project" },
      oauth2: {
        ...oauth2,
        client_secret: {
          exists,
          editable: true,
          binding: "project",
        },
        redirect_uri: redirectUri(c, id),
      },
      created_at: createdAt,
      updated_at: updatedAt,
    };
  }

  function fakeProvider(c: Context, id: string): ProviderResponse {
    return {
      id,
      type: "oauth2",
      provider_id: id,
      description: FAKE,
      status: "active",
      binding: { id: "local", type: "static" },
      oauth2: {
        client_secret: { exists: false, editable: false, binding: "static" },
        redirect_uri: redirectUri(c, id),
      },
    };
  }
}

/** Settings with a patch applied; OAuth settings are merged one by one. */
function merged(before: ProviderSettings, patch: ProviderSettings): ProviderSettings {
  const given = Object.fromEntries(
    Object.entries(patch).filter(([, value]) => value !== undefined),
  );
  const oauth2 = patch.oauth2 && { ...before.oauth2, ...patch.oauth2 };
  return { ...before, ...given, ...(oauth2 ? { oauth2 } : {}) };
}

/** The address that a real provider would redirect the browser to. */
function redirectUri(c: Context, id: string): string {
  return `${ownOrigin(c)}/api/v1/oauth/${hashOf(id).slice(0, 32)}/callback`;
}

function noProvider(): ApiError {
  return new ApiError(404, "No such provider in this project");
}
