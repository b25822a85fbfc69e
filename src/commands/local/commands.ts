import {
  defaultFlag,
  flag,
  group,
  oneOf,
  parsedFlag,
  repeatableFlag,
  text,
  valueFlag,
  wholeNumber,
} from "../../cli/declaration.ts";
import { VARIABLE_SHELLS } from "../../text/shell_word.ts";
import { command } from "../shared/command.ts";
import { ifNotExistsFlag, ignoreMissingFlag } from "../shared/existing.ts";
import { jsonFlag } from "../shared/flags.ts";

/** Names the seed of a local Arcade. */
const seedFlag = {
  seed: valueFlag("file", "Initial content as a YAML file (docs/local-arcade.md)", {
    values: "files",
  }),
};

/** For tests, where no user is at a browser. */
const openFlags = {
  autoApprove: flag("Approve every login and require no sign-in, for tests"),
  autoGrant: flag("Grant everything that tools need without asking a user"),
};

const serve = command({
  brief: "Run a local Arcade until Ctrl-C",
  description:
    "Run a local Arcade until Ctrl-C: a sign-in page, organizations, projects, secrets and the " +
    "servers that you deploy to it, without an account or a network. It prints the command to " +
    "log in to it, a dashboard address that signs in one browser, and a code for other browsers.",
  examples: [
    ["local serve", "Serve on port 8000 and keep the data"],
    ["local serve --ephemeral --port 0", "Serve on a free port, and discard the data at the end"],
    ["local serve --env", "Also print the variables for SDKs and servers"],
    [
      "local serve --auto-approve --json",
      "Serve for a script that reads the address from stdout",
    ],
  ],
  flags: {
    port: defaultFlag("number", "Port to listen on; 0 picks a free port", {
      parse: wholeNumber(0, 65_535),
      default: "8000",
    }),
    bind: defaultFlag("address", "Address to listen on", { parse: text, default: "127.0.0.1" }),
    data: valueFlag("folder", "Data folder (default: ~/.arcade/local)", { values: "files" }),
    ...seedFlag,
    ephemeral: flag("Store the data in a temporary folder, and discard it at the end"),
    ...openFlags,
    tokenTtl: parsedFlag("seconds", "How long an access token is valid (default: an hour)", {
      parse: wholeNumber(1, 31_536_000),
    }),
    env: flag("Print environment variables for SDKs and servers; JSON always includes them"),
    ...jsonFlag,
  },
  exclusions: [{
    flag: "--ephemeral",
    excludes: ["--data"],
    next: "Use `--data` to keep the data, or `--ephemeral` to discard it",
  }],
  needs: ["read", "write", "net", "run"],
  isLong: true,
  load: async () => (await import("./serve.ts")).serve,
});

const exec = command({
  brief: "Run a command against a temporary local Arcade",
  description:
    "Run a command against a temporary local Arcade on a free port, for tests and CI: without an " +
    "account, a login or a network. Environment variables point SDKs, servers and arcade to it. " +
    "The command inherits arcade's input, output and signals, and arcade exits with the command's " +
    "exit code: 127 if the program was not found, 126 if it is not executable, and 125 if " +
    "`local exec` itself failed. At the end, the data is removed, and failed calls are listed on " +
    "stderr.",
  examples: [
    ["local exec -- npm test", "Run tests against it"],
    ["local exec --seed seed.yaml -- npm test", "Start with secrets and users"],
    ["local exec -- sh -c 'arcade secret set KEY=value && ./app'", "Set it up, then run a program"],
  ],
  flags: { ...seedFlag, ...openFlags },
  argument: {
    placeholder: "command",
    brief: "The command and its arguments",
    count: "some",
    isCommand: true,
  },
  needs: ["read", "write", "net", "run"],
  isLong: true,
  failureCode: 125,
  isUnobserved: true,
  load: async () => (await import("./exec.ts")).exec,
});

/** Names one of several local Arcades. */
const portFlag = {
  port: parsedFlag("number", "Port of the local Arcade, if several run", {
    parse: wholeNumber(1, 65_535),
  }),
};

const env = command({
  brief: "Print the variables that point programs to the local Arcade",
  description:
    "Print the environment variables that point SDKs, servers and arcade to the running local " +
    "Arcade, as shell commands: addresses, an API key and the user.",
  examples: [
    ["local env", "Show them"],
    [
      "local env --shell fish | source",
      'Set them in fish; in bash and zsh: eval "$(arcade local env)"',
    ],
    ["local env --json", "Output JSON for scripts"],
  ],
  flags: {
    shell: parsedFlag("name", `The shell: ${VARIABLE_SHELLS.join(", ")}`, {
      parse: oneOf(...VARIABLE_SHELLS),
    }),
    ...portFlag,
    ...jsonFlag,
  },
  exclusions: [{ flag: "--json", excludes: ["--shell"], next: "Use one of them" }],
  needs: ["read", "write", "net"], // a socket is opened for writing
  load: async () => (await import("./environment.ts")).printEnvironment,
});

