/** An MCP server that requires a token from its own authorization server, at the same address. */

import { Answers, json, type Seen } from "./answers.ts";
import { TOOL } from "./mcp_servers.ts";

type Answer = (seen: Seen, request: Request) => Response | Promise<Response> | undefined;

/** Answers as MCP and OAuth specify, unless the test answers. */
export class ProtectedMcpServer implements AsyncDisposable {
  readonly answers: Answers;
  /** The access tokens that it accepts. */
  readonly valid = new Set<string>();
  /** The refresh tokens that it accepts; each once. */
  readonly refreshable = new Set<string>();
  /** The forms that its token endpoint has received. */
  readonly forms: URLSearchParams[] = [];
  /** The requests to its authorization endpoint. */
  readonly authorizations: URLSearchParams[] = [];
  readonly #expiresIn: number;
  #count = 0;

  constructor({ answer, expiresIn = 3600 }: {
    readonly answer?: Answer;
    readonly expiresIn?: number;
  } = {}) {
    this.#expiresIn = expiresIn;
    this.answers = new Answers(async (seen, request) =>
      await answer?.(seen, request) ?? this.#answer(seen)
    );
  }

  get url(): string {
    return `${this.answers.url}/mcp`;
  }

  /** The requests so far, up to the path. */
  get asked(): string[] {
    return this.answers.seen.map(({ method, path }) => `${method} ${path.replace(/\?.*/, "")}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.answers[Symbol.asyncDispose]();
  }

  #answer({ method, path, body, authorization }: Seen): Response {
    const { url } = this.answers;
    const { pathname, searchParams } = new URL(path, url);
    switch (pathname) {
      case "/.well-known/oauth-protected-resource/mcp":
        return json({
          resource: this.url,
          authorization_servers: [`${url}/oauth2`],
          scopes_supported: ["mcp"],
        });
      case "/.well-known/oauth-authorization-server/oauth2":
        return json({
          issuer: `${url}/oauth2`,
          authorization_endpoint: `${url}/oauth2/authorize`,
          token_endpoint: `${url}/oauth2/token`,
          registration_endpoint: `${url}/oauth2/register`,
          revocation_endpoint: `${url}/oauth2/revoke`,
          scopes_supported: ["mcp", "offline_access"],
          code_challenge_methods_supported: ["S256"],
          authorization_response_iss_parameter_supported: true,
        });
      case "/oauth2/register":
        return json(
          { ...JSON.parse(body), client_id: `client-${++this.#count}` },
          { status: 201 },
        );
      case "/oauth2/authorize": {
        this.authorizations.push(searchParams);
        const back = new URL(searchParams.get("redirect_uri") ?? "");
        back.searchParams.set("code", "code-of-the-test");
        back.searchParams.set("state", searchParams.get("state") ?? "");
        back.searchParams.set("iss", `${url}/oauth2`);
        return new Response(null, { status: 303, headers: { location: back.href } });
      }
      case "/oauth2/token":
        return this.#grant(new URLSearchParams(body));
      case "/oauth2/revoke":
        return new Response();
      case "/mcp":
        break;
      default:
        return json({ message: "no such thing" }, { status: 404 });
    }
    if (!this.valid.has(authorization?.replace("Bearer ", "") ?? "")) {
      const metadata = `${url}/.well-known/oauth-protected-resource/mcp`;
      return json({ error: "invalid_token" }, {
        status: 401,
        headers: {
          "www-authenticate":
            `Bearer resource_metadata="${metadata}", scope="mcp", error="invalid_token"`,
        },
      });
    }
    if (method !== "POST") return new Response(null, { status: 405 });
    const { id, method: asked } = JSON.parse(body);
    if (id === undefined) return new Response(null, { status: 202 });
    const result = asked === "initialize"
      ? {
        protocolVersion: "2025-11-25",
        capabilities: { tools: {} },
        serverInfo: { name: "protected", version: "1" },
      }
      : asked === "tools/list"
      ? { tools: [TOOL] }
      : { content: [{ type: "text", text: "Sunny" }] };
    return json({ jsonrpc: "2.0", id, result });
  }

  #grant(form: URLSearchParams): Response {
    this.forms.push(form);
    const refresh = form.get("refresh_token");
    if (form.get("grant_type") === "refresh_token" && !this.refreshable.delete(refresh ?? "")) {
      return json({ error: "invalid_grant" }, { status: 400 });
    }
    const number = ++this.#count;
    this.valid.add(`access-token-${number}`);
    this.refreshable.add(`refresh-token-${number}`);
    return json({
      access_token: `access-token-${number}`,
      refresh_token: `refresh-token-${number}`,
      token_type: "Bearer",
      expires_in: this.#expiresIn,
    });
  }
}
