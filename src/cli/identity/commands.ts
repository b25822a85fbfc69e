import type { FlagParametersForType } from "@stricli/core";
import { command, group, plainCommand } from "../command.ts";
import type { Context } from "../context.ts";
import { type CommonFlags, commonFlags, type JsonFlag, jsonFlag } from "../flags.ts";
import type { AddFlags } from "./add.ts";
import { type HubFlag, hubFlag } from "./hub_flag.ts";
import type { RemoveFlags } from "./remove.ts";

const addFlags: FlagParametersForType<AddFlags, Context> = {
  hub: hubFlag,
  name: {
    kind: "parsed",
    parse: String,
    optional: true,
    placeholder: "name",
    brief: "The name to show",
  },
  id: {
    kind: "parsed",
    parse: String,
    optional: true,
    placeholder: "id",
    brief: "The id that the hub gave",
  },
  agent: {
    kind: "boolean",
    optional: true,
    brief: "An agent, or a person (what a new identity is)",
  },
  capability: {
    kind: "parsed",
    parse: String,
    optional: true,
    variadic: true,
    placeholder: "capability",
    brief: "What the token allows, such as 'read:*'; once for each",
  },
  expires: {
    kind: "parsed",
    parse: String,
    optional: true,
    placeholder: "time",
    brief: "When the token ends: 30d, 12h, 90m, 2027-01-31 or 2027-01-31T12:00:00Z",
  },
  tokenStdin: {
    kind: "boolean",
    optional: true,
    withNegated: false,
    brief: "Take the token from standard input",
  },
  tokenFile: {
    kind: "parsed",
    parse: String,
    optional: true,
    placeholder: "path",
    brief: "Take the token from a file",
  },
  token: {
    kind: "parsed",
    parse: String,
    optional: true,
    placeholder: "value",
    brief: "The token itself; it shows in process lists and in the shell's history",
  },
  reset: {
    kind: "boolean",
    optional: true,
    withNegated: false,
    brief: "Keep aside a file that cannot be understood, and start a new one",
  },
  ...jsonFlag,
};

const add = command<AddFlags, []>({
  brief: "Store who you are on a hub, with a token",
  description:
    "Store who you are on a hub, with a token. The token is asked for without showing it, " +
    "unless a flag or ARCADE_TOKEN gives it. Of a hub that is there already, what you do not give stays as it was; " +
    "but the end of a token goes with the token.",
  examples: [
    ["identity add --hub musehub.ai --name Alice", "Ask for the token without showing it"],
    ["identity add --hub musehub.ai --token-stdin < token.txt", "Take the token from a file"],
    [
      "identity add --hub musehub.ai --agent --capability 'read:*' --expires 30d",
      "Store the identity of an agent, and what its token allows",
    ],
  ],
  parameters: { flags: addFlags },
  needs: ["read", "write"],
  load: async () => (await import("./add.ts")).addIdentity,
});

const show = plainCommand<JsonFlag & Partial<HubFlag>>(
  {
    brief: "Show who you are on a hub",
    description:
      "Show who you are on a hub. Without --hub it is the only one that there is an identity for, " +
      "or else that of Arcade. The token is never shown. Exits with 4 when there is no identity.",
    examples: [
      ["identity show", "Show the only identity that there is"],
      ["identity show --hub musehub.ai --json", "Show the one for a hub to a program"],
    ],
    parameters: { flags: { hub: { ...hubFlag, optional: true }, ...jsonFlag } },
    needs: ["read"],
    load: async () => (await import("./show.ts")).showIdentity,
  },
  ["json", "hub"],
  (plain) => plain,
);

const list = plainCommand<JsonFlag>(
  {
    brief: "List the hubs that you have an identity for",
    examples: [
      ["identity list", "Show them"],
      ["identity list --json", "Show them to a program"],
    ],
    parameters: { flags: jsonFlag },
    needs: ["read"],
    load: async () => (await import("./list.ts")).listAll,
  },
  ["json"],
  (plain) => plain,
);

const remove = command<RemoveFlags, []>({
  brief: "Remove the identity for a hub, or all",
  description: "Remove the identity for a hub, or all of them, from this machine. " +
    "The tokens stay good until the hubs end them.",
  examples: [
    ["identity remove --hub musehub.ai", "Remove one"],
    ["identity remove --all", "Remove all; asks first"],
  ],
  parameters: {
    flags: {
      hub: { ...hubFlag, optional: true },
      all: {
        kind: "boolean",
        optional: true,
        withNegated: false,
        brief: "Remove all identities",
      },
      yes: {
        kind: "boolean",
        optional: true,
        withNegated: false,
        brief: "With --all: do not ask",
      },
      ...jsonFlag,
    },
    aliases: { y: "yes" },
  },
  needs: ["read", "write"],
  load: async () => (await import("./remove.ts")).removeIdentity,
});

const token = plainCommand<HubFlag & CommonFlags & { readonly force?: boolean }>(
  {
    brief: "Print the token for a hub, for scripts",
    description:
      "Print the token for a hub, and nothing else, for scripts. Not on a terminal, unless you insist. " +
      "Exits with 4 when there is none, and when it has expired.",
    examples: [
      ["identity token --hub musehub.ai | my-program", "Hand it to a program"],
      ["identity token --hub musehub.ai --force", "Show it on the terminal"],
    ],
    parameters: {
      flags: {
        hub: hubFlag,
        force: {
          kind: "boolean",
          optional: true,
          withNegated: false,
          brief: "Show it on a terminal, too",
        },
        ...commonFlags,
      },
    },
    needs: ["read"],
    load: async () => (await import("./token.ts")).printToken,
  },
  ["hub", "force"],
  ({ hub, force }) => hub === undefined ? undefined : { hub, ...(force && { force }) },
);

const can = command<HubFlag & JsonFlag, [string]>({
  brief: "Find out whether you may do something on a hub",
  description:
    "Find out whether the capabilities that are stored for a hub cover one: exits with 0 or 1, and says why. " +
    "read:* covers read:anything, * covers all. People are not restricted here. Exits with 4 when there is no identity.",
  examples: [
    ["identity can write:midi --hub musehub.ai", "Ask before trying"],
    ["identity can commit --hub musehub.ai --json", "Tell a program"],
  ],
  parameters: {
    flags: { hub: hubFlag, ...jsonFlag },
    positional: {
      kind: "tuple",
      parameters: [{ parse: String, placeholder: "capability", brief: "Such as write:midi" }],
    },
  },
  needs: ["read"],
  load: async () => (await import("./can.ts")).canDo,
});

const credential = command<CommonFlags, [string]>({
  brief: "Give tokens to git, as its credential helper",
  description:
    "Give the tokens of the hubs that are stored to git and to other programs that speak its credential-helper " +
    "protocol, on standard input and output: get, store, erase. Hubs that are not stored are left to other helpers.",
  examples: [
    [
      "identity credential get",
      "Answer git, after git config --global credential.helper '!arcade identity credential'",
    ],
  ],
  parameters: {
    flags: commonFlags,
    positional: {
      kind: "tuple",
      parameters: [{ parse: String, placeholder: "operation", brief: "get, store or erase" }],
    },
  },
  needs: ["read", "write"],
  load: async () => (await import("./credential.ts")).speakToGit,
});

export const identity = group("Keep who you are on which hub, for people and agents", {
  add,
  show,
  list,
  remove,
  token,
  can,
  credential,
});
