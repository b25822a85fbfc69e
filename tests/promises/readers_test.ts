import assert from "node:assert/strict";
import {
  nameRequest,
  readAccount,
  readOrganizations,
  readPrincipal,
  readProjects,
} from "../../src/contract/coordinator.ts";
import {
  deploymentRequest,
  deploymentUpdateRequest,
  readDeploymentStatus,
} from "../../src/contract/deployments.ts";
import { readDiscovery } from "../../src/contract/discovery.ts";
import { Fields, InvalidField, isMapping, type Mapping } from "../../src/contract/fields.ts";
import { gatewayRequest, newGatewayRequest, readGateway } from "../../src/contract/gateways.ts";
import {
  authorizeRequest,
  authorizeToolRequest,
  confirmUserRequest,
  grantRequest,
  providerPatch,
  providerRequest,
  readUserConnection,
  verificationRequest,
} from "../../src/contract/grants.ts";
import { readHealth } from "../../src/contract/health.ts";
import { readLogLine } from "../../src/contract/logs.ts";
import { readOAuthSettings } from "../../src/contract/oauth.ts";
import { readPage } from "../../src/contract/page.ts";
import { readSecrets, SECRET_KEY, secretRequest } from "../../src/contract/secrets.ts";
import {
  newServerRequest,
  readServer,
  readServerHealth,
  serverRequest,
} from "../../src/contract/servers.ts";
import { batchRequest, readApiKey, readEvent } from "../../src/contract/telemetry.ts";
import { readTool, toolCallRequest } from "../../src/contract/tools.ts";
import { readWorkerCall, readWorkerTools } from "../../src/contract/worker.ts";

/** A reader, something that it reads, and the paths of the fields in it. */
interface Case {
  readonly read: (fields: Fields) => unknown;
  readonly sample: Mapping;
  readonly required?: readonly string[];
  readonly optional?: readonly string[];
}

const organization = { organization_id: "o", name: "Org", is_default: true };
const project = { project_id: "p", name: "Project", is_default: true };
const bundle = { version: "1.0.0", entrypoint: "server.py", bytes: "YQ==" };
const http = { uri: "http://127.0.0.1:1", secret: "s", timeout: 30, retry: 3 };
const toolkits = { bundles: [bundle], packages: [] };
const BUNDLE = ["version", "entrypoint", "bytes"].map((name) => `toolkits.bundles.0.${name}`);

