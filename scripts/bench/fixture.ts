/** The data of the benchmark: the user's credentials, and the content of the server. */

/** Credentials with three contexts, as `arcade` stores them. The active one, which uses the engine, is last. */
export function credentialsFor(engine: string): string {
  const active = contextFor(engine);
  const others = ["default", "staging.example.com"].map((name) =>
    `    ${name}:\n${indented(contextFor(`https://engine.${name}`), 6)}`
  );
  return `cloud:
${indented(active, 2)}  active_context: bench
  contexts:
${others.join("")}    bench:
${indented(active, 6)}`;
}

function contextFor(engine: string): string {
  return `kind: self_hosted
coordinator_url: https://coordinator.example.com
engine_url: ${engine}
auth:
  access_token: ${"token".repeat(160)}
  refresh_token: refresh-token
  expires_at: '2099-01-01T00:00:00.000000+00:00'
user:
  email: developer@example.com
context:
  org_id: 6f9619ff-8b86-4d01-b42d-00cf4fc964ff
  org_name: Example
  project_id: 7a9619ff-8b86-4d01-b42d-00cf4fc964ff
  project_name: Example project
`;
}

function indented(text: string, columns: number): string {
  return text.replaceAll(/^(?=.)/gm, " ".repeat(columns));
}

/** The values of the credentials file by key, found without a YAML parser. */
export function readCredentials(): Readonly<Record<string, string>> {
  const text = Deno.readTextFileSync(`${Deno.env.get("HOME")}/.arcade/credentials.yaml`);
  return Object.fromEntries(
    [...text.matchAll(/(\w+): (.+)/g)].map(([, key, value]) => [key, value]),
  );
}

/** The address of the project, and the headers of a request there. */
export function readProject() {
  const { access_token, org_id, project_id } = readCredentials();
  return {
    url: `${Deno.env.get("ARCADE_ENGINE_URL")}/v1/orgs/${org_id}/projects/${project_id}`,
    headers: { authorization: `Bearer ${access_token}` },
  };
}

/** The JSON of the engine for a path of the project. */
export async function fetchJson<T>(path: string): Promise<T> {
  const { url, headers } = readProject();
  const answer = await fetch(`${url}/${path}`, { headers });
  return JSON.parse(await answer.text());
}

/** The shown parts of the engine's list of secrets. */
export interface Secrets {
  readonly items: readonly {
    readonly id: string;
    readonly key: string;
    readonly binding: { readonly type: string };
    readonly description: string;
    readonly hint: string;
    readonly created_at: string;
  }[];
}

export const LISTED = 20;

/** The shown parts of the engine's list of servers. */
export interface Servers {
  readonly items: readonly {
    readonly id: string;
    readonly type: string;
    readonly enabled: boolean;
    readonly managed: boolean;
    readonly http: { readonly uri: string };
  }[];
}

/** The tool that is called. */
export const TOOL = "Math.Add";

/** A tool that adds two numbers, as its server lists it. */
export function addingTool(name: string) {
  const parameters = ["a", "b"].map((name) => ({
    name,
    required: true,
    description: "A number",
    value_schema: { val_type: "integer" },
  }));
  return {
    name,
    fully_qualified_name: `Math.${name}`,
    description: "Adds two numbers, and returns their sum.",
    toolkit: { name: "Math", version: "1.0.0" },
    input: { parameters },
    output: { available_modes: ["value"], value_schema: { val_type: "integer" } },
    requirements: {},
  };
}

/** The answer of its server to a call. */
export const ADDED = {
  execution_id: "te_1",
  success: true,
  duration: 1,
  finished_at: "2026-11-20T15:04:05Z",
  output: { value: 3 },
};

/** The shown part of the answer to a call. */
export interface ToolCall {
  readonly output: { readonly value: number };
}

export interface BenchLogLine {
  readonly timestamp: string;
  readonly line: string;
}

/** The numbers of lines in the logs of servers. */
export const LOG_LINES: Readonly<Record<string, number>> = { short: 20, long: 100_000 };

/** The name of the deployed server. */
export const DEPLOYED = "weather";
