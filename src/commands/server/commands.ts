import { command, flag, group } from "../../cli/declaration.ts";
import { projectFlags, serviceFlags } from "../shared/flags.ts";

const flags = { ...projectFlags, ...serviceFlags("engine") };
const argument = { placeholder: "name", brief: "The name of a server", count: "one" } as const;

const list = command({
  brief: "List the servers of the active project",
  examples: [
    ["server list", "List them"],
    ["server list --project Staging", "List those of another project"],
    ["server list --json", "Output JSON for scripts"],
  ],
  flags,
  needs: ["read", "write", "net"],
  capabilities: ["servers:read"],
  load: async () => (await import("./list.ts")).listServers,
});

const get = command({
  brief: "Show a server, and its health",
  examples: [
    ["server get weather", "Show it"],
    ["server get weather --json", "Output JSON for scripts"],
  ],
  flags,
  argument,
  needs: ["read", "write", "net"],
  capabilities: ["servers:read"],
  load: async () => (await import("./get.ts")).getServer,
});

const enable = command({
  brief: "Enable a server, so that its tools can be called",
  examples: [["server enable weather", "Enable it"]],
  flags,
  argument,
  needs: ["read", "write", "net"],
  capabilities: ["servers:write"],
  load: async () => (await import("./enable.ts")).enableServer,
});

const disable = command({
  brief: "Disable a server, so that its tools cannot be called",
  examples: [["server disable weather", "Disable it; `server enable` undoes that"]],
  flags,
  argument,
  needs: ["read", "write", "net"],
  capabilities: ["servers:write"],
  load: async () => (await import("./enable.ts")).disableServer,
});

const remove = command({
  brief: "Delete a server",
  description: "Delete a server. Asks first; without a terminal, it needs `--yes`.",
  examples: [
    ["server delete weather", "Delete it, after a confirmation"],
    ["server delete weather --yes", "Delete it without asking"],
  ],
  flags: { yes: flag("Do not ask", { letter: "y" }), ...flags },
  argument,
  needs: ["read", "write", "net"],
  capabilities: ["servers:write"],
  load: async () => (await import("./delete.ts")).deleteServer,
});

export const server = group("See and manage the servers of a project", {
  list,
  get,
  enable,
  disable,
  delete: remove,
});