const CASES: Readonly<Record<string, Case>> = {
  readOAuthSettings: {
    read: readOAuthSettings,
    sample: {
      client_id: "c",
      authorization_endpoint: "https://a.example",
      token_endpoint: "https://a.example",
      device_authorization_endpoint: "https://a.example",
      revocation_endpoint: "https://a.example",
    },
    required: ["client_id", "authorization_endpoint", "token_endpoint"],
    optional: ["device_authorization_endpoint", "revocation_endpoint"],
  },
  readAccount: {
    read: readAccount,
    sample: {
      data: {
        account_id: "a",
        email: "ada@example.com",
        organizations: [organization],
        projects: [project],
        mfa: { status: "met" },
      },
    },
    required: [
      "data",
      "data.account_id",
      "data.email",
      "data.organizations.0.name",
      "data.projects.0.project_id",
    ],
    optional: ["data.organizations", "data.projects", "data.mfa", "data.mfa.status"],
  },
  readPrincipal: {
    read: readPrincipal,
    sample: { data: { principal_id: "a" } },
    required: ["data", "data.principal_id"],
  },
  readOrganizations: {
    read: readOrganizations,
    sample: { data: { items: [organization, { org_id: "o", name: "Other" }] } },
    required: ["data", "data.items", "data.items.0.name", "data.items.1.org_id"],
    optional: ["data.items.0.is_default"],
  },
  readProjects: {
    read: readProjects,
    sample: { data: { items: [project] } },
    required: ["data", "data.items", "data.items.0.project_id", "data.items.0.name"],
    optional: ["data.items.0.is_default"],
  },
  nameRequest: { read: nameRequest.read, sample: { name: "Team" }, required: ["name"] },
  readDiscovery: {
    read: readDiscovery,
    sample: {
      engine: "https://e.example",
      coordinator: "https://c.example",
      dashboard: "https://d.example",
      deployments: { enabled: false, reason: "None here" },
    },
    optional: ["engine", "coordinator", "dashboard", "deployments", "deployments.reason"],
  },
  readHealth: { read: readHealth, sample: { healthy: true }, optional: ["healthy"] },
  readSecrets: {
    read: readSecrets,
    sample: {
      items: [{
        id: "s",
        key: "KEY",
        binding: { type: "project" },
        description: "d",
        hint: "h",
        last_accessed_at: "2026-11-30T00:00:00Z",
        created_at: "2026-11-30T00:00:00Z",
      }],
    },
    required: [
      "items",
      ...["id", "key", "binding", "binding.type", "created_at"].map((name) => `items.0.${name}`),
    ],
    optional: ["description", "hint", "last_accessed_at"].map((name) => `items.0.${name}`),
  },
  secretRequest: {
    read: secretRequest.read,
    sample: { value: "v", description: "d" },
    required: ["value"],
    optional: ["description"],
  },
  readServer: {
    read: readServer,
    sample: {
      id: "s",
      type: "http",
      enabled: true,
      managed: true,
      http: { uri: "http://s.example" },
      mcp: { uri: "http://s.example" },
      binding: { type: "project" },
    },
    optional: [
      ...["id", "type", "enabled", "managed", "http", "http.uri", "mcp", "mcp.uri"],
      ...["binding", "binding.type"],
    ],
  },
  readGateway: {
    read: readGateway,
    sample: {
      id: "i",
      name: "n",
      description: "d",
      slug: "s",
      status: "active",
      auth_type: "arcade",
      tool_filter: { allowed_tools: ["a"] },
    },
    required: ["id", "slug"],
    optional: ["name", "description", "status", "auth_type", "tool_filter"],
  },
  newGatewayRequest: {
    read: newGatewayRequest.read,
    sample: {
      name: "n",
      description: "d",
      slug: "s",
      status: "active",
      auth_type: "arcade",
      user_source_id: "u",
      tool_filter: { allowed_tools: ["a"] },
    },
    required: ["name"],
    optional: ["description", "slug", "status", "auth_type", "user_source_id", "tool_filter"],
  },
  gatewayRequest: {
    read: gatewayRequest.read,
    sample: { name: "n", status: "inactive", tool_filter: { allowed_tools: [] } },
    optional: ["name", "status", "tool_filter"],
  },
  readServerHealth: {
    read: readServerHealth,
    sample: { healthy: true, message: "m" },
    optional: ["healthy", "message"],
  },
  serverRequest: { read: serverRequest.read, sample: { enabled: true }, required: ["enabled"] },
  newServerRequest: {
    read: newServerRequest.read,
    sample: { id: "a", type: "http", http },
    required: ["id", "http", "http.uri", "http.secret", "http.timeout", "http.retry"],
    optional: ["type"],
  },
  readPage: {
    read: readPage,
    sample: { items: [{}], total_count: 1 },
    optional: ["items", "total_count"],
  },
  readTool: {
    read: readTool,
    sample: {
      name: "Add",
      qualified_name: "Math.Add",
      fully_qualified_name: "Math.Add@1.0.0",
      toolkit: { name: "Math", version: "1.0.0" },
      description: "d",
      input: {
        parameters: [{
          name: "a",
          required: true,
          description: "d",
          value_schema: { val_type: "string", enum: ["a"] },
        }],
      },
      output: { description: "d", value_schema: { val_type: "array", inner_val_type: "string" } },
      requirements: {
        secrets: [{ key: "KEY" }],
        authorization: { provider_id: "p", provider_type: "oauth2", oauth2: { scopes: ["s"] } },
      },
      deprecation_message: "old",
    },
    optional: [
      ...["name", "fully_qualified_name", "toolkit", "toolkit.name", "toolkit.version"],
      ...["description", "input", "input.parameters", "input.parameters.0.required"],
      ...["input.parameters.0.value_schema", "input.parameters.0.value_schema.enum", "output"],
      ...["output.value_schema.inner_val_type", "requirements", "requirements.secrets"],
      ...["requirements.secrets.0.key", "requirements.authorization"],
      ...["requirements.authorization.oauth2.scopes", "deprecation_message"],
    ],
  },
  toolCallRequest: {
    read: toolCallRequest.read,
    sample: {
      tool_name: "Math.Add",
      input: {},
      user_id: "u",
      tool_version: "1.0.0",
      run_at: "2026-11-21T07:08:33",
      include_error_stacktrace: true,
    },
    required: ["tool_name"],
    optional: ["input", "user_id", "tool_version", "run_at", "include_error_stacktrace"],
  },
  authorizeToolRequest: {
    read: authorizeToolRequest.read,
    sample: { tool_name: "Git.Star", user_id: "u", tool_version: "1.0.0", next_uri: "https://a.b" },
    required: ["tool_name"],
    optional: ["user_id", "tool_version", "next_uri"],
  },
  authorizeRequest: {
    read: authorizeRequest.read,
    sample: {
      user_id: "u",
      next_uri: "http://a.b",
      auth_requirement: { id: "i", provider_id: "p", oauth2: { scopes: ["s"] } },
    },
    required: ["auth_requirement"],
    optional: [
      ...["user_id", "next_uri", "auth_requirement.id", "auth_requirement.provider_id"],
      ...["auth_requirement.oauth2", "auth_requirement.oauth2.scopes"],
    ],
  },
  confirmUserRequest: {
    read: confirmUserRequest.read,
    sample: { flow_id: "f", user_id: "u" },
    required: ["flow_id", "user_id"],
  },
  readUserConnection: {
    read: readUserConnection,
    sample: { id: "i", provider_id: "p", user_id: "u", scopes: ["s"], expires_at: "t" },
    required: ["id", "provider_id", "user_id"],
    optional: ["scopes", "expires_at"],
  },
  grantRequest: {
    read: grantRequest.read,
    sample: { user_id: "u", provider_id: "p", scopes: ["s"], token: "t", expires_in: 1 },
    required: ["user_id", "provider_id"],
    optional: ["scopes", "token", "expires_in"],
  },
  providerRequest: {
    read: providerRequest.read,
    sample: {
      id: "i",
      description: "d",
      external_id: "e",
      provider_id: "p",
      status: "active",
      type: "oauth2",
      oauth2: { client_id: "c" },
    },
    required: ["id", "oauth2.client_id"],
    optional: ["description", "external_id", "provider_id", "status", "type", "oauth2"],
  },
  providerPatch: {
    read: providerPatch.read,
    sample: { description: "d", status: "inactive", oauth2: {} },
    optional: ["description", "status", "oauth2"],
  },
  verificationRequest: {
    read: verificationRequest.read,
    sample: { verifier_url: "https://a.b", unsafe_skip_verification: true },
    optional: ["verifier_url", "unsafe_skip_verification"],
  },
  readWorkerTools: {
    read: ({ mapping }) => readWorkerTools(mapping.tools, readTool),
    sample: { tools: [{ name: "Add" }] },
    required: ["tools"],
    optional: ["tools.0.name"],
  },
  readWorkerCall: {
    read: ({ mapping }) => readWorkerCall(mapping.answer),
    sample: { answer: { success: true, duration: 1.5, finished_at: "t", output: {} } },
    required: ["answer", "answer.success"],
    optional: ["answer.duration", "answer.finished_at", "answer.output"],
  },
  deploymentRequest: {
    read: deploymentRequest.read,
    sample: { name: "server", toolkits },
    required: ["name", "toolkits", "toolkits.bundles", ...BUNDLE],
  },
  deploymentUpdateRequest: {
    read: deploymentUpdateRequest.read,
    sample: { toolkits },
    required: ["toolkits", "toolkits.bundles", ...BUNDLE],
  },
  readDeploymentStatus: {
    read: readDeploymentStatus,
    sample: { status: "running" },
    optional: ["status"],
  },
  batchRequest: { read: batchRequest.read, sample: { api_key: "k", batch: [{}] } },
  readEvent: {
    read: ({ mapping }) => readEvent(mapping),
    sample: {
      event: "e",
      distinct_id: "a",
      uuid: "6f9619ff-8b86-4d01-b42d-00cf4fc964ff",
      properties: {},
    },
    required: ["event"],
    optional: ["uuid"],
  },
};

