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
  brief: "The slug of a gateway; without it, you choose from a list",
  count: "optional",
  values: "gateways",
} as const;

const toolFlags = {
  tool: repeatableFlag("name", "A tool of the gateway", { values: "tools" }),
  server: repeatableFlag("name", "All tools of a server, as its tools name it"),
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
  brief: "Show a gateway, and its tools",
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
  brief: "Create a gateway: an address with tools for any MCP client",
  description: "Create a gateway: an address with tools for any MCP client. On a terminal, it " +
    "asks which tools unless you name them. The address goes to stdout.",
  examples: [
    ["gateway create support --server Zendesk --slug support", "All tools that a server has now"],
    ["gateway create --tool Math.Add --tool Math.Multiply", "These tools"],
    ["gateway create ci --slug ci --server Math --auth header", "For clients with an API key"],
  ],
  flags: {
    ...toolFlags,
    auth: defaultFlag("way", "How clients authenticate: oauth, or header with an API key", {
      parse: oneOf("oauth", "header"),
      default: "oauth",
    }),
    slug: valueFlag("slug", "Last part of the address (default: made by the engine)"),
    description: valueFlag("text", "What it is for"),
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
  description: "Change a gateway. What no flag names stays as it is. `--status inactive` closes " +
    "it at once for all clients. `--tool` and `--server` replace its tools. A new slug is a new " +
    "address, where all clients have to log in again.",
  examples: [
    ["gateway edit support --status inactive", "Close it"],
    ["gateway edit support --server Zendesk --tool Math.Add", "Give it other tools"],
  ],
  flags: {
    status: parsedFlag("status", "active or inactive", { parse: oneOf("active", "inactive") }),
    ...toolFlags,
    auth: parsedFlag("way", "How clients authenticate: oauth, or header with an API key", {
      parse: oneOf("oauth", "header"),
    }),
    name: valueFlag("name", "Another name"),
    description: valueFlag("text", "What it is for; empty for none"),
    slug: valueFlag("slug", "Another slug"),
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
    ["gateway delete support --yes --ignore-missing", "In a script that may run twice"],
  ],
  flags: {
    yes: flag("Do not ask", { letter: "y" }),
    ...ignoreMissingFlag,
    ...flags,
  },
  argument,
  needs: ["read", "write", "net"],
  capabilities: ["gateways:write"],
  load: async () => (await import("./delete.ts")).deleteGateway,
});

const url = command({
  brief: "Print the address of a gateway, for MCP clients",
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
  brief: "Walk the way of an MCP client to a gateway or a server, step by step",
  description: "Walk the way of an MCP client to a gateway or a server, step by step: a request " +
    "without a login, the metadata of the server, its authorization server, the registration of " +
    "the client, the token, discover or initialize, the list of tools, and one call if you name " +
    "a tool. Each step is a line with its time, and the first one that fails says what to do. " +
    "The login is stored for this server, and `arcade mcp proxy` uses it too.",
  examples: [
    ["gateway test support", "A gateway, by its slug"],
    ["gateway test https://mcp.example.com/mcp", "Any MCP server"],
    [
      'gateway test support --call Math_Add --input \'{"a": 1, "b": 2}\'',
      "Call a tool at the end",
    ],
    ["gateway test support --new-login", "Log in again, as a new client does"],
  ],
  flags: {
    call: valueFlag("tool", "Call this tool at the end, by its name in the list"),
    input: valueFlag("json", "The input of that tool: a JSON object"),
    newLogin: flag("Forget the login that is stored for this server first"),
    clientId: valueFlag("id", "A client that you registered at the authorization server"),
    callbackPort: parsedFlag("port", "Port of this machine for the browser (default: a free one)", {
      parse: wholeNumber(1, 65_535),
    }),
    user: valueFlag("id", "User that tools act for (default: the e-mail address of the login)"),
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
