import { flag } from "../../cli/declaration.ts";
import { command } from "../shared/command.ts";
import { jsonFlag } from "../shared/flags.ts";

export const version = command({
  brief: "Show the version, and details of this build",
  description: "Show the version. With `--verbose` or `--json` also the commit that it was built " +
    "from, the Deno and V8 in it, its platform, the repository of its releases, and the keys that " +
    "their signatures are verified with.",
  examples: [
    ["version", "Show the version"],
    ["version --verbose", "Show what to put into a bug report"],
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
