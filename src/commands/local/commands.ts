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
  seed: valueFlag("file", "What it has from the start, as YAML (docs/local-arcade.md)", {
    values: "files",
  }),
};

/** For tests, which have no user at a browser. */
const openFlags = {
  autoApprove: flag("Let everybody in and approve every login, for tests"),
  autoGrant: flag("Grant everything that tools need, without asking a user"),
};

const serve = command({
  brief: "Run a local Arcade until Ctrl-C",
  description:
    "Run a local Arcade until Ctrl-C: sign-in page, organizations, projects, secrets and the " +
    "servers that you deploy to it, without an account and without a network. It prints the command that logs in to it, the " +
    "address of its dashboard, which lets one browser in, and a code for others.",
  examples: [
    ["local serve", "Serve on port 8000 and keep the data"],
    ["local serve --ephemeral --port 0", "Serve on a free port and forget everything at the end"],
    ["local serve --env", "Print the variables for SDKs and servers too"],
    [
      "local serve --auto-approve --json",
      "Serve for a script, which reads the address from stdout",
    ],
  ],
  flags: {
    port: defaultFlag("number", "Port to listen on; 0 takes a free one", {
      parse: wholeNumber(0, 65_535),
      default: "8000",
    }),
    bind: defaultFlag("address", "Address to listen on", { parse: text, default: "127.0.0.1" }),
    data: valueFlag("folder", "Folder of the data (default: ~/.arcade/local)", { values: "files" }),
    ...seedFlag,
    ephemeral: flag("Keep data in a temporary folder and forget it"),
    ...openFlags,
    tokenTtl: parsedFlag("seconds", "How long an access token lives (default: an hour)", {
      parse: wholeNumber(1, 31_536_000),
    }),
    env: flag("Print environment variables for SDKs and servers; JSON always has them"),
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
  brief: "Run a command with a local Arcade of its own",
  description:
    "Run a command with a local Arcade of its own, on a free port: for tests and CI, without an " +
    "account, a login and a network. The command gets the variables that lead SDKs, servers and " +
    "arcade there. It has the input, output and signals of this arcade, which ends with its exit " +
    "code: 127 if there is no such program, 126 if it is not executable, and 125 if `local exec` " +
    "itself failed. Then the data vanish, and stderr has the calls that failed.",
  examples: [
    ["local exec -- npm test", "Run tests against it"],
    ["local exec --seed seed.yaml -- npm test", "Give it secrets and users before"],
    ["local exec -- sh -c 'arcade secret set KEY=value && ./app'", "Prepare it, and run a program"],
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
  brief: "Print the variables that lead programs to it",
  description:
    "Print the environment variables of the local Arcade that runs, as lines of a shell: " +
    "addresses, an API key, and the user. SDKs, servers and arcade itself then use it.",
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
  brief: "Show the local Arcades that run",
  examples: [
    ["local status", "Show them; the one with your own data is marked"],
    ["local status --json", "Output JSON for scripts"],
  ],
  flags: jsonFlag,
  needs: ["read", "write", "net"],
  load: async () => (await import("./status.ts")).showStatus,
});

const exportCommand = command({
  brief: "Write a seed of the local Arcade that runs",
  description:
    "Write a seed of the local Arcade that runs: its users, its organizations with their projects, " +
    "the keys of its secrets, its servers and its grants. Values are not written: each becomes " +
    "env:KEY, which is read from a variable. Replaces the file, with its comments; - is stdout.",
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
  brief: "Stop the local Arcade that runs",
  description: "Stop the local Arcade that runs, with its servers. Its data stay.",
  examples: [
    ["local stop", "Stop it"],
    ["local stop --all", "Stop also ephemeral ones and those with other data"],
  ],
  flags: { all: flag("Stop all that run"), ...portFlag, ...jsonFlag },
  exclusions: [{ flag: "--all", excludes: ["--port"], next: "Use one of them" }],
  needs: ["read", "write", "net", "run"],
  load: async () => (await import("./stop.ts")).stopLocalArcade,
});

const userAndProvider = {
  placeholder: ["user", "provider"],
  brief: "The user that tools are called for, and the provider that the tools name",
  count: "two",
} as const;

const grant = command({
  brief: "Grant what tools need for a user",
  description:
    "Grant in the local Arcade that runs what a user grants on its page, so that tools " +
    "can be called for them. Without `--scope`, it grants all scopes that the tools of the default project need.",
  examples: [
    ["local grant ada@example.com github", "Grant every scope that the tools need from github"],
    ["local grant ada@example.com google --scope openid", "Grant one scope"],
    ["local grant ada@example.com github --expires 60s", "Grant it for a minute"],
  ],
  argument: userAndProvider,
  flags: {
    scope: repeatableFlag("scope", "A scope, in addition to those that the user has granted"),
    ...ifNotExistsFlag,
    expires: valueFlag("duration", "How long it lasts, such as 60s, 15m or 1d (default: for ever)"),
    ...portFlag,
    ...jsonFlag,
  },
  needs: ["read", "write", "net"],
  load: async () => (await import("./grant.ts")).grant,
});

const revoke = command({
  brief: "Revoke what a user has granted",
  description:
    "Revoke what a user has granted in the local Arcade that runs: everything at a provider, or the scopes that you name.",
  examples: [
    ["local revoke ada@example.com github", "Revoke all that ada has granted at github"],
    ["local revoke ada@example.com github --scope repo", "Revoke one scope"],
  ],
  argument: userAndProvider,
  flags: {
    scope: repeatableFlag("scope", "A scope, instead of all"),
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
    "It must not run. Asks first on a terminal, unless you pass `--yes`.",
  examples: [
    ["local reset", "Remove the data, after a confirmation"],
    ["local reset --data ./arcade-data --yes", "Remove those in a folder without asking"],
  ],
  flags: {
    data: valueFlag("folder", "Folder of the data (default: ~/.arcade/local)", { values: "files" }),
    yes: flag("Do not ask", { letter: "y" }),
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
