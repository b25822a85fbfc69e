import { flag, valueFlag } from "../../cli/declaration.ts";
import { command } from "../shared/command.ts";
import { jsonFlag } from "../shared/flags.ts";

export const newCommand = command({
  brief: "Create the project of an MCP server",
  description:
    "Create a folder with an MCP server in Python: three tools (a plain one, one with a secret, one " +
    "with a grant), tests that need no account, a GitHub workflow that tests and deploys, and " +
    "instructions for agents. Then it prints the next steps. Asks for a missing name on a terminal.",
  examples: [
    ["new weather", "Create ./weather"],
    ["new weather --dir projects", "Create projects/weather"],
    ["new --yes", "Create ./my_server, without asking for a name"],
    ["new weather --json", "Output JSON for scripts and agents"],
  ],
  flags: {
    dir: valueFlag("folder", "Where to create its folder (default: here)", { values: "files" }),
    yes: flag("Do not ask: without a name, it is my_server", { letter: "y" }),
    ...jsonFlag,
  },
  argument: {
    placeholder: "name",
    brief: "Name of the server and of its folder: lowercase letters, digits, underscores",
    count: "optional",
  },
  needs: ["read", "write"],
  load: async () => (await import("./new.ts")).createProject,
});
