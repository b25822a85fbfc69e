/** The texts of the `arcade help` topics, also used by docs/ and the manual. Loaded on demand. */

import { VARIABLES } from "../contract/variables.ts";
import { EXIT_CODES_OF_FAILURES, type ExitCode } from "../cli/exit_code.ts";
import type { TopicText } from "../cli/program.ts";
import type { FailureKind } from "../failure.ts";
import { readNotices } from "./notices.ts";

export const EXIT_CODES: Readonly<Record<ExitCode, string>> = {
  0: "done",
  1: "failed, or only partly done",
  2: "wrong usage",
  4: "not logged in, or not allowed",
  5: "the tool failed, or a policy denied the call",
  6: "the tool needs a grant or a secret that is missing",
  7: "no service answered",
  125: "`local exec` itself failed",
  126: "`mcp`, `tool call`, `local exec`: the program is not executable",
  127: "`mcp`, `tool call`, `local exec`: the program was not found",
  130: "interrupted",
};

/** What each kind of failure means, and what to do. */
const ERRORS: Readonly<Record<FailureKind, readonly [meaning: string, next: string]>> = {
  usage: [
    "The command line, a variable, or a file that you named is invalid",
    "Correct it as `next` says",
  ],
  login: [
    "Not logged in, or the login is no longer accepted",
    "Run `arcade login`, or set ARCADE_API_KEY",
  ],
  forbidden: ["Logged in, but not allowed", "Ask for permission, or use another project"],
  network: [
    "The service was unreachable, timed out, or answered with a 5xx status",
    "Try again later if `retryable` is true. Otherwise, check the address and the proxy",
  ],
  server: [
    "The service refused the request, or its response was invalid",
    "Read the message; try again if `retryable` is true",
  ],
  "not-found": ["It does not exist", "List what exists. Removals accept `--ignore-missing`"],
  "tool-failed": [
    "The tool ran and failed",
    "Change its inputs, or call it again if `retryable` is true",
  ],
  denied: [
    "A policy of the organization denied the call",
    "Do not call it again; ask an administrator",
  ],
  "grant-needed": [
    "A user must grant the tool access first",
    "Have the user open the page in `next`, then run the same command again",
  ],
  "secret-missing": ["A secret that the tool needs is not set", "Set it with `arcade secret set`"],
  file: [
    "A file or folder on this machine cannot be used",
    "Check its path, its permissions and the disk",
  ],
  port: ["A port on this machine cannot be used", "Choose another port with a flag"],
  partial: [
    "Part of the work failed; stdout shows what succeeded and what failed",
    "Run the same command again to do the rest",
  ],
  "program-missing": [
    "The program that `mcp`, `tool call` or `local exec` should run was not found",
    "Install it, or correct its name",
  ],
  "program-unusable": [
    "The program that `mcp`, `tool call` or `local exec` should run is not executable",
    "Make it executable",
  ],
  interrupted: ["Ctrl-C, or a signal", "Run the same command again"],
  internal: ["A bug in arcade", "Report it, with the output of `--debug`"],
};

const KINDS = Object.keys(ERRORS).filter((kind): kind is FailureKind => kind in ERRORS);
const ERROR_ROWS = KINDS.map((code) => {
  const [meaning, next] = ERRORS[code];
  return { code, exit: EXIT_CODES_OF_FAILURES[code], meaning, next };
});

