import { flag, group, repeatableFlag, valueFlag } from "../../cli/declaration.ts";
import { command } from "../shared/command.ts";
import { ifNotExistsFlag, ignoreMissingFlag } from "../shared/existing.ts";
import { jsonFlag } from "../shared/flags.ts";
import { hubFlag, optionalHubFlag } from "./hub_flag.ts";

const add = command({
  brief: "Add or update the identity for a hub",
  description:
    "Add or update the identity for a hub, with a token. It prompts for the token without " +
    "showing it, unless a flag or ARCADE_TOKEN provides it. An update keeps the fields that you " +
    "omit, but a new token resets --expires.",
  examples: [
    ["identity add --hub musehub.ai --name Alice", "Ask for the token without showing it"],
    ["identity add --hub musehub.ai --token-stdin < token.txt", "Take the token from a file"],
    [
      "identity add --hub musehub.ai --agent --capability 'read:*'",
      "Store an agent's identity, and what its token allows",
    ],
  ],
  flags: {
    ...hubFlag,
    name: valueFlag("name", "The name to show"),
    id: valueFlag("id", "The id that the hub assigned"),
    agent: flag("An agent instead of a human (default for a new identity: human)", {
      hasNegation: true,
    }),
    capability: repeatableFlag("capability", "What the token allows, such as 'read:*'"),
    expires: valueFlag(
      "time",
      "When the token expires: 30d, 12h, 90m, 2027-01-31 or 2027-01-31T12:00:00Z",
    ),
    tokenStdin: flag("Read the token from standard input"),
    tokenFile: valueFlag("path", "Read the token from a file", { values: "files" }),
    token: valueFlag("value", "The token; visible in process lists and in the shell's history"),
    reset: flag("Move a corrupt file aside, and start a new one"),
    ...ifNotExistsFlag,
    ...jsonFlag,
  },
  exclusions: [
    { flag: "--token-stdin", excludes: ["--token-file", "--token"], next: "Use one of them" },
    { flag: "--token-file", excludes: ["--token"], next: "Use one of them" },
  ],
  needs: ["read", "write"],
  load: async () => (await import("./add.ts")).addIdentity,
});

const show = command({
  brief: "Show the identity for a hub",
  description:
    "Show the identity for a hub. Without --hub, it shows the only stored identity, or " +
    "the identity for Arcade. The token is never shown. Exits with 4 if there is no identity.",
  examples: [
    ["identity show", "Show the only identity"],
    ["identity show --hub musehub.ai --json", "Output the identity for one hub as JSON"],
  ],
  flags: { ...optionalHubFlag, ...jsonFlag },
  needs: ["read"],
  load: async () => (await import("./show.ts")).showIdentity,
});

const list = command({
  brief: "List your identities on hubs",
  examples: [
    ["identity list", "List them"],
    ["identity list --json", "Output JSON for scripts"],
  ],
  flags: jsonFlag,
  needs: ["read"],
  load: async () => (await import("./list.ts")).listAll,
});

const remove = command({
  brief: "Remove the identity for a hub, or all",
  description: "Remove the identity for a hub, or all of them, from this machine. " +
    "The tokens stay valid until they expire or the hubs revoke them.",
  examples: [
    ["identity remove --hub musehub.ai", "Remove one"],
    ["identity remove --all", "Remove all; asks first"],
  ],
  flags: {
    ...optionalHubFlag,
    all: flag("Remove all identities"),
    ...ignoreMissingFlag,
    yes: flag("With --all: do not ask for confirmation", { letter: "y" }),
    ...jsonFlag,
  },
  exclusions: [{ flag: "--hub", excludes: ["--all"], next: "Use one of them" }],
  needs: ["read", "write"],
  load: async () => (await import("./remove.ts")).removeIdentity,
});

const token = command({
  brief: "Print the token for a hub, for scripts",
  description: "Print only the token for a hub, for scripts. On a terminal, it requires --force. " +
    "Exits with 4 if there is no token or the token has expired.",
  examples: [
    ["identity token --hub musehub.ai | my-program", "Pass it to a program"],
    ["identity token --hub musehub.ai --force", "Show it on the terminal"],
  ],
  flags: { ...hubFlag, force: flag("Print it on a terminal too") },
  needs: ["read"],
  load: async () => (await import("./token.ts")).printToken,
});

const can = command({
  brief: "Check whether a token allows something on a hub",
  description:
    "Check whether the capabilities stored for a hub include the given one. Exits with 0 if they " +
    "do and 1 if not, and says why. read:* includes read:anything; * includes everything. Humans " +
    "are not restricted. Exits with 4 if there is no identity.",
  examples: [
    ["identity can write:midi --hub musehub.ai", "Check before trying"],
    ["identity can commit --hub musehub.ai --json", "Output JSON for scripts"],
  ],
  flags: { ...hubFlag, ...jsonFlag },
  argument: { placeholder: "capability", brief: "Such as write:midi", count: "one" },
  needs: ["read"],
  load: async () => (await import("./can.ts")).canDo,
});

const credential = command({
  brief: "Serve tokens to git as a credential helper",
  description: "Serve the stored tokens to git, and to other programs that use its credential " +
    "helper protocol on standard input and output. It leaves other hubs to other helpers.",
  examples: [
    [
      "identity credential get",
      "Answer git, once you have run git config --global credential.helper " +
      "'!arcade identity credential'",
    ],
  ],
  argument: {
    placeholder: "operation",
    brief: "get, store or erase",
    count: "one",
    values: ["get", "store", "erase"],
  },
  needs: ["read", "write"],
  load: async () => (await import("./credential.ts")).speakToGit,
});

export const identity = group("Manage your identity and token for each hub", {
  add,
  show,
  list,
  remove,
  token,
  can,
  credential,
});
