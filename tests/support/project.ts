/** A project at a local Arcade, used through the API of the engine. */

import assert from "node:assert/strict";
import { EventSourceParserStream } from "eventsource-parser/stream";
import { type Answer, answerOf } from "../local/harness.ts";
import { patiently } from "./patience.ts";
import type { TestMachine } from "./test_machine.ts";
import { type Deployment, deploymentOf, type ServerChanges } from "./test_server.ts";

/** The name of the test server. */
const NAME = "test_server";

export class Project {
  /** `/v1/orgs/{org}/projects/{project}` at the local Arcade. */
  readonly scope: string;
  readonly token: string;

  constructor(scope: string, token: string) {
    this.scope = scope;
    this.token = token;
  }

  /** The active project of the login on a machine with a local Arcade. */
  static of(machine: TestMachine): Project {
    const [organization, project] = [machine.stored("org_id"), machine.stored("project_id")];
    const scope = `${machine.server.url}/v1/orgs/${organization}/projects/${project}`;
    return new Project(scope, machine.stored("access_token"));
  }

  async request(line: string, json?: unknown): Promise<Answer> {
    return await answerOf(await this.#fetch(line, json));
  }

  /** Deploys the server for the first time. */
  async deploy(changes: ServerChanges = {}): Promise<Answer> {
    return await this.request("POST /deployments", await this.deployment(changes));
  }

  /** The body that {@linkcode deploy} sends. */
  deployment(changes: ServerChanges = {}): Promise<Deployment> {
    return deploymentOf(NAME, changes);
  }

  async update(changes: ServerChanges): Promise<Answer> {
    return await this.request(`PUT /deployments/${NAME}`, await deploymentOf(NAME, changes));
  }

  /** Deploys the server and waits until it is running. */
  async deployed(changes: ServerChanges = {}): Promise<void> {
    const { status, text } = await this.deploy(changes);
    assert.equal(status, 201, text);
    await this.logged(/arcade: Healthy/);
    assert.equal(await this.status(), "running");
  }

  async status(): Promise<string> {
    return (await this.request(`GET /deployments/${NAME}/status`)).textAt("status");
  }

  /** All kept lines of the log. */
  async log(): Promise<string[]> {
    const lines: { line: string }[] = JSON.parse(
      (await this.request(`GET /deployments/${NAME}/logs`)).text,
    );
    return lines.map(({ line }) => line);
  }

  /** Waits until a line of the log matches. */
  async logged(pattern: RegExp): Promise<RegExpExecArray> {
    const lines = this.follow("1970-01-01T00:00:00Z");
    const find = async () => {
      for await (const { Line } of lines) {
        const match = pattern.exec(Line);
        if (match) return match;
      }
      throw new Error(`The log ended without ${pattern}`);
    };
    return await patiently(`${pattern} in the log`, find());
  }

  /** Follows the log. */
  async *follow(start?: string): AsyncGenerator<{ Timestamp: string; Line: string }> {
    const query = start === undefined ? "" : `?${new URLSearchParams({ start_time_utc: start })}`;
    const response = await this.#fetch(`GET /deployments/${NAME}/logs/stream${query}`);
    assert.match(response.headers.get("content-type") ?? "", /^text\/event-stream/);
    const events = response.body?.pipeThrough(new TextDecoderStream())
      .pipeThrough(new EventSourceParserStream());
    for await (const { data } of events ?? []) yield JSON.parse(data);
  }

  /** Calls a tool of the server. */
  async call(tool: string, input: Readonly<Record<string, unknown>> = {}): Promise<Answer> {
    const call = { tool_name: `TestServer.${tool}`, input, user_id: "ada@example.com" };
    return await this.request("POST /tools/execute", call);
  }

  async #fetch(line: string, json?: unknown): Promise<Response> {
    const [method = "", path = ""] = line.split(" ");
    return await fetch(this.scope + path, {
      method,
      headers: { authorization: `Bearer ${this.token}` },
      body: json === undefined ? null : JSON.stringify(json),
    });
  }
}
