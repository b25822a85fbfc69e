import { defaultFlag, flag, oneOf, valueFlag, wholeNumber } from "../../cli/declaration.ts";
import { command } from "../shared/command.ts";
import { jsonFlag } from "../shared/flags.ts";

export const configure = command({
  brief: "Add this project's server to an MCP client",
  description:
    "Add this project's MCP server to the configuration file of a client, such as Claude Code or " +
    "Cursor. The client starts it with `arcade mcp stdio`, which reads .env itself, so no secret " +
    "is written to the client's file. Everything else in that file is left unchanged. The " +
    "server is server.py, or a command after --.",
  examples: [
    ["configure claude-code", "Add the server to Claude Code"],
    ["configure cursor --scope project", "Add it to .cursor/mcp.json of this project"],
    ["configure codex --dry-run", "Show what would change"],
    ["configure vscode -- node server.js", "Add a server in another language"],
    ["configure vscode --transport http", "Add its address; you start the server yourself"],
    ["configure goose --print", "Print the text to add, and the file that it belongs in"],
    ["configure claude-code --remove", "Remove it"],
    ["configure --list", "Show all clients, their files and their servers"],
  ],
  flags: {
    scope: defaultFlag("which", "Add it for you, or only for this project", {
      parse: oneOf("user", "project"),
      default: "user",
    }),
    name: valueFlag("name", "Name of the server (default: this folder's name)", { letter: "n" }),
    entrypoint: valueFlag("path", "The server's program (default: server.py)", {
      letter: "e",
      values: "files",
    }),
    envFile: valueFlag("path", "The .env file of the server (default: .env)", { values: "files" }),
    transport: defaultFlag("how", "stdio, or http for a server that you start", {
      parse: oneOf("stdio", "http"),
      letter: "t",
      default: "stdio",
    }),
    port: defaultFlag("number", "With http: the port of the server", {
      parse: wholeNumber(1, 65_535),
      default: "8000",
    }),
    url: valueFlag("address", "With http: the full address of the server"),
    config: valueFlag("path", "Configuration file of the client", { letter: "c", values: "files" }),
    inlineSecrets: flag("Write the values of .env into the client's file"),
    dryRun: flag("Show what would change, and change nothing"),
    print: flag("Print the text and the file that it belongs in, and change nothing"),
    remove: flag("Remove the server"),
    list: flag("List all clients with their files and servers"),
    force: flag("Replace or remove a server that is not from this project"),
    ...jsonFlag,
  },
  exclusions: [
    {
      flag: "--list",
      excludes: ["--remove", "--print", "--dry-run", "--force", "--inline-secrets"],
      next: "Use `--list` alone",
    },
    {
      flag: "--print",
      excludes: ["--remove", "--dry-run", "--force", "--inline-secrets"],
      next: "`--dry-run` shows what a change would do",
    },
    {
      flag: "--remove",
      excludes: ["--inline-secrets", "--url", "--entrypoint", "--env-file"],
      next: "`--remove` needs only the name of the server",
    },
    {
      flag: "--url",
      excludes: ["--entrypoint", "--env-file", "--inline-secrets"],
      next: "Use `--url` for a server that is already running",
    },
  ],
  argument: {
    placeholder: "client",
    brief: "The client; after --, the command that starts the server, with its arguments",
    count: "any",
    values: "clients",
    isCommand: true,
  },
  needs: ["read", "write", "run"],
  load: async () => (await import("./configure.ts")).configure,
});