const status = command({
  brief: "Show the running local Arcades",
  examples: [
    ["local status", "Show them; a mark shows which one uses your default data folder"],
    ["local status --json", "Output JSON for scripts"],
  ],
  flags: jsonFlag,
  needs: ["read", "write", "net"],
  load: async () => (await import("./status.ts")).showStatus,
});

const exportCommand = command({
  brief: "Write a seed file from the running local Arcade",
  description:
    "Write a seed file from the running local Arcade: its users, organizations, projects, " +
    "secret keys, servers and grants. Values of secrets are not written: each becomes " +
    "env:KEY, which is read from a variable. Replaces the file and its comments; - is stdout.",
  examples: [
    ["local export seed.yaml", "Write it"],
    ["local export -", "Show it"],
  ],
  flags: portFlag,
  argument: { placeholder: "file", brief: "The file, or -", count: "one", values: "files" },
  needs: ["read", "write", "net"],
  load: async () => (await import("./export.ts")).exportSeed,
});

const stop = command({
  brief: "Stop the running local Arcade",
  description: "Stop the running local Arcade and its servers. Its data is kept.",
  examples: [
    ["local stop", "Stop it"],
    ["local stop --all", "Also stop ephemeral ones, and those with other data folders"],
  ],
  flags: { all: flag("Stop all local Arcades"), ...portFlag, ...jsonFlag },
  exclusions: [{ flag: "--all", excludes: ["--port"], next: "Use one of them" }],
  needs: ["read", "write", "net", "run"],
  load: async () => (await import("./stop.ts")).stopLocalArcade,
});

const userAndProvider = {
  placeholder: ["user", "provider"],
  brief: "The user that tools act for, and the provider by its name in the tools",
  count: "two",
} as const;

const grant = command({
  brief: "Grant tools access for a user",
  description: "Grant tools access in the running local Arcade, as the user would on its page. " +
    "Without `--scope`, it grants all scopes that the tools of the default project need.",
  examples: [
    ["local grant ada@example.com github", "Grant every scope that the tools need from github"],
    ["local grant ada@example.com google --scope openid", "Grant one scope"],
    ["local grant ada@example.com github --expires 60s", "Grant it for a minute"],
  ],
  argument: userAndProvider,
  flags: {
    scope: repeatableFlag("scope", "A scope, in addition to those that are already granted"),
    ...ifNotExistsFlag,
    expires: valueFlag("duration", "How long it lasts, such as 60s, 15m or 1d (default: forever)"),
    ...portFlag,
    ...jsonFlag,
  },
  needs: ["read", "write", "net"],
  load: async () => (await import("./grant.ts")).grant,
});

const revoke = command({
  brief: "Revoke what a user has granted",
  description:
    "Revoke what a user has granted in the running local Arcade: everything at a provider, or " +
    "only the scopes that you name.",
  examples: [
    ["local revoke ada@example.com github", "Revoke everything that ada has granted at github"],
    ["local revoke ada@example.com github --scope repo", "Revoke one scope"],
  ],
  argument: userAndProvider,
  flags: {
    scope: repeatableFlag("scope", "A scope to revoke, instead of all"),
    ...ignoreMissingFlag,
    ...portFlag,
    ...jsonFlag,
  },
  needs: ["read", "write", "net"],
  load: async () => (await import("./grant.ts")).revoke,
});

const reset = command({
  brief: "Remove the data of the local Arcade",
  description: "Remove all data of the local Arcade: accounts, keys, secrets and servers. " +
    "Stop it first. Asks first on a terminal, unless you pass `--yes`.",
  examples: [
    ["local reset", "Remove the data, after a confirmation"],
    ["local reset --data ./arcade-data --yes", "Remove the data in a folder without asking"],
  ],
  flags: {
    data: valueFlag("folder", "Data folder (default: ~/.arcade/local)", { values: "files" }),
    yes: flag("Do not ask for confirmation", { letter: "y" }),
    ...jsonFlag,
  },
  needs: ["read", "write"],
  load: async () => (await import("./reset.ts")).reset,
});

export const local = group("Run a local Arcade, without an account or a network", {
  serve,
  exec,
  env,
  status,
  export: exportCommand,
  stop,
  grant,
  revoke,
  reset,
});
