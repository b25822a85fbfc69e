import { group } from "../../cli/declaration.ts";
import { command } from "../shared/command.ts";
import { jsonFlag } from "../shared/flags.ts";

const status = command({
  brief: "Show whether telemetry is on, and why",
  description: "Show whether telemetry is on and why, with its id, its host and its files.",
  examples: [
    ["telemetry status", "Show it"],
    ["telemetry status --json", "Output JSON for scripts"],
  ],
  flags: jsonFlag,
  needs: ["read"],
  load: async () => (await import("./status.ts")).showStatus,
});

const show = command({
  brief: "Show the last events exactly as they were sent",
  description: "Show the last 50 telemetry requests from this machine, with the address and " +
    "the body exactly as they were sent.",
  examples: [
    ["telemetry show", "Show them"],
    ["telemetry show --json", "Output JSON for scripts"],
  ],
  flags: jsonFlag,
  needs: ["read"],
  load: async () => (await import("./show.ts")).showSentEvents,
});

const disable = command({
  brief: "Turn telemetry off",
  description: "Turn telemetry off for this user on this machine.",
  examples: [["telemetry disable", "Turn it off"]],
  flags: jsonFlag,
  needs: ["read", "write"],
  load: async () => (await import("./disable.ts")).disable,
});

const enable = command({
  brief: "Turn telemetry on",
  examples: [["telemetry enable", "Turn it on again"]],
  flags: jsonFlag,
  needs: ["read", "write"],
  load: async () => (await import("./enable.ts")).enable,
});

export const telemetry = group("Show or turn off telemetry", { status, show, disable, enable });