export const TOPIC_TEXTS = {
  environment: {
    text: "Empty variables count as unset. Switches are on with 1, true, yes or on.",
    title: "Environment variables",
    head: ["variable", "meaning"],
    rows: Object.entries(VARIABLES),
    isCode: true,
    data: { variables: Object.entries(VARIABLES).map(([name, meaning]) => ({ name, meaning })) },
  },
  errors: {
    text: "With `--json`, a command that fails ends its stderr with a JSON object that has one " +
      "of these codes. `local exec` exits with 125 instead of any exit code below 125.",
    title: "Errors",
    head: ["code", "meaning, exit code, and what to do"],
    rows: ERROR_ROWS.map((
      { code, exit, meaning, next },
    ) => [code, `${meaning} (exit code ${exit}). ${next}`]),
    isCode: true,
    data: { errors: ERROR_ROWS },
  },
  "exit-codes": {
    text: "",
    title: "Exit codes",
    head: ["code", "meaning"],
    rows: Object.entries(EXIT_CODES),
    isCode: false,
    data: {
      exit_codes: Object.entries(EXIT_CODES).map(([code, meaning]) => ({
        code: Number(code),
        meaning,
      })),
    },
  },
  files: {
    text:
      "The files are in the Arcade folder, unless a flag or a variable names another place. The " +
      "folder is ARCADE_WORK_DIR, or else `.arcade` in your home folder.",
    title: "Files",
    head: ["file", "content"],
    rows: [
      [
        "credentials.yaml",
        "The login: tokens, e-mail address, active organization and project. Shared with the Python CLI",
      ],
      [
        "credentials-pending.json",
        "Logins that `login --no-wait` started, with their codes, until they finish or expire",
      ],
      [
        "credentials.yaml.unreadable-TIME",
        "An unreadable file that `login` moved aside",
      ],
      [
        "identity.toml",
        "Your identities on hubs, with their tokens. Can be shared with Muse",
      ],
      [
        "identity.toml.unreadable-TIME",
        "An unreadable file that `identity add --reset` moved aside",
      ],
      [
        "mcp-logins.json",
        "Logins to MCP servers: the tokens for each address",
      ],
      [
        "usage.json",
        "The telemetry id and the account linked to it. Shared with the Python CLI",
      ],
      ["usage-sent.json", "The last 50 telemetry requests, as they were sent"],
      ["usage-settings.json", "Whether you turned telemetry off or on"],
      [
        "usage-settings.json.unreadable-TIME",
        "An unreadable file that `telemetry disable` or `telemetry enable` moved aside",
      ],
      ["update-check.json", "The time and the result of the last check for a newer version"],
      [
        ".credentials.lock, .identity.lock, .usage.lock, .usage-alias.lock",
        "Lock files; empty",
      ],
      [".mcp-logins.lock, .mcp-logins-browser.lock", "Lock files for logins to MCP servers; empty"],
      [".update-check.lock", "The lock file for checks for a newer version; empty"],
      [".clients.lock", "The lock file for changes to the files of MCP clients; empty"],
      ["local/", "The data of the local Arcade"],
    ],
    isCode: true,
  },
  licenses: {
    text:
      "arcade is under the MIT License. Its executable also contains Deno, V8 and npm packages " +
      "under their own licenses. `arcade help licenses` prints all of them, unless arcade runs " +
      "from source. Release archives include them in the file THIRD_PARTY_NOTICES.",
    title: "Licenses",
    head: ["component", "license"],
    rows: [
      ["arcade", "MIT"],
      ["Deno", "MIT"],
      ["V8", "BSD-3-Clause"],
      ["npm packages", "MIT, BSD-3-Clause or Apache-2.0"],
    ],
    isCode: false,
    loadWhole: readNotices,
  },
  permissions: {
    text: "The executable runs under Deno's permissions. They are fixed at build time, and no " +
      "command asks for more at run time. Each command drops the permissions that it does not " +
      "need before its own code loads.",
    title: "Permissions",
    head: ["flag", "why"],
    rows: [
      [
        "--allow-read",
        "Reads the Arcade folder, the identity file, the files that you name, the local Arcade's " +
        "data, and the machine's policy. Their paths are unknown at build time",
      ],
      [
        "--allow-write",
        "Writes the Arcade folder, the identity file, and the local Arcade's data, which " +
        "includes the files of deployed servers; creates projects in `new`; replaces the " +
        "executable in `update`",
      ],
      [
        "--allow-net",
        "Connects to the coordinator, the engine and the telemetry host; listens on 127.0.0.1 " +
        "in `login` (port 9905) and on the local Arcade's port; calls the servers that it " +
        "runs; checks for newer versions and downloads them",
      ],
      [
        "--allow-run",
        "Opens your browser in `login`, `dashboard`, `tool call`, `auth start`, `gateway test` " +
        "and `mcp proxy`; on Linux, runs `cat` to see which user's browser answers `login`; " +
        "starts the processes that send telemetry and check for a newer version; runs the new " +
        "executable in `update`; asks a shell whether `nohup` is in effect; starts a project's " +
        "server in `deploy` and `mcp`, and the command of `local exec`; asks git which files " +
        "`deploy` uploads, and a shell for git's variables and for names that are not UTF-8; " +
        "runs the servers that you deploy to the local Arcade",
      ],
      [
        "--allow-sys",
        "Checks that private files belong to you (`uid`); includes the operating system's release " +
        "(`osRelease`) and the uptime (`osUptime`) in telemetry",
      ],
      [
        "--allow-env",
        "Reads only the environment variables that it uses; sets " +
        "`NO_PROXY`, so that no proxy sees requests to this machine",
      ],
      ["--no-prompt", "Makes everything else fail without a prompt"],
    ],
    isCode: true,
  },
  telemetry: {
    text: "`arcade` reports which commands run, to show which ones fail. `arcade telemetry " +
      "disable`, ARCADE_USAGE_TRACKING=0 or DO_NOT_TRACK=1 turns telemetry off, and `arcade " +
      "telemetry show` prints what was sent. An administrator can turn it off for a machine. A " +
      "build from source has no telemetry key and sends nothing.",
    title: "What is reported",
    head: ["field", "example"],
    rows: [
      ["the command", "`secret.set`"],
      ["whether it succeeded", "`CLI execution succeeded`"],
      [
        "its duration, and its start and end in seconds of uptime",
        "`duration_ms: 412`",
      ],
      ["the time", "an ISO 8601 timestamp"],
      ["the version of arcade", "`0.1.0`"],
      ["the language and version of the runtime", "`typescript`, `2.4.2`"],
      ["the operating system and its release", "`Linux`, `6.1.0`"],
      ["the ids of the active organization and project, if known", "a UUID"],
      ["the error message, if it failed", "at most 300 characters"],
    ],
    isCode: false,
  },
} satisfies Readonly<Record<string, TopicText>>;
