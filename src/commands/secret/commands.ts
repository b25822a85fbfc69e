import { defaultFlag, flag, group, valueFlag, wholeNumber } from "../../cli/declaration.ts";
import { command } from "../shared/command.ts";
import { ifNotExistsFlag, ignoreMissingFlag } from "../shared/existing.ts";
import { engineFlags as flags } from "../shared/flags.ts";

const set = command({
  brief: "Create or update secrets",
  description: "Create or update secrets in the active project. Values are never shown. " +
    "KEY=VALUE leaves the value in your shell's history; KEY alone asks for it without showing it, " +
    "or reads it from standard input.",
  examples: [
    ["secret set API_KEY", "Ask for the value without showing it"],
    ["secret set API_KEY < key.pem", "Take the value from a file, all its lines"],
    ["secret set API_KEY=abc REGION=eu", "Store two values"],
    ["secret set --from-env", "Store every secret of .env"],
    ["secret set -f prod.env --dry-run", "Show what would be created, updated or kept"],
    ["secret set -f prod.env --if-not-exists", "Store only what is not there yet"],
    ["secret set --prune", "Mirror .env: remove secrets that it lacks"],
  ],
  flags: {
    fromEnv: flag("Store every secret of a .env file"),
    envFile: valueFlag("path", "The .env file; - is standard input (default: .env)", {
      letter: "f",
      values: "files",
    }),
    dryRun: flag("Show what would happen, and change nothing"),
    ...ifNotExistsFlag,
    prune: flag("Also remove secrets that the .env file does not have"),
    yes: flag("With --prune: do not ask", { letter: "y" }),
    concurrency: defaultFlag("number", "How many secrets are stored at a time", {
      parse: wholeNumber(1, 64),
      default: "8",
    }),
    ...flags,
  },
  argument: {
    placeholder: "key[=value]",
    brief: "A key, with its value or without",
    count: "any",
    values: "secrets",
  },
  needs: ["read", "write", "net"],
  capabilities: ["secrets:read", "secrets:write"],
  isLong: true,
  load: async () => (await import("./set.ts")).setSecrets,
});

const list = command({
  brief: "List the secrets of the active project",
  description: "List the secrets of the active project. Values are not shown, except for the " +
    "last four characters where the engine keeps these as a hint.",
  examples: [
    ["secret list", "List them"],
    ["secret list --project Staging", "List those of another project"],
    ["secret list --json", "Output JSON for scripts"],
  ],
  flags,
  needs: ["read", "write", "net"],
  capabilities: ["secrets:read"],
  load: async () => (await import("./list.ts")).listSecrets,
});

const unset = command({
  brief: "Remove secrets",
  description: "Remove secrets from the active project. Warns about keys that do not exist.",
  examples: [
    ["secret unset API_KEY", "Remove one"],
    ["secret unset API_KEY REGION", "Remove two"],
    ["secret unset API_KEY --ignore-missing", "Remove it if it is there, without a warning"],
  ],
  flags: { ...ignoreMissingFlag, ...flags },
  argument: {
    placeholder: "key",
    brief: "The key of a secret; without one, you choose from a list",
    count: "any",
    values: "secrets",
  },
  needs: ["read", "write", "net"],
  capabilities: ["secrets:read", "secrets:write"],
  load: async () => (await import("./unset.ts")).unsetSecrets,
});

export const secret = group("Manage the secrets that your tools need", { set, list, unset });
