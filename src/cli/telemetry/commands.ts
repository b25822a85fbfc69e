import { command, group, plainCommand } from "../command.ts";
import { type JsonFlag, jsonFlag } from "../flags.ts";

const status = plainCommand<JsonFlag>(
  {
    brief: "Show whether telemetry is on, and why",
    description:
      "Show whether telemetry is on, why, under which id, where it goes to, and where its files are.",
    examples: [
      ["telemetry status", "Show it"],
      ["telemetry status --json", "Show it to a program"],
    ],
    parameters: { flags: jsonFlag },
    needs: ["read"],
    load: async () => (await import("./status.ts")).showStatus,
  },
  ["json"],
  (plain) => plain,
);

const show = plainCommand<JsonFlag>(
  {
    brief: "Show the last events exactly as they were sent",
    description:
      "Show the last 50 requests of telemetry from this machine, each with its address and its body " +
      "exactly as it was sent.",
    examples: [
      ["telemetry show", "Show them"],
      ["telemetry show --json", "Show them to a program"],
    ],
    parameters: { flags: jsonFlag },
    needs: ["read"],
    load: async () => (await import("./show.ts")).showSentEvents,
  },
  ["json"],
  (plain) => plain,
);

const disable = command<JsonFlag, []>({
  brief: "Opt out for good",
  description:
    "Opt out of telemetry on this machine. From now on nothing of it is started, read, written or sent.",
  examples: [["telemetry disable", "Opt out, for this user on this machine"]],
  parameters: { flags: jsonFlag },
  needs: ["read", "write"],
  load: async () => (await import("./decide.ts")).disable,
});

const enable = command<JsonFlag, []>({
  brief: "Undo telemetry disable",
  examples: [["telemetry enable", "Report again"]],
  parameters: { flags: jsonFlag },
  needs: ["read", "write"],
  load: async () => (await import("./decide.ts")).enable,
});

export const telemetry = group("See what is reported, and opt out", {
  status,
  show,
  disable,
  enable,
});
