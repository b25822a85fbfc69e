import assert from "node:assert/strict";
import { reservePort } from "../../../src/system/own_port.ts";
import { documentedRequests } from "../../support/documented_requests.ts";
import { FakeMcpServer } from "../../support/mcp_server.ts";
import { until } from "../../support/patience.ts";
import { TestMachine } from "../../support/test_machine.ts";
import { arcadejs, arcadepy, PROGRAMS, type Sdk } from "./installed.ts";

const js = arcadejs();
const python = arcadepy();
const SECRET = "the secret of the server, which is long enough";

/** Starts the server of `server.py` and waits until it answers. */
async function startServer(machine: TestMachine, { program }: Sdk): Promise<string> {
  const { port, url } = await reservePort();
  machine.startProgram([program, `${PROGRAMS}/server.py`, String(port)], {
    env: { ARCADE_WORKER_SECRET: SECRET, ARCADE_USAGE_TRACKING: "0" },
  });
  const health = () => fetch(`${url}/worker/health`).then((answer) => answer.text(), () => "");
  await until("the Python server", async () => await health() !== "");
  return url;
}

/** Runs a script of an SDK with only the variables that the local Arcade prints, and returns what it prints. */
async function resultsOf(
  sdk: Sdk,
  script: string,
  { autoApprove = false } = {},
): Promise<{ results: unknown; chats: number }> {
  assert(python);
  await using machine = new TestMachine();
  const server = await machine.serve({ autoApprove });
  const url = await startServer(machine, python);
  await using weather = new FakeMcpServer({
    tools: [{ name: "forecast", inputSchema: { type: "object", properties: { place: {} } } }],
    call: () => ({ content: [{ type: "text", text: "Sunny" }] }),
  });
  const path = `${sdk.folder}/${script}`;
  Deno.copyFileSync(`${PROGRAMS}/${script}`, path);
  const { code, stdout, stderr } = await new Deno.Command(sdk.program, {
    args: [path, url, SECRET, `${weather.url}/mcp`],
    clearEnv: true,
    env: { PATH: Deno.env.get("PATH") ?? "", ...server.environment },
    stdin: "null",
  }).output();
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  assert.equal(code, 0, decode(stdout) + decode(stderr));
  return {
    results: JSON.parse(decode(stdout)),
    chats: await server.count("501 POST /v1/chat/completions"),
  };
}

const schema = {
  type: "object",
  properties: {
    name: { type: "string", description: "Who is greeted" },
    times: { type: "integer", description: "How often" },
  },
  required: ["name"],
  additionalProperties: false,
};

/** The results of both SDKs. */
const EXPECTED = {
  health: { healthy: true },
  workers: ["demo", "weather"],
  worker: "http",
  workerTools: ["Greet", "LengthOfSecret", "Star", "Fail"],
  secrets: ["DEMO_KEY"],
  tools: [
    ["Demo.Fail@1.2.3", true],
    ["Demo.Greet@1.2.3", true],
    ["Demo.LengthOfSecret@1.2.3", true],
    ["Demo.Star@1.2.3", false],
  ],
  formats: ["openai", "anthropic"],
  tool: "Demo.Greet",
  formatted: {
    type: "function",
    function: { name: "Demo_Greet", description: "Greet a user.", parameters: schema },
  },
  formattedList: [
    "Demo_Fail",
    "Demo_Greet",
    "Demo_LengthOfSecret",
    "Demo_Star",
    "Weather_forecast",
  ],
  executed: {
    greet: { success: true, value: "Hello, Ada! Hello, Ada!" },
    underscore: { success: true, value: "Hello, Ada!" },
    versioned: { success: true, value: "Hello, Ada!" },
    secret: { success: true, value: 4 },
    failed: { success: false, kind: "TOOL_RUNTIME_FATAL" },
    input: { success: false, kind: "TOOL_RUNTIME_BAD_INPUT_VALUE" },
    mcp: { success: true, value: "Sunny" },
  },
  scheduled: "scheduled",
  ran: ["completed", "Hello, Ada!"],
  scheduledList: 1,
  failures: {
    unknownTool: { class: "NotFoundError", status: 404, name: "tool_not_found" },
    unknownVersion: { class: "NotFoundError", status: 404, name: "tool_not_found" },
    malformed: { class: "BadRequestError", status: 400, name: "malformed_request" },
    grant: { class: "PermissionDeniedError", status: 403, name: "tool_authorization_required" },
    key: { class: "AuthenticationError", status: 401, name: "invalid_authorization" },
    taken: { class: "ConflictError", status: 409, name: "conflict" },
    invalid: { class: "UnprocessableEntityError", status: 422, name: "validation_failed" },
    chat: { class: "InternalServerError", status: 501, name: "not_emulated" },
  },
  missingSecret: { class: "BadRequestError", status: 400, name: "tool_requirements_not_met" },
  left: 0,
};

