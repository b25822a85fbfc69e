/** The gateways for MCP clients: their addresses, metadata for signing in, and registration. */

import { type Context, Hono } from "hono";
import { Fields, InvalidField, isMapping, parseJson } from "../../contract/fields.ts";
import { GATEWAY_ROOT } from "../../contract/gateways.ts";
import { isUser } from "../../contract/grants.ts";
import {
  type OAuthErrorResponse,
  type RegistrationRequest,
  registrationRequest,
  type RegistrationResponse,
} from "../../contract/oauth.ts";
import { ApiError } from "../api_error.ts";
import { bearerToken, requireApiKey } from "../authentication.ts";
import { bytesBody } from "../body.ts";
import {
  AUTHORIZATION_SERVER_PATH,
  authorizationServer,
  GATEWAY_SCOPES,
  PROTECTED_RESOURCE_PATH,
  protectedResource,
  REGISTRATION_PATH,
} from "../gateways/metadata.ts";
import type { McpGateways } from "../gateways/mcp_server.ts";
import type { GatewayClient } from "../gateways/tool_call.ts";
import type { Gateway } from "../model/gateways.ts";
import { isRedirectUri } from "../model/clients.ts";
import { ownOrigin } from "../own_origin.ts";
import { grantAddress } from "../pages/grant.ts";
import type { Services } from "../services.ts";

/** How many redirect addresses a client can register. */
const MAX_REDIRECT_URIS = 20;

export function mcpRoutes(services: Services): Hono {
  const { clients, gateways } = services;
  const app = new Hono();
  let loading: Promise<McpGateways> | undefined;
  /** Loads the official server library for the first client. */
  const mcp = () =>
    loading ??= import("../gateways/mcp_server.ts").then(({ McpGateways }) =>
      new McpGateways(services)
    );

  /** The gateway that the path names. */
  const named = (c: Context): Gateway => {
    const gateway = gateways.at(c.req.param("slug") ?? "");
    if (gateway === undefined) throw new ApiError(404, "No such gateway");
    if (gateway.status !== "active") {
      throw new ApiError(403, "The gateway is inactive", { code: "gateway_inactive" });
    }
    return gateway;
  };

  app.get(`${PROTECTED_RESOURCE_PATH}${GATEWAY_ROOT}/:slug`, (c) => {
    const gateway = named(c);
    if (gateway.authType !== "arcade") {
      throw new ApiError(404, "The gateway accepts API keys, not OAuth tokens");
    }
    return c.json(protectedResource(c, gateway));
  });

  app.get(AUTHORIZATION_SERVER_PATH, (c) => c.json(authorizationServer(c)));

  app.post(REGISTRATION_PATH, async (c) => {
    const request = await readRegistration(c);
    if ("error" in request) return c.json(request, 400);
    const { client_name: name, redirect_uris: redirectUris, application_type } = request;
    const client = clients.register({ name, redirectUris });
    return c.json(
      {
        client_id: client.id,
        client_id_issued_at: Math.floor(services.now().getTime() / 1000),
        ...(name === undefined ? {} : { client_name: name }),
        redirect_uris: redirectUris,
        grant_types: ["authorization_code", "refresh_token"],
        response_types: ["code"],
        token_endpoint_auth_method: "none",
        application_type: application_type === "web" ? "web" : "native",
        scope: GATEWAY_SCOPES.otherwise,
      } satisfies RegistrationResponse,
      201,
    );
  });

  app.all(`${GATEWAY_ROOT}/:slug`, async (c) => {
    const gateway = named(c);
    const client: GatewayClient = {
      gateway,
      userId: userOf(c, services, gateway),
      grantAddress: (flowId) => grantAddress(ownOrigin(c), flowId),
    };
    const { method } = c.req;
    if (method === "DELETE") {
      const isEnded = (await mcp()).end(c.req.header("mcp-session-id") ?? "", client);
      return c.body(null, isEnded ? 202 : 404);
    }
    if (method !== "POST") return c.body(null, 405, { allow: "POST, DELETE" });
    const text = new TextDecoder().decode(await bytesBody(c.req.raw));
    const message = parseJson(text);
    if (message === undefined) {
      const error = { code: -32700, message: "Parse error: the body is not JSON" };
      return c.json({ jsonrpc: "2.0", error, id: null }, 400);
    }
    return await (await mcp()).answer(c.req.raw, message, client);
  });

  return app;
}

/** Authenticates a client of a gateway: the user that its calls are for. */
function userOf(c: Context, services: Services, gateway: Gateway): string {
  if (gateway.authType === "arcade_header") return userOfHeader(c, services, gateway);
  const challenge = (error: string) => ({
    "www-authenticate": `Bearer resource_metadata="${ownOrigin(c)}${PROTECTED_RESOURCE_PATH}` +
      `${GATEWAY_ROOT}/${gateway.slug}", scope="mcp"${error}`,
  });
  if (c.req.header("authorization") === undefined) {
    throw new ApiError(401, "Missing Authorization header", { headers: challenge("") });
  }
  const accountId = services.tokens.accountOf(bearerToken(c), gateway.id);
  const account = services.accounts.find(accountId ?? "");
  if (account !== undefined) return account.email;
  throw new ApiError(
    401,
    "The access token is unknown, revoked, expired or issued for another resource",
    {
      headers: challenge(', error="invalid_token"'),
    },
  );
}

/** Authenticates with an API key of the project, whose owner names the user. */
function userOfHeader(c: Context, services: Services, { projectId }: Gateway): string {
  if (requireApiKey(c, services).project_id !== projectId) {
    throw new ApiError(403, "The API key belongs to another project");
  }
  const userId = c.req.header("arcade-user-id") ?? "";
  if (userId === "") throw new ApiError(401, "Missing Arcade-User-Id header");
  if (!isUser(userId)) throw new ApiError(400, "The Arcade-User-Id header is not a valid user");
  return userId;
}

/** The metadata of a client, or the error (RFC 7591 section 3.2.2). */
async function readRegistration(c: Context): Promise<RegistrationRequest | OAuthErrorResponse> {
  const content = parseJson(new TextDecoder().decode(await bytesBody(c.req.raw)));
  const invalid = (error_description: string) => ({
    error: "invalid_client_metadata",
    error_description,
  });
  let request: RegistrationRequest;
  try {
    request = registrationRequest.read(new Fields(isMapping(content) ? content : {}));
  } catch (error) {
    if (!(error instanceof InvalidField)) throw error;
    return invalid(`The body must be ${registrationRequest.expected} (${error.message})`);
  }
  const { redirect_uris } = request;
  if (redirect_uris.length === 0 || redirect_uris.length > MAX_REDIRECT_URIS) {
    return invalid(`A client has 1 to ${MAX_REDIRECT_URIS} redirect_uris`);
  }
  if (redirect_uris.every(isRedirectUri)) return request;
  return {
    error: "invalid_redirect_uri",
    error_description:
      "A redirect address must be on this machine (http://127.0.0.1, http://[::1] or " +
      "http://localhost) or belong to a known MCP client",
  };
}
