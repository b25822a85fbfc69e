import { flag, group, parsedFlag, valueFlag, wholeNumber } from "../../cli/declaration.ts";
import { command } from "../shared/command.ts";
import { ignoreMissingFlag } from "../shared/existing.ts";
import { engineFlags as flags } from "../shared/flags.ts";

const argument = {
  placeholder: "name",
  brief: "The name of a server; without it, you choose from a list",
  count: "optional",
  values: "servers",
} as const;

const list = command({
  brief: "List the servers of the active project",
  examples: [
    ["server list", "List them"],
    ["server list --project Staging", "List the servers of another project"],
    ["server list --json", "Output JSON for scripts"],
  ],
  flags,
  needs: ["read", "write", "net"],
  capabilities: ["servers:read"],
  load: async () => (await import("./list.ts")).listServers,
});

const get = command({
  brief: "Show a server and its health",
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
  brief: "Enable a server so that its tools can be called",
  examples: [["server enable weather", "Enable it"]],
  flags,
  argument,
  needs: ["read", "write", "net"],
  capabilities: ["servers:write"],
  load: async () => (await import("./enable.ts")).enableServer,
});

const disable = command({
  brief: "Disable a server so that its tools cannot be called",
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
    ["server delete weather --yes --ignore-missing", "Delete it in a script that can run twice"],
  ],
  flags: {
    ...ignoreMissingFlag,
    yes: flag("Do not ask for confirmation", { letter: "y" }),
    ...flags,
  },
  argument,
  needs: ["read", "write", "net"],
  capabilities: ["servers:write"],
  load: async () => (await import("./delete.ts")).deleteServer,
});

const logs = command({
  brief: "Show the log of a deployed server",
  description:
    "Show the log of a deployed server: the last hour, or since the time in `--since`. " +
    "`--follow` shows new lines as they arrive, until Ctrl-C. A time is a duration before " +
    "now (90s, 15m, 2h, 1d12h), a date, or a time, in UTC unless it has a time zone.",
  examples: [
    ["server logs weather", "Show the last hour"],
    ["server logs weather --follow", "Show new lines as they arrive"],
    ["server logs weather -f --tail 20", "Start with the last 20 lines"],
    ["server logs weather --since 1d12h --until 1d", "Show 12 hours of the log"],
    ["server logs weather --since 2026-11-21T07:30 --json", "Output a JSON object for each line"],
  ],
  flags: {
    since: valueFlag("time", "Show lines since this time (default: 1h; with --follow: now)", {
      letter: "s",
    }),
    until: valueFlag("time", "Show lines until this time (default: the newest)", { letter: "u" }),
    follow: flag("Show new lines as they arrive, until Ctrl-C", { letter: "f" }),
    tail: parsedFlag("number", "Show only the last N lines", {
      letter: "n",
      parse: wholeNumber(0, 1_000_000),
    }),
    ...flags,
  },
  exclusions: [{
    flag: "--follow",
    excludes: ["--until"],
    next: "Leave out `--follow` to see the lines until a time",
  }],
  argument,
  needs: ["read", "write", "net"],
  capabilities: ["servers:read"],
  load: async () => (await import("./logs.ts")).showLogs,
});

export const server = group("Manage the servers of a project", {
  list,
  get,
  enable,
  disable,
  delete: remove,
  logs,
});