Deno.test({
  name: "arcadejs works unchanged, with the printed variables only",
  ignore: !js || !python,
}, async () => {
  assert(js);
  const { results, chats } = await resultsOf(js, "methods.mjs");
  const binding = { exists: true, editable: true, binding: "project" };
  const { created, createdMcp, changed, workerHealth, zod, zodCareful, ...others } = Object(
    results,
  );
  assert.deepEqual(others, EXPECTED);
  assert.deepEqual(created.http.secret, binding);
  assert.equal(createdMcp.type, "mcp");
  assert.equal(changed.http.timeout, 60);
  assert.equal(workerHealth.healthy, true);
  assert.deepEqual([zod, zodCareful], ["Hello, Zod!", "Hello, Zod!"]);
  assert.equal(chats, 1, "what is not emulated is not tried again");
});

Deno.test({
  name: "arcadepy works unchanged, with the printed variables only",
  ignore: !python,
}, async () => {
  assert(python);
  const { results, chats } = await resultsOf(python, "methods.py");
  const { changed, workerHealth, coroutine, ...others } = Object(results);
  assert.deepEqual(others, EXPECTED);
  assert.deepEqual([changed, workerHealth, coroutine], [60, true, "Hello, Zod!"]);
  assert.equal(chats, 1, "what is not emulated is not tried again");
});

/** The results of both SDKs for grants, after a user has decided on the pages. */
const GRANTS = {
  refused: "PermissionDeniedError",
  asked: ["pending", ["repo"]],
  completed: "completed",
  hasToken: true,
  again: "completed",
  needless: "completed",
  denied: "failed",
  raw: "pending",
  connections: [["ada@example.com", "github", ["repo"]]],
  revoked: "PermissionDeniedError",
  patched: "Ours",
  provider: true,
  providers: ["hub", "github"],
  removed: "hub",
  mismatch: "BadRequestError",
  confirmed: true,
  afterwards: "completed",
};

for (const [name, sdk] of [["grants.mjs", js], ["grants.py", python]] as const) {
  Deno.test({
    name: `${name} asks for grants and gets them, unchanged`,
    ignore: !sdk || !python,
  }, async () => {
    assert(sdk);
    const { results } = await resultsOf(sdk, name, { autoApprove: true });
    const { careful, ...others } = Object(results);
    assert.deepEqual(others, GRANTS);
    assert.equal(careful, sdk === js ? true : undefined);
  });
}

/** The sources in a folder. */
function sourcesIn(folder: string, extension: string): string {
  return [...Deno.readDirSync(folder)].map(({ name, isDirectory }) =>
    isDirectory
      ? sourcesIn(`${folder}/${name}`, extension)
      : name.endsWith(extension)
      ? Deno.readTextFileSync(`${folder}/${name}`)
      : ""
  ).join("\n");
}

/** The requests in the sources of an SDK, such as `GET /v1/workers/{}`. */
function requestsIn(source: string, pattern: RegExp): Set<string> {
  return new Set([...source.matchAll(pattern)].map(([, method = "", path = ""]) => {
    const verb = /list/i.test(method) ? "GET" : method.toUpperCase();
    return `${verb} ${path.replaceAll(/\$?\{[^}]*\}/g, "{}")}`;
  }));
}

const SDKS: readonly [name: string, sdk: Sdk | undefined, extension: string, pattern: RegExp][] = [
  [
    "arcadejs",
    js,
    ".ts",
    /_client\.(get|post|patch|put|delete|getAPIList)\((?:path)?[`'"](\/v1[^`'"]*)/g,
  ],
  [
    "arcadepy",
    python,
    ".py",
    /self\._(get|post|patch|put|delete|get_api_list)\(\s*(?:path_template\(\s*)?f?"(\/v1[^"]*)"/g,
  ],
];

for (const [name, sdk, extension, pattern] of SDKS) {
  Deno.test({ name: `the page lists every request of ${name}`, ignore: !sdk }, () => {
    assert(sdk);
    const requests = requestsIn(sourcesIn(sdk.sources, extension), pattern);
    assert(requests.size >= 29, `only ${requests.size} requests were found`);
    const documented = [...documentedRequests().keys()].map((one) =>
      one.replaceAll(/\{\w+\}/g, "{}")
    );
    assert.deepEqual([...requests].filter((one) => !documented.includes(one)), []);
  });
}
