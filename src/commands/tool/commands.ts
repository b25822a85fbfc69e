import { flag, group, valueFlag } from "../../cli/declaration.ts";
import { command } from "../shared/command.ts";
import { engineFlags as flags } from "../shared/flags.ts";

const fullFlag = flag("Print everything the engine returns about the tool, as JSON", {
  letter: "f",
});

const list = command({
  brief: "List the tools of the active project",
  examples: [
    ["tool list", "List them, with the secrets and the authorization that they need"],
    ["tool list --server Weather", "List the tools of one server"],
    ["tool list --json", "Output JSON for scripts, with inputs and outputs"],
  ],
  flags: {
    server: valueFlag("name", "Only the tools of this server", { values: "servers" }),
    ...flags,
  },
  needs: ["read", "write", "net"],
  capabilities: ["tools:read"],
  load: async () => (await import("./list.ts")).listTools,
});

const get = command({
  brief: "Show a tool: its inputs, its output, and what it needs",
  examples: [
    ["tool get Weather.Forecast", "Show it"],
    ["tool get weather.forecast@1.0.0", "Show this version"],
    ["tool get Weather.Forecast --full", "Print everything the engine returns about it"],
  ],
  flags: { full: fullFlag, ...flags },
  argument: {
    placeholder: "name",
    brief: "The name of a tool, with or without its version",
    count: "one",
    values: "tools",
  },
  needs: ["read", "write", "net"],
  capabilities: ["tools:read"],
  load: async () => (await import("./get.ts")).getTool,
});

export const tool = group("See the tools that can be called", { list, get });

export const show = command({
  brief: "List tools, or show one, with the flags of the Python CLI",
  description:
    "List tools, or show one, with the flags of the Python CLI. `tool list` and `tool get` " +
    "do the same.",
  examples: [
    ["show", "List all tools"],
    ["show --server Weather", "List the tools of one server"],
    ["show --tool Weather.Forecast", "Show a tool"],
  ],
  flags: {
    server: valueFlag("name", "Only the tools of this server", { letter: "T", values: "servers" }),
    tool: valueFlag("name", "Show this tool", { letter: "t", values: "tools" }),
    full: fullFlag,
    local: flag("Not supported: it needs Python", { letter: "l" }),
    ...flags,
  },
  needs: ["read", "write", "net"],
  capabilities: ["tools:read"],
  load: async () => (await import("./show.ts")).showTools,
});
