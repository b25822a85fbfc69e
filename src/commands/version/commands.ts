import { flag } from "../../cli/declaration.ts";
import { command } from "../shared/command.ts";
import { jsonFlag } from "../shared/flags.ts";

export const version = command({
  brief: "Show the version and details of this build",
  description: "Show the version. With `--verbose` or `--json`, also show the commit that it was " +
    "built from, its Deno and V8 versions, its platform, the repository of its releases, and the " +
    "keys that verify their signatures.",
  examples: [
    ["version", "Show the version"],
    ["version --verbose", "Show the details to include in a bug report"],
    ["version --json", "Output JSON for scripts"],
  ],
  flags: {
    verbose: flag("Show all details of this build"),
    ...jsonFlag,
  },
  needs: [],
  isUnobserved: true,
  load: async () => (await import("./version.ts")).showVersion,
});