/** A copy with another value, or none, at a path. */
function changed(value: unknown, path: readonly string[], to: unknown): unknown {
  const [name = "", ...rest] = path;
  if (Array.isArray(value)) return value.map((one, i) => String(i) === name ? at(one) : one);
  if (!isMapping(value)) throw new TypeError(`No field ${path.join(".")}`);
  const { [name]: own, ...others } = value;
  const inner = at(own);
  return inner === undefined ? others : { ...others, [name]: inner };
  function at(one: unknown) {
    return rest.length === 0 ? to : changed(one, rest, to);
  }
}

function readChanged({ read, sample }: Case, path: string, to: unknown): unknown {
  const content = changed(sample, path.split("."), to);
  assert(isMapping(content));
  return read(new Fields(content));
}

/** Requires that a field is refused, by the path of it or of what is in it. */
function assertRefused(one: Case, path: string, to: unknown): void {
  assert.throws(() => readChanged(one, path, to), (error) => {
    assert(error instanceof InvalidField, String(error));
    assert(error.path === path || error.path.startsWith(`${path}.`), `${error.path}, not ${path}`);
    return true;
  });
}

for (const [name, one] of Object.entries(CASES)) {
  const { required = [], optional = [] } = one;
  Deno.test(`${name} refuses missing fields, and fields of another type`, () => {
    one.read(new Fields(one.sample));
    for (const path of required) assertRefused(one, path, undefined);
    for (const path of [...required, ...optional]) assertRefused(one, path, [true]);
    for (const path of optional) {
      readChanged(one, path, undefined);
      readChanged(one, path, null);
    }
  });
}

