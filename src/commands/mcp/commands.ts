import { defaultFlag, flag, text, valueFlag, wholeNumber } from "../../cli/declaration.ts";
import { command } from "../shared/command.ts";

export const mcp = command({
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
