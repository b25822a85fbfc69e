import { flag, group, valueFlag } from "../../cli/declaration.ts";
import { callFlags } from "../shared/call_flags.ts";
import { command } from "../shared/command.ts";
import { engineFlags as flags } from "../shared/flags.ts";
import { waitExclusion } from "../shared/wait_flags.ts";

const fullFlag = flag("Print everything the engine returns about the tool, as JSON", {
  letter: "f",
});

const list = command({
  brief: "List the tools of the active project",
  examples: [
    ["tool list", "List them with the secrets and grants that they need"],
    ["tool list --server Weather", "List the tools of one server"],
    ["tool list --json", "Output JSON for scripts, with inputs and outputs"],
  ],
  flags: {
    server: valueFlag("name", "List only the tools of this server", { values: "servers" }),
    ...flags,
  },
  needs: ["read", "write", "net"],
  capabilities: ["tools:read"],
  load: async () => (await import("./list.ts")).listTools,
});

const get = command({
  brief: "Show a tool's inputs, its output and what it needs",
  examples: [
    ["tool get Weather.Forecast", "Show it"],
    ["tool get weather.forecast@1.0.0", "Show this version"],
    ["tool get Weather.Forecast --full", "Print everything the engine returns about it"],
  ],
  flags: { full: fullFlag, ...flags },
  argument: {
    placeholder: "name",
    brief: "The name of a tool, with or without its version; without it, you choose from a list",
    count: "optional",
    values: "tools",
  },
  needs: ["read", "write", "net"],
  capabilities: ["tools:read"],
  load: async () => (await import("./get.ts")).getTool,
});

const call = command({
  brief: "Call a tool",
  description:
    "Call a tool. Its parameters are flags: `arcade tool call NAME --help` shows them and what " +
    "the tool needs. The value that the tool returns is printed to stdout.",
  examples: [
    ["tool call Math.Add --a 1 --b 2", "Call it, and print the value"],
    ["tool call Github.SetStarred --help", "Show its parameters and what it needs"],
    ["tool call Github.SetStarred --owner a --name b --no-starred", "Set a parameter to false"],
    ["tool call Slack.Post --input @message.json --json", "Read the inputs from a file"],
    ["tool call Math.Add --arg user=1", "Set a parameter that is named like a flag of arcade"],
    ["tool call Demo_Add --a 1 -- python server.py", "Call a tool of a server that this starts"],
    [
      "tool call Demo_Add --a 1 --server http://localhost:8000/mcp",
      "Call a tool of a running server",
    ],
  ],
  argument: {
    placeholder: "name",
    brief: "The name of a tool, with or without its version",
    count: "one",
    values: "tools",
  },
  flags: callFlags,
  exclusions: [waitExclusion, {
    flag: "--json",
    excludes: ["--output"],
    next: "`--json` is `--output json`",
  }, {
    flag: "--server",
    excludes: ["--"],
    next: "Give either the address of a server or a command that starts it",
  }],
  needs: ["read", "write", "net", "run"],
  capabilities: ["tools:read", "tools:call"],
  load: async () => (await import("./call.ts")).callTool,
});

const search = command({
  brief: "Search tools by words in their names and descriptions",
  examples: [
    ["tool search star repository", "List the tools with these words, best matches first"],
    ["tool search calendar --json", "Output JSON for scripts, as `tool list` does"],
  ],
  flags,
  argument: { placeholder: "words", brief: "The words to search for", count: "some" },
  needs: ["read", "write", "net"],
  capabilities: ["tools:read"],
  load: async () => (await import("./search.ts")).searchTools,
});

const runs = command({
  brief: "List scheduled calls, or show one",
  examples: [
    ["tool runs list", "List them with their status"],
    ["tool runs get ID", "Show one with its input and its attempts"],
    ["tool runs list --json", "Output JSON for scripts"],
  ],
  flags,
  argument: {
    placeholder: "operation",
    brief: "list, or get with the id of a call",
    count: "some",
    values: ["list", "get"],
  },
  needs: ["read", "write", "net"],
  capabilities: ["tools:read"],
  load: async () => (await import("./runs.ts")).runs,
});

export const tool = group("List, search and call tools", { list, search, get, call, runs });

export const show = command({
  brief: "List tools or show one, with the Python CLI's flags",
  description: "List tools or show one, with the Python CLI's flags. `tool list` and `tool get` " +
    "do the same.",
  examples: [
    ["show", "List all tools"],
    ["show --server Weather", "List the tools of one server"],
    ["show --tool Weather.Forecast", "Show a tool"],
  ],
  flags: {
    server: valueFlag("name", "List only the tools of this server", {
      letter: "T",
      values: "servers",
    }),
    tool: valueFlag("name", "Show this tool", { letter: "t", values: "tools" }),
    full: fullFlag,
    local: flag("Not supported: it needs Python", { letter: "l" }),
    ...flags,
  },
  needs: ["read", "write", "net"],
  capabilities: ["tools:read"],
  load: async () => (await import("./show.ts")).showTools,
});
