import { flag } from "../../cli/declaration.ts";
import { command } from "../shared/command.ts";
import { addressFlags, contextFlag, projectFlags } from "../shared/flags.ts";

export const dashboard = command({
  brief: "Open the dashboard in the browser",
  description: "Open the dashboard of the active project in the browser, and print its address. " +
    "Warns if the engine does not answer.",
  examples: [
    ["dashboard", "Open it"],
    ["dashboard --print", "Print only the address"],
    ["dashboard --local", "Open the dashboard of the local Arcade"],
  ],
  flags: {
    local: flag("Open the dashboard of the local Arcade or another engine on this machine", {
      letter: "l",
    }),
    print: flag("Print the address without opening it"),
    ...projectFlags,
    ...addressFlags("engine"),
    ...contextFlag,
  },
  exclusions: [{ flag: "--local", excludes: ["--host"], next: "Leave out `--local`" }],
  needs: ["read", "write", "net", "run"],
  load: async () => (await import("./dashboard.ts")).openDashboard,
});
