import { flag } from "../../cli/declaration.ts";
import { command } from "../shared/command.ts";
import { addressFlags, contextFlag, projectFlags } from "../shared/flags.ts";

export const dashboard = command({
  brief: "Open the dashboard in the browser",
  description: "Open the dashboard of the active project in the browser, and print its address. " +
    "Warns when the engine does not answer.",
  examples: [
    ["dashboard", "Open it"],
    ["dashboard --print", "Print the address only"],
    ["dashboard --local", "Open the dashboard of the local Arcade"],
  ],
  flags: {
    local: flag("The dashboard of the local Arcade, or of an engine on this machine", {
      letter: "l",
    }),
    print: flag("Print the address, and open nothing"),
    ...projectFlags,
    ...addressFlags("engine"),
    ...contextFlag,
  },
  exclusions: [{ flag: "--local", excludes: ["--host"], next: "Leave out `--local`" }],
  needs: ["read", "write", "net", "run"],
  load: async () => (await import("./dashboard.ts")).openDashboard,
});
