import { flag } from "../../cli/declaration.ts";
import { command } from "../shared/command.ts";
import { jsonFlag } from "../shared/flags.ts";

export const update = command({
  brief: "Update arcade to the newest version",
  description: "Update arcade to the newest version, or to the given version. It verifies the " +
    "release's signature and checksum, and runs the new version once before it replaces this " +
    "one. If a package manager installed arcade, update it there.",
  examples: [
    ["update", "Update to the newest version"],
    ["update --check", "Check for a newer version"],
    ["update 0.1.0", "Install a specific version, newer or older"],
    ["update --check --json", "Output JSON for scripts"],
  ],
  flags: {
    check: flag("Check for a newer version, or the given version, and change nothing"),
    dryRun: flag("Download and verify the version, and change nothing"),
    ...jsonFlag,
  },
  argument: { placeholder: "version", brief: "The version to install", count: "optional" },
  needs: ["read", "write", "net", "run"],
  load: async () => (await import("./update.ts")).update,
});
