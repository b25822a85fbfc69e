import {
  defaultFlag,
  flag,
  group,
  oneOf,
  parsedFlag,
  repeatableFlag,
  valueFlag,
  wholeNumber,
} from "../../cli/declaration.ts";
import { command } from "../shared/command.ts";
import { ifNotExistsFlag, ignoreMissingFlag } from "../shared/existing.ts";
import { engineFlags as flags } from "../shared/flags.ts";

const argument = {
  placeholder: "slug",
  brief: "The slug of a gateway",
  count: "one",
  values: "gateways",
} as const;

const toolFlags = {
  tool: repeatableFlag("name", "A tool of the gateway", { values: "tools" }),
  server: repeatableFlag("name", "All tools of a server, by its name in tool names"),
};

const list = command({
  brief: "List the gateways of the active project",
  examples: [
    ["gateway list", "List them"],
    ["gateway list --json", "Output JSON for scripts"],
  ],
  flags,
  needs: ["read", "write", "net"],
  capabilities: ["gateways:read"],
  load: async () => (await import("./list.ts")).listGateways,
});

const get = command({
  brief: "Show a gateway and its tools",
  examples: [
    ["gateway get support", "Show it"],
    ["gateway get support --json", "Output JSON for scripts"],
  ],
  flags,
  argument,
  needs: ["read", "write", "net"],
  capabilities: ["gateways:read"],
  load: async () => (await import("./get.ts")).getGateway,
});

const create = command({
  brief: "Create a gateway, which gives MCP clients tools at one address",
  description: "Create a gateway, which gives MCP clients tools at one address. On a terminal, " +
    "it asks which tools unless you name them. The address is printed to stdout.",
  examples: [
    [
      "gateway create support --server Zendesk --slug support",
      "Include all tools that the server has now",
    ],
    ["gateway create --tool Math.Add --tool Math.Multiply", "Include only these tools"],
    ["gateway create ci --slug ci --server Math --auth header", "For clients with an API key"],
  ],
  flags: {
    ...toolFlags,
    auth: defaultFlag("method", "How clients authenticate: oauth, or header for an API key", {
      parse: oneOf("oauth", "header"),
      default: "oauth",
    }),
    slug: valueFlag("slug", "Last part of the address (default: made by the engine)"),
    description: valueFlag("text", "What the gateway is for"),
    ...ifNotExistsFlag,
    ...flags,
  },
  argument: {
    placeholder: "name",
    brief: "Its name (default: its slug, or the names of its servers)",
    count: "optional",
  },
  needs: ["read", "write", "net"],
  capabilities: ["gateways:write", "tools:read"],
  load: async () => (await import("./create.ts")).createGateway,
});

const edit = command({
  brief: "Change a gateway",
  description: "Change a gateway. Only what flags name is changed. `--status inactive` closes " +
    "it at once for all clients. `--tool` and `--server` replace its tools. A new slug changes " +
    "the address, and all clients must log in again there.",
  examples: [
    ["gateway edit support --status inactive", "Close it"],
    ["gateway edit support --server Zendesk --tool Math.Add", "Replace its tools"],
  ],
  flags: {
    status: parsedFlag("status", "active or inactive", { parse: oneOf("active", "inactive") }),
    ...toolFlags,
    auth: parsedFlag("method", "How clients authenticate: oauth, or header for an API key", {
      parse: oneOf("oauth", "header"),
    }),
    name: valueFlag("name", "New name"),
    description: valueFlag("text", "What the gateway is for; empty for none"),
    slug: valueFlag("slug", "New slug"),
    ...flags,
  },
  argument,
  needs: ["read", "write", "net"],
  capabilities: ["gateways:write", "tools:read"],
  load: async () => (await import("./edit.ts")).editGateway,
});

const remove = command({
  brief: "Delete a gateway",
  description: "Delete a gateway. Asks first; without a terminal, it needs `--yes`.",
  examples: [
    ["gateway delete support", "Delete it, after a confirmation"],
    ["gateway delete support --yes --ignore-missing", "Delete it in a script that can run twice"],
  ],
  flags: {
    yes: flag("Do not ask for confirmation", { letter: "y" }),
    ...ignoreMissingFlag,
    ...flags,
  },
  argument,
  needs: ["read", "write", "net"],
  capabilities: ["gateways:write"],
  load: async () => (await import("./delete.ts")).deleteGateway,
});

const url = command({
  brief: "Print the address of a gateway for MCP clients",
  examples: [
    ["gateway url support", "Print it"],
    ["gateway url support --json", "Output JSON for scripts"],
  ],
  flags,
  argument,
  needs: ["read", "write", "net"],
  capabilities: ["gateways:read"],
  load: async () => (await import("./get.ts")).printUrl,
});

const test = command({
  brief: "Test a gateway or an MCP server step by step, as a client connects",
  description: "Test a gateway or an MCP server step by step, as a client connects: a request " +
    "without a login, the server's metadata, its authorization server, the client registration, " +
    "the token, discover or initialize, the list of tools, and one call if you name " +
    "a tool. Each step prints a line with its duration, and a step that fails says what to do. " +
    "The login is stored for this server, and `arcade mcp proxy` uses it too.",
  examples: [
    ["gateway test support", "Test a gateway, by its slug"],
    ["gateway test https://mcp.example.com/mcp", "Test any MCP server"],
    [
      'gateway test support --call Math_Add --input \'{"a": 1, "b": 2}\'',
      "Also call a tool",
    ],
    ["gateway test support --new-login", "Log in again, as a new client does"],
  ],
  flags: {
    call: valueFlag("tool", "Call this tool at the end, by its name in the list"),
    input: valueFlag("json", "The input of that tool: a JSON object"),
    newLogin: flag("Remove the login stored for this server first"),
    clientId: valueFlag("id", "Id of a client that you registered at the authorization server"),
    callbackPort: parsedFlag("port", "Port that the browser redirects to (default: a free port)", {
      parse: wholeNumber(1, 65_535),
    }),
    user: valueFlag("id", "User that tools act for (default: your login's e-mail address)"),
    ...flags,
  },
  argument: {
    placeholder: "url or slug",
    brief: "The address of an MCP server, or the slug of a gateway",
    count: "one",
    values: "gateways",
  },
  needs: ["read", "write", "net", "run"],
  capabilities: ["tools:call"],
  load: async () => (await import("./walk.ts")).testGateway,
});

export const gateway = group("Give any MCP client the tools of a project", {
  list,
  get,
  create,
  edit,
  delete: remove,
  url,
  test,
});
