import type { FlagParametersForType } from "@stricli/core";
import { command, group, plainCommand } from "../command.ts";
import type { Context } from "../context.ts";
import { type ServiceFlags, serviceFlags, wholeNumber } from "../flags.ts";
import type { SetFlags } from "./set.ts";

const setFlags: FlagParametersForType<SetFlags, Context> = {
  fromEnv: {
    kind: "boolean",
    optional: true,
    withNegated: false,
    brief: "Store every secret of a .env file",
  },
  envFile: {
    kind: "parsed",
    parse: String,
    optional: true,
    placeholder: "path",
    brief: "The .env file; - is standard input (default: .env)",
  },
  dryRun: {
    kind: "boolean",
    optional: true,
    withNegated: false,
    brief: "Show what would happen, and change nothing",
  },
  prune: {
    kind: "boolean",
    optional: true,
    withNegated: false,
    brief: "Also remove secrets that the .env file does not have",
  },
  yes: {
    kind: "boolean",
    optional: true,
    withNegated: false,
    brief: "With --prune: do not ask",
  },
  concurrency: {
    kind: "parsed",
    parse: wholeNumber(1, 64),
    default: "8",
    placeholder: "number",
    brief: "How many secrets are stored at a time",
  },
  ...serviceFlags("engine"),
};

const set = command<SetFlags, string[]>({
  brief: "Store secrets",
  description: "Store secrets in the active project. No value is ever shown. " +
    "KEY=VALUE leaves the value in the history of your shell; KEY alone asks for it without showing it, " +
    "or reads it from standard input. Agents need the capabilities secrets:read and secrets:write.",
  examples: [
    ["secret set API_KEY", "Ask for the value without showing it"],
    ["secret set API_KEY < key.pem", "Take the value from a file, all its lines"],
    ["secret set API_KEY=abc REGION=eu", "Store two values"],
    ["secret set --from-env", "Store every secret of .env"],
    ["secret set -f prod.env --dry-run", "Show what would be created, updated or left alone"],
    ["secret set --prune", "Make the project have what .env has, and no more"],
  ],
  parameters: {
    flags: setFlags,
    aliases: { f: "envFile", y: "yes" },
    positional: {
      kind: "array",
      parameter: {
        parse: String,
        placeholder: "key[=value]",
        brief: "A key, with its value or without",
      },
    },
  },
  needs: ["read", "write", "net"],
  isLong: true,
  load: async () => (await import("./set.ts")).setSecrets,
});

const list = plainCommand<ServiceFlags>(
  {
    brief: "List the secrets of the active project",
    description:
      "List the secrets of the active project. Values are not shown, but for their last four characters " +
      "where the engine keeps these as a hint. " +
      "Agents need the capability secrets:read.",
    examples: [
      ["secret list", "Show them"],
      ["secret list --json", "Show them to a program"],
    ],
    parameters: { flags: serviceFlags("engine") },
    needs: ["read", "write", "net"],
    load: async () => (await import("./list.ts")).listSecrets,
  },
  ["json"],
  (plain) => plain,
);

const unset = command<ServiceFlags, string[]>({
  brief: "Remove secrets",
  description:
    "Remove secrets from the active project. Keys that it does not have are warned about. " +
    "Agents need the capabilities secrets:read and secrets:write.",
  examples: [
    ["secret unset API_KEY", "Remove one"],
    ["secret unset API_KEY REGION", "Remove two"],
  ],
  parameters: {
    flags: serviceFlags("engine"),
    positional: {
      kind: "array",
      parameter: { parse: String, placeholder: "key", brief: "A key" },
      minimum: 1,
    },
  },
  needs: ["read", "write", "net"],
  load: async () => (await import("./unset.ts")).unsetSecrets,
});

export const secret = group("Manage the secrets that your tools need", { set, list, unset });
