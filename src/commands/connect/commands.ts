import {
  defaultFlag,
  flag,
  oneOf,
  parsedFlag,
  repeatableFlag,
  valueFlag,
} from "../../cli/declaration.ts";
import { command } from "../shared/command.ts";
import { engineFlags } from "../shared/flags.ts";
import { PRESETS } from "./presets.ts";

export const connect = command({
  brief: "Connect an MCP client to a project's tools",
  description:
    "Connect an MCP client to a project's tools through a gateway. It reuses a gateway that has " +
    "these tools, or creates one. No token is written to the client's file: " +
    "the client logs in on its own, reads an API key from its environment, or starts " +
    "`arcade mcp proxy`, which uses your login.",
  examples: [
    ["connect claude-code --server Github", "All tools of a server"],
    ["connect cursor --tool Gmail.SendEmail --tool Gmail.ListEmails", "Only these tools"],
    ["connect vscode --preset development", "The servers of a preset that the project has"],
    ["connect codex --gateway support", "An existing gateway"],
    ["connect claude-code --server Github --dry-run", "Show what would change"],
    ["connect cursor --gateway support --remove", "Remove it from the client"],
  ],
  flags: {
    tool: repeatableFlag("name", "A tool"),
    server: repeatableFlag("name", "All tools of a server, by its name in tool names"),
    preset: parsedFlag("name", "The servers of a preset", {
      parse: oneOf(...Object.keys(PRESETS)),
    }),
    all: flag("All tools of the project"),
    gateway: valueFlag("slug", "An existing gateway", { letter: "g", values: "gateways" }),
    slug: valueFlag("slug", "Last part of the address of a new gateway", { letter: "s" }),
    name: valueFlag("name", "Name in the client (default: the gateway's name)", { letter: "n" }),
    scope: defaultFlag("which", "Add it for you, or only for this project", {
      parse: oneOf("user", "project"),
      default: "user",
    }),
    config: valueFlag("path", "Configuration file of the client", { letter: "c", values: "files" }),
    dryRun: flag("Show what would change, and change nothing"),
    print: flag("Print the text and the file that it belongs in, and change nothing"),
    remove: flag("Remove the server from the client, and keep the gateway"),
    force: flag("Replace or remove another server with that name"),
    ...engineFlags,
  },
  exclusions: [
    {
      flag: "--gateway",
      excludes: ["--tool", "--server", "--preset", "--all", "--slug"],
      next: "Change the gateway's tools with `arcade gateway edit`",
    },
    {
      flag: "--all",
      excludes: ["--tool", "--server", "--preset"],
      next: "`--all` includes all tools",
    },
    {
      flag: "--remove",
      excludes: ["--tool", "--server", "--preset", "--all", "--print"],
      next: "Name the server with `--name` or `--gateway`",
    },
    {
      flag: "--print",
      excludes: ["--dry-run", "--force"],
      next: "`--dry-run` shows what a change would do",
    },
  ],
  argument: { placeholder: "client", brief: "The client", count: "optional", values: "clients" },
  needs: ["read", "write", "net", "run"],
  capabilities: ["gateways:read", "gateways:write", "tools:read"],
  load: async () => (await import("./connect.ts")).connect,
});
