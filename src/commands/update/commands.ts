import { flag } from "../../cli/declaration.ts";
import { command } from "../shared/command.ts";
import { jsonFlag } from "../shared/flags.ts";

export const update = command({
  brief: "Update arcade to the newest version",
  description: "Update arcade to the newest version, or to the given one. The signature and the " +
    "checksum of the release are verified, and the new version runs once before it takes the place " +
    "of this one. If a package manager installed arcade, update it there.",
  examples: [
    ["update", "Update to the newest version"],
    ["update --check", "Say whether there is a newer version"],
    ["update 0.1.0", "Use another version, also an older one"],
    ["update --check --json", "Output JSON for scripts"],
  ],
  flags: {
    check: flag("Say whether there is a newer version, or the given one, and change nothing"),
    dryRun: flag("Download and verify it, and change nothing"),
    ...jsonFlag,
  },
  argument: { placeholder: "version", brief: "The version to use", count: "optional" },
  needs: ["read", "write", "net", "run"],
  load: async () => (await import("./update.ts")).update,
});
