/** An MCP client of a gateway that signs in as the specification says, step by step. */

import assert from "node:assert/strict";
import type { Mapping } from "../../src/contract/fields.ts";
import {
  type Answer,
  call,
  challengeOf,
  CODE_VERIFIER,
  hidden,
  post,
  query,
} from "../local/harness.ts";

export const MCP_REDIRECT = "http://127.0.0.1:33418/callback";

/** Registers a client; the result has its `client_id`. */
export function register(url: string, metadata: Mapping = {}): Promise<Answer> {
  const json = { client_name: "A client", redirect_uris: [MCP_REDIRECT], ...metadata };
  return call(`${url}/oauth2/register`, { method: "POST", json, stranger: true });
}

/** The address at which a client asks the user to sign in to a gateway. */
export function gatewayLogin(
  url: string,
  client_id: string,
  overrides: Record<string, string> = {},
): string {
  const parameters = {
    client_id,
    response_type: "code",
    redirect_uri: MCP_REDIRECT,
    scope: "mcp offline_access",
    state: "the-state",
    code_challenge: challengeOf(CODE_VERIFIER),
    code_challenge_method: "S256",
    ...overrides,
  };
  return `${url}/oauth2/authorize?${new URLSearchParams(parameters)}`;
}

/** The tokens of a user for a gateway. */
export interface GatewayTokens {
  readonly client_id: string;
  readonly resource: string;
  readonly access: string;
  readonly refresh: string;
}

/** Signs a user in to a gateway, and returns the code. */
export async function gatewayCode(
  url: string,
  { client_id, resource, email, overrides = {} }: {
    readonly client_id: string;
    readonly resource: string;
    readonly email: string;
    readonly overrides?: Record<string, string>;
  },
): Promise<string> {
  const page = await call(gatewayLogin(url, client_id, { resource, ...overrides }));
  const decided = await post(`${url}/oauth2/authorize/decision`, {
    authorization: hidden(page.text, "authorization"),
    account: "new",
    email,
    decision: "approve",
  });
  return query(decided).get("code") ?? "";
}

/** Exchanges a code or a refresh token. */
export function gatewayExchange(url: string, form: Record<string, string>): Promise<Answer> {
  const common = form.code === undefined ? { grant_type: "refresh_token" } : {
    grant_type: "authorization_code",
    redirect_uri: MCP_REDIRECT,
    code_verifier: CODE_VERIFIER,
  };
  return post(`${url}/oauth2/token`, { ...common, ...form });
}

/** Signs a user in to a gateway with a new client. */
export async function gatewayTokens(
  url: string,
  slug: string,
  email = "ada@example.com",
): Promise<GatewayTokens> {
  const resource = `${url}/mcp/${slug}`;
  const client_id = (await register(url)).textAt("client_id");
  const code = await gatewayCode(url, { client_id, resource, email });
  const answer = await gatewayExchange(url, { client_id, code, resource });
  assert.equal(answer.status, 200, answer.text);
  return {
    client_id,
    resource,
    access: answer.textAt("access_token"),
    refresh: answer.textAt("refresh_token"),
  };
}

const BOTH = "application/json, text/event-stream";
let requests = 0;

/** A client with a session, as until 2025-11-25. */
export class SessionClient {
  readonly #address: string;
  readonly headers: Record<string, string>;
  /** The answer to `initialize`. */
  readonly initialized: Answer;

  private constructor(address: string, headers: Record<string, string>, initialized: Answer) {
    this.#address = address;
    this.headers = headers;
    this.initialized = initialized;
  }

  /** @param headers how it authenticates. */
  static async open(
    address: string,
    headers: Record<string, string>,
    capabilities: Mapping = {},
  ): Promise<SessionClient> {
    const params = {
      protocolVersion: "2025-11-25",
      capabilities,
      clientInfo: { name: "test", version: "1" },
    };
    const initialized = await send(address, { method: "initialize", params }, headers);
    const session = initialized.headers.get("mcp-session-id") ?? "";
    const client = new SessionClient(address, {
      ...headers,
      "mcp-session-id": session,
      "mcp-protocol-version": "2025-11-25",
    }, initialized);
    return client;
  }

  ask(method: string, params: Mapping = {}): Promise<Answer> {
    return send(this.#address, { method, params }, this.headers);
  }

  callTool(name: string, input: Mapping = {}): Promise<Answer> {
    return this.ask("tools/call", { name, arguments: input });
  }
}

/** A client without a session, as from 2026-07-28. */
export class StatelessClient {
  readonly #address: string;
  readonly #headers: Record<string, string>;
  readonly #capabilities: Mapping;

  constructor(address: string, headers: Record<string, string>, capabilities: Mapping = {}) {
    this.#address = address;
    this.#headers = headers;
    this.#capabilities = capabilities;
  }

  ask(
    method: string,
    params: Mapping = {},
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const prefix = "io.modelcontextprotocol";
    const _meta = {
      [`${prefix}/protocolVersion`]: "2026-07-28",
      [`${prefix}/clientInfo`]: { name: "test", version: "1" },
      [`${prefix}/clientCapabilities`]: this.#capabilities,
    };
    return send(this.#address, { method, params: { _meta, ...params } }, {
      ...this.#headers,
      "mcp-protocol-version": "2026-07-28",
      "mcp-method": method,
      ...(typeof params.name === "string" ? { "mcp-name": params.name } : {}),
      ...headers,
    });
  }

  callTool(name: string, input: Mapping = {}, more: Mapping = {}): Promise<Answer> {
    return this.ask("tools/call", { name, arguments: input, ...more });
  }
}

/** Sends a message to a gateway. */
export function send(
  address: string,
  message: Mapping,
  headers: Record<string, string>,
): Promise<Answer> {
  return call(address, {
    method: "POST",
    json: { jsonrpc: "2.0", id: ++requests, ...message },
    headers: { accept: BOTH, "content-type": "application/json", ...headers },
    stranger: true,
  });
}

/** The header of a token. */
export function bearer(token: string): Record<string, string> {
  return { authorization: `Bearer ${token}` };
}
