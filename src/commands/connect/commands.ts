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
  brief: "Connect an MCP client with the tools of a project",
  description:
    "Connect an MCP client with the tools of a project, through a gateway. A gateway that has the " +
    "tools is used again; otherwise one is created. No token is written into the client's file: " +
    "the client logs in by itself, takes an API key from its environment, or starts " +
    "`arcade mcp proxy`, which uses your login.",
  examples: [
    ["connect claude-code --server Github", "All tools of a server"],
    ["connect cursor --tool Gmail.SendEmail --tool Gmail.ListEmails", "These tools"],
    ["connect vscode --preset development", "The servers of a preset, as far as they are there"],
    ["connect codex --gateway support", "An existing gateway"],
    ["connect claude-code --server Github --dry-run", "Show what would change"],
    ["connect cursor --gateway support --remove", "Remove it from the client again"],
  ],
  flags: {
    tool: repeatableFlag("name", "A tool"),
    server: repeatableFlag("name", "All tools of a server, as its tools name it"),
    preset: parsedFlag("name", "The servers of a preset", {
      parse: oneOf(...Object.keys(PRESETS)),
    }),
    all: flag("All tools of the project"),
    gateway: valueFlag("slug", "An existing gateway", { letter: "g", values: "gateways" }),
    slug: valueFlag("slug", "Last part of the address of a new gateway", { letter: "s" }),
    name: valueFlag("name", "Name in the client (default: that of the gateway)", { letter: "n" }),
    scope: defaultFlag("which", "For you, or for this project only", {
      parse: oneOf("user", "project"),
      default: "user",
    }),
    config: valueFlag("path", "Another file of the client", { letter: "c", values: "files" }),
    dryRun: flag("Show what would change, and change nothing"),
    print: flag("Print the text and where it goes, and write no file"),
    remove: flag("Remove the server from the client; the gateway stays"),
    force: flag("Replace or remove another server of that name"),
    ...engineFlags,
  },
  exclusions: [
    {
      flag: "--gateway",
      excludes: ["--tool", "--server", "--preset", "--all", "--slug"],
      next: "A gateway has its tools; `arcade gateway edit` changes them",
    },
    {
      flag: "--all",
      excludes: ["--tool", "--server", "--preset"],
      next: "`--all` has all of them",
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
