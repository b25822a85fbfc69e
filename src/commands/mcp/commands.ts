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
  brief: "Connect an MCP client that supports only stdio to an HTTP server",
  description:
    "Connect an MCP client that supports only stdio to an HTTP server. It sends your login or " +
    "ARCADE_API_KEY to a gateway of your engine. If a gateway or another server needs its own " +
    "login, the browser opens, and the login is stored for this server only. No " +
    "configuration file needs a token. If the server loses the session, it starts a new one. " +
    "It exits when its input ends.",
  examples: [
    [
      "mcp proxy https://api.arcade.dev/mcp/my-gateway",
      "The command to put in a client's configuration",
    ],
    ["mcp proxy my-gateway --context work", "Name a gateway by its slug, with another login"],
  ],
  flags: {
    user: valueFlag("id", "User that tools act for (default: your login's e-mail address)"),
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
  brief: "Log out of one MCP server",
  description: "Remove the login stored for one MCP server, and revoke it there. " +
    "`arcade logout --all` does so for all servers.",
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
    "Run an MCP server on this machine, and pass on its input, output, signals and exit code. " +
    "By default, it runs arcade-mcp-server from the project's Python, with " +
    "the tools in this folder. A command after -- gets the transport, the host and the port in " +
    "environment variables such as ARCADE_SERVER_TRANSPORT. Of the other flags, only --cwd and " +
    "--env-file work with a command; variables that are already set override the file.",
  examples: [
    ["mcp", "Serve the tools in this folder over HTTP"],
    ["mcp stdio", "Serve them to the program that starts this command"],
    ["mcp http --port 9000 --reload", "Use another port, and restart after changes"],
    ["mcp stdio -- python server.py", "Run another program"],
    ["mcp stdio --env-file .env -- node server.js", "Run a program with the variables in .env"],
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
    showPackages: flag("Show the packages found"),
    reload: flag("Restart when files change"),
    otelEnable: flag("Send OpenTelemetry data"),
    envFile: valueFlag("path", "The .env file of the server", { values: "files" }),
    name: valueFlag("name", "Name of the server"),
    version: valueFlag("version", "Version of the server"),
    cwd: valueFlag("folder", "Folder of the server (default: this folder)", { values: "files" }),
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
