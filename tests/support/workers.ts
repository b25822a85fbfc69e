/** Servers with tools, for a local Arcade that calls them at their addresses. */

import assert from "node:assert/strict";
import type { Mapping } from "../../src/contract/fields.ts";
import { type Answer, apiKeyOf, call, type Fixture, signIn } from "../local/harness.ts";
import { Answers, json, type Place } from "./answers.ts";

/** A tool as a server lists it. */
export function workerTool(name: string, more: Mapping = {}): Mapping {
  return {
    name,
    fully_qualified_name: `Demo.${name}`,
    description: `Does ${name}`,
    toolkit: { name: "Demo", description: null, version: "1.0.0" },
    input: { parameters: [] },
    output: { available_modes: ["value", "error"], value_schema: { val_type: "json" } },
    requirements: { authorization: null, secrets: null },
    deprecation_message: null,
    ...more,
  };
}

/** A parameter of a tool. */
export function parameter(name: string, val_type: string, more: Mapping = {}): Mapping {
  const { required = false, ...schema } = more;
  return { name, required, description: `The ${name}`, value_schema: { val_type, ...schema } };
}

/** What a server gets with a call. */
export interface Invocation {
  readonly tool: { readonly name: string; readonly toolkit: string; readonly version: string };
  readonly inputs: Mapping;
  readonly context: Mapping;
}

/** A server with the worker routes. By default, a tool returns what it got. */
export class FakeWorker extends Answers {
  tools: readonly Mapping[];
  readonly invocations: Invocation[] = [];

  constructor(
    tools: readonly Mapping[],
    answer: (got: Invocation) => Response | Promise<Response> = (got) => succeeded(got),
    place: Place = {},
  ) {
    super((seen) => {
      if (seen.path === "/worker/health") return json({ status: "ok" });
      if (!/^Bearer [\w-]+\.[\w-]+\.[\w-]+$/.test(seen.authorization ?? "")) {
        return json({}, { status: 401 });
      }
      // Otherwise a call after the end of this server could use the connection, and would count as sent.
      const headers = { connection: "close" };
      if (seen.path === "/worker/tools") return json(this.tools, { headers });
      const got: Invocation = JSON.parse(seen.body);
      this.invocations.push(got);
      return answer(got);
    }, place);
    this.tools = tools;
  }
}

/** An answer whose connection breaks after its first byte, as if the server had died. */
export function broken(): Response {
  let isSent = false;
  const body = new ReadableStream({
    pull(controller) {
      if (isSent) return controller.error(new Error("The server dies"));
      isSent = true;
      controller.enqueue(new TextEncoder().encode("{"));
    },
  });
  return new Response(body, { headers: { "content-type": "application/json" } });
}

/** An answer without an end. `ended` settles when the client has had enough. */
export function endless(
  headers: HeadersInit = {},
): { readonly response: Response; readonly ended: Promise<void> } {
  const { promise, resolve } = Promise.withResolvers<void>();
  const bytes = new TextEncoder().encode(" ".repeat(64 * 1024));
  const body = new ReadableStream({
    pull: (controller) => controller.enqueue(bytes),
    cancel: () => resolve(),
  });
  return { response: new Response(body, { headers }), ended: promise };
}

export function succeeded(value: unknown): Response {
  return json({
    execution_id: "e",
    success: true,
    duration: 1,
    finished_at: "2026",
    output: { value },
  });
}

/** A project at a local Arcade, with its API key, as an SDK uses it. */
export class ApiProject {
  readonly #fixture: Fixture;
  readonly token: string;
  readonly org: string;
  readonly project: string;
  readonly access: string;

  private constructor(
    fixture: Fixture,
    { token, org, project, access }: {
      token: string;
      org: string;
      project: string;
      access: string;
    },
  ) {
    this.#fixture = fixture;
    this.token = token;
    this.org = org;
    this.project = project;
    this.access = access;
  }

  static async of(fixture: Fixture, email?: string): Promise<ApiProject> {
    const session = await signIn(fixture.url, email);
    return new ApiProject(fixture, { ...session, token: await apiKeyOf(fixture.url, session) });
  }

  /** Sends a request such as `GET /tools`: with the API key at the short path, or with the login at the long one. */
  async ask(
    line: string,
    json?: unknown,
    { isLogin = false }: { isLogin?: boolean } = {},
  ): Promise<Answer> {
    const [method = "", path = ""] = line.split(" ");
    const root = isLogin ? `/v1/orgs/${this.org}/projects/${this.project}` : "/v1";
    const token = isLogin ? this.access : this.token;
    return await call(this.#fixture.url + root + path, { method, token, json });
  }

  /** Registers a server with the worker routes. */
  async register(id: string, worker: Answers, more: Mapping = {}): Promise<void> {
    const http = { uri: worker.url, secret: "the secret of the server", timeout: 30, retry: 3 };
    const added = await this.ask("POST /workers", { id, http: { ...http, ...more } });
    assert.equal(added.status, 201, added.text);
  }

  async execute(tool_name: string, input: Mapping = {}, more: Mapping = {}): Promise<Answer> {
    return await this.ask("POST /tools/execute", { tool_name, input, ...more });
  }
}
