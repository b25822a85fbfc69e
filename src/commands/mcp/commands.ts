import {
  type Command,
  defaultFlag,
  flag,
  text,
  valueFlag,
  wholeNumber,
} from "../../cli/declaration.ts";
import type { Context } from "../context.ts";
import { command } from "../shared/command.ts";
import { contextFlag, jsonFlag } from "../shared/flags.ts";

const proxy = command({
  brief: "Connect an MCP client that knows stdio only with a server over HTTP",
  description:
    "Connect an MCP client that knows stdio only with a server over HTTP. A gateway of " +
    "your engine gets your login or ARCADE_API_KEY; where that is not enough, and at other " +
    "servers, the browser opens for a login, which is stored for this server alone. So no " +
    "configuration file needs a token. It makes a new session when the server has lost it, and " +
    "ends when its input ends.",
  examples: [
    [
      "mcp proxy https://api.arcade.dev/mcp/my-gateway",
      "The command of the server in the configuration of a client",
    ],
    ["mcp proxy my-gateway --context work", "A gateway by its slug, with another login"],
  ],
  flags: {
    user: valueFlag("id", "User that tools act for (default: the e-mail address of the login)"),
    ...contextFlag,
  },
  argument: {
    placeholder: "url or slug",
    brief: "The address of an MCP server, or the slug of a gateway",
    count: "one",
    values: "gateways",
  },
  needs: ["read", "write", "net", "run"],
  capabilities: ["tools:call"],
  isLong: true,
  load: async () => (await import("./proxy.ts")).runProxy,
});

const logout = command({
  brief: "Remove the login that is stored for one MCP server",
  description: "Remove the login that is stored for one MCP server, and revoke it there. " +
    "`arcade logout --all` removes all of them.",
  examples: [["mcp logout https://mcp.example.com/mcp", "Remove it"]],
  flags: { ...contextFlag, ...jsonFlag },
  argument: {
    placeholder: "url or slug",
    brief: "The address of an MCP server, or the slug of a gateway",
    count: "one",
    values: "mcp-logins",
  },
  needs: ["read", "write", "net"],
  load: async () => (await import("./logout.ts")).logOutAtServer,
});

const serve = command({
  brief: "Run an MCP server on this machine",
  description:
    "Run an MCP server on this machine, with its input, output, signals and exit code. " +
    "Without a command, it is the server of arcade-mcp-server in the project's own Python, with " +
    "the tools in this folder. A command after -- gets the transport, the host and the port in " +
    "variables, ARCADE_SERVER_TRANSPORT for example; of the other flags it takes --env-file, whose " +
    "variables it gets unless they are set, and --cwd.",
  examples: [
    ["mcp", "Serve the tools in this folder over HTTP"],
    ["mcp stdio", "Serve them to the program that starts this"],
    ["mcp http --port 9000 --reload", "Use another port, and start again after changes"],
    ["mcp stdio -- python server.py", "Run another program"],
    ["mcp stdio --env-file .env -- node server.js", "Run it with the variables of .env"],
  ],
  flags: {
    host: defaultFlag("address", "Address to listen on", { parse: text, default: "127.0.0.1" }),
    port: defaultFlag("number", "Port to listen on", {
      parse: wholeNumber(1, 65_535),
      default: "8000",
    }),
    toolPackage: valueFlag("name", "Serve the tools of an installed package", {
      letter: "p",
      alias: "package",
    }),
    discoverInstalled: flag("Serve the tools of all installed packages", { alias: "all" }),
    showPackages: flag("Show the packages that are found"),
    reload: flag("Start again when files change"),
    otelEnable: flag("Send OpenTelemetry data"),
    envFile: valueFlag("path", "The .env file of the server", { values: "files" }),
    name: valueFlag("name", "Name of the server"),
    version: valueFlag("version", "Version of the server"),
    cwd: valueFlag("folder", "Folder of the server (default: this one)", { values: "files" }),
  },
  argument: {
    placeholder: "transport or command",
    brief: "stdio or http (default: http); then, after --, a command and its arguments",
    count: "any",
    values: ["stdio", "http"],
    isCommand: true,
  },
  needs: ["read", "write", "net", "run"],
  isLong: true,
  load: async () => (await import("./mcp.ts")).runMcpServer,
});

export const mcp: Command<Context> = { ...serve, commands: { proxy, logout } };
