import { flag } from "../../cli/declaration.ts";
import { command } from "../shared/command.ts";
import { contextFlag, jsonFlag } from "../shared/flags.ts";

export const doctor = command({
  brief: "Check this installation, the login and the services",
  description: "Check the installation, your files, the login, the services, Python, MCP clients " +
    "and local Arcades. Each result is ok, a warning or a problem. Sends no credentials and " +
    "changes nothing. Exits with 1 if there is a problem.",
  examples: [
    ["doctor", "Check everything"],
    ["doctor --start-server", "Also start the server in this folder, and list what it needs"],
    ["doctor --report", "Print the results for a bug report"],
    ["doctor --json", "Output JSON for scripts"],
  ],
  flags: {
    startServer: flag("Also start the server in this folder, from a copy", { needs: ["run"] }),
    report: flag("Print the results for a bug report, without names of users and projects"),
    ...contextFlag,
    ...jsonFlag,
  },
  exclusions: [{ flag: "--report", excludes: ["--json"], next: "Choose one of the two" }],
  needs: ["read", "write", "net"],
  load: async () => (await import("./doctor.ts")).doctor,
});
