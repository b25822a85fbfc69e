import { flag, valueFlag } from "../../cli/declaration.ts";
import { command } from "../shared/command.ts";
import { jsonFlag } from "../shared/flags.ts";

export const newCommand = command({
  brief: "Create a project for an MCP server",
  description:
    "Create a folder with an MCP server in Python: three tools (one that needs nothing, one that " +
    "needs a secret, one that needs a grant), tests that need no account, a GitHub workflow that " +
    "tests and deploys, and instructions for agents. Then it prints the next steps. Without a " +
    "name, it asks for one on a terminal.",
  examples: [
    ["new weather", "Create ./weather"],
    ["new weather --dir projects", "Create projects/weather"],
    ["new --yes", "Create ./my_server, without asking for a name"],
    ["new weather --json", "Output JSON for scripts and agents"],
  ],
  flags: {
    dir: valueFlag("folder", "Where to create the folder (default: here)", { values: "files" }),
    yes: flag("Do not ask for a name; the default is my_server", { letter: "y" }),
    ...jsonFlag,
  },
  argument: {
    placeholder: "name",
    brief: "Name of the server and its folder: lowercase letters, digits, underscores",
    count: "optional",
  },
  needs: ["read", "write"],
  load: async () => (await import("./new.ts")).createProject,
});