/** Texts that break the rules of the bodies of requests, by reader and path. */
const BROKEN: readonly [reader: string, path: string, values: readonly unknown[]][] = [
  ["secretRequest", "value", ["", "a\0b", "ä".repeat(5001)]],
  ["secretRequest", "description", ["d".repeat(1001)]],
  ["serverRequest", "enabled", [null, "true", 1]],
  ["newServerRequest", "id", ["", "a b", "a/b", "n".repeat(101)]],
  ["newServerRequest", "type", ["mcp", "other"]],
  ["newServerRequest", "http.uri", ["", "x", "ftp://127.0.0.1"]],
  ["newServerRequest", "http.timeout", [0, 3601, 1.5]],
  ["nameRequest", "name", ["", " ", "a\nb", "n".repeat(101)]],
  ["toolCallRequest", "tool_name", [""]],
  ["authorizeToolRequest", "tool_name", [""]],
  ["authorizeToolRequest", "next_uri", ["", "javascript:alert(1)", "app://x", "/path"]],
  ["authorizeRequest", "auth_requirement.id", ["", "..", "a/b", "a b", "i".repeat(101)]],
  ["authorizeRequest", "auth_requirement.oauth2.scopes", [["a b"], ['"'], [""], ["ä"]]],
  ["authorizeRequest", "auth_requirement.oauth2.scopes", [Array(201).fill("s")]],
  ["grantRequest", "user_id", ["", "a\nb", "u".repeat(257)]],
  ["grantRequest", "provider_id", ["", "."]],
  ["grantRequest", "expires_in", [0, -1, 1.5, 1e9]],
  ["providerRequest", "status", ["on"]],
  ["providerRequest", "type", ["saml"]],
  ["verificationRequest", "verifier_url", ["ftp://a.b"]],
  ["deploymentRequest", "name", ["", ".hidden", "a b", "n".repeat(101)]],
  ["deploymentRequest", "toolkits.bundles", [[], [bundle, bundle]]],
  ["deploymentRequest", "toolkits.packages", [["a-package"], "none", null]],
  ["deploymentUpdateRequest", "toolkits.bundles.0.version", ["", "1\n", "v".repeat(201)]],
  ["deploymentUpdateRequest", "toolkits.bundles.0.entrypoint", ["", "a\0", "e".repeat(201)]],
  ["batchRequest", "batch", [undefined, null, [], "events"]],
  ["readEvent", "event", ["", 1]],
  ["readEvent", "uuid", ["not-a-uuid"]],
  ["readEvent", "properties", [null, "p", []]],
  ["readEvent", "distinct_id", ["", null]],
];

for (const [reader, path, values] of BROKEN) {
  Deno.test(`${reader} refuses what breaks the rule of ${path}`, () => {
    const one = CASES[reader];
    assert(one);
    for (const value of values) assertRefused(one, path, value);
  });
}

Deno.test("the longest values and names are accepted, and counted in characters", () => {
  const value = "🦀".repeat(5000);
  assert.equal(secretRequest.read(new Fields({ value })).value, value);
  assert.equal(nameRequest.read(new Fields({ name: ` ${"n".repeat(100)} ` })).name.length, 100);
});

Deno.test("a null description removes the stored one, and a missing one keeps it", () => {
  const read = (body: Mapping) => secretRequest.read(new Fields({ value: "v", ...body }));
  assert.equal(read({ description: null }).description, null);
  assert.equal(read({}).description, undefined);
});

Deno.test("a key of a secret has up to 256 characters, and cannot be a folder", () => {
  for (const key of ["A", "a.b-c_D9", "k".repeat(256)]) assert.match(key, SECRET_KEY);
  for (const key of ["", ".", "..", "a b", "a/b", "ä", "k".repeat(257)]) {
    assert.doesNotMatch(key, SECRET_KEY);
  }
});

Deno.test("a log line is read from the list and from the stream, and anything else is skipped", () => {
  const line = { timestamp: "2026-11-30T00:00:00Z", line: "text" };
  assert.deepEqual(readLogLine(line), line);
  assert.deepEqual(readLogLine({ Timestamp: line.timestamp, Line: line.line }), line);
  assert.deepEqual(readLogLine({ line: "text", timestamp: 1 }), { ...line, timestamp: undefined });
  for (const other of [null, "text", 1, [], {}, { line: 1 }, { timestamp: line.timestamp }]) {
    assert.equal(readLogLine(other), undefined, JSON.stringify(other));
  }
});

Deno.test("a PostHog key is the key of a project, without spaces around it", () => {
  assert.equal(readApiKey(" phc_key\n"), "phc_key");
  for (const other of [undefined, null, 1, "", " ", "phx_personal", "ä", "k".repeat(65)]) {
    assert.equal(readApiKey(other), undefined, String(other));
  }
});
