import {
  commandFlag,
  defaultFlag,
  flag,
  oneOf,
  text,
  valueFlag,
  wholeNumber,
} from "../../cli/declaration.ts";
import { command } from "../shared/command.ts";
import { ENTRYPOINT, jsonFlag } from "../shared/flags.ts";

export const dev = command({
  brief: "Run a server while you write it, and see each change at once",
  description:
    "Run a server while you write it. It restarts when you save a file, and a version that " +
    "does not start leaves the last working one running. You call its tools through a local Arcade, " +
    "with secrets and grants: on a page, from MCP clients through a gateway, and with " +
    "`arcade tool call`. Uses the running local Arcade, or starts one. ENTRY is a Python program " +
    "or any executable. A command after -- can be in any language, and serves MCP over stdio, " +
    "or over HTTP on the port in PORT.",
  examples: [
    ["dev", `Run ${ENTRYPOINT} of this folder`],
    ["dev -- node server.js", "Run a server in another language"],
    ["dev --client claude-code", "Connect an MCP client to its tools while it runs"],
    ["dev --until-ready --ephemeral -- npm test", "Run tests against it, then stop"],
    ["dev --json", "One JSON object per line: ready, restarted, tools-changed, error, call"],
  ],
  flags: {
    name: valueFlag("name", "Name of the server (default: the folder's name)", { letter: "n" }),
    port: defaultFlag("number", "Port of a local Arcade that it starts; 0 picks a free port", {
      parse: wholeNumber(0, 65_535),
      default: "8000",
    }),
    ephemeral: flag("Start a local Arcade that discards its data at the end"),
    gateway: defaultFlag("slug", "Slug of its gateway", { parse: text, default: "dev" }),
    auth: defaultFlag("how", "How MCP clients authenticate at the gateway", {
      parse: oneOf("oauth", "header"),
      default: "oauth",
    }),
    client: valueFlag("name", "Connect this MCP client to the gateway while it runs", {
      values: "clients",
    }),
    untilReady: flag("Run the command after -- when the server is ready, then stop"),
    command: commandFlag(
      "The server's command; with --until-ready, the command to run when it is ready",
    ),
    ...jsonFlag,
  },
  exclusions: [
    {
      flag: "--until-ready",
      excludes: ["--json", "--client"],
      next: "The output comes from the command after `--`",
    },
  ],
  argument: {
    placeholder: "entry",
    brief: `The program of the server (default: ${ENTRYPOINT})`,
    count: "optional",
    values: "files",
  },
  needs: ["read", "write", "net", "run"],
  isLong: true,
  load: async () => (await import("./dev.ts")).dev,
});
