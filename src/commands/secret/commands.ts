import { defaultFlag, flag, group, valueFlag, wholeNumber } from "../../cli/declaration.ts";
import { command } from "../shared/command.ts";
import { ifNotExistsFlag, ignoreMissingFlag } from "../shared/existing.ts";
import { engineFlags as flags } from "../shared/flags.ts";

const set = command({
  brief: "Create or update secrets",
  description: "Create or update secrets in the active project. Values are never shown. " +
    "KEY=VALUE leaves the value in your shell's history. KEY alone prompts for the value without " +
    "showing it, or reads it from standard input.",
  examples: [
    ["secret set API_KEY", "Ask for the value without showing it"],
    ["secret set API_KEY < key.pem", "Read the value from a file, with all its lines"],
    ["secret set API_KEY=abc REGION=eu", "Store two values"],
    ["secret set --from-env", "Store every secret in .env"],
    ["secret set -f prod.env --dry-run", "Show what would be created, updated or kept"],
    ["secret set -f prod.env --if-not-exists", "Store only secrets that do not exist yet"],
    ["secret set --prune", "Mirror .env: remove secrets that it lacks"],
  ],
  flags: {
    fromEnv: flag("Store every secret in a .env file"),
    envFile: valueFlag("path", "The .env file; - is standard input (default: .env)", {
      letter: "f",
      values: "files",
    }),
    dryRun: flag("Show what would happen, and change nothing"),
    ...ifNotExistsFlag,
    prune: flag("Also remove secrets that the .env file lacks"),
    yes: flag("With --prune: do not ask for confirmation", { letter: "y" }),
    concurrency: defaultFlag("number", "How many secrets to store at a time", {
      parse: wholeNumber(1, 64),
      default: "8",
    }),
    ...flags,
  },
  argument: {
    placeholder: "key[=value]",
    brief: "A key, with or without its value",
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
    "last four characters if the engine keeps them as a hint.",
  examples: [
    ["secret list", "List them"],
    ["secret list --project Staging", "List the secrets of another project"],
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
    ["secret unset API_KEY --ignore-missing", "Remove it if it exists, without a warning"],
  ],
  flags: { ...ignoreMissingFlag, ...flags },
  argument: { placeholder: "key", brief: "The key of a secret", count: "some", values: "secrets" },
  needs: ["read", "write", "net"],
  capabilities: ["secrets:read", "secrets:write"],
  load: async () => (await import("./unset.ts")).unsetSecrets,
});

export const secret = group("Manage the secrets that your tools need", { set, list, unset });
