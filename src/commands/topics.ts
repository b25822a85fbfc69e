/** What the topics of `arcade help` say. docs/ and the manual get it from here, too. Loaded on demand. */

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
  6: "something that you can supply is missing: a grant or a secret",
  7: "no service answered",
  125: "`local exec` itself failed",
  126: "the program to run is not executable: `mcp`, `tool call`, `local exec`",
  127: "there is no such program to run: `mcp`, `tool call`, `local exec`",
  130: "interrupted",
};

/** What each kind of failure means, and what to do. */
const ERRORS: Readonly<Record<FailureKind, readonly [meaning: string, next: string]>> = {
  usage: [
    "The command line, a variable or a file that you named is wrong",
    "Correct it; `next` says how",
  ],
  login: [
    "Not logged in, or the login is no longer accepted",
    "Run `arcade login`, or set ARCADE_API_KEY",
  ],
  forbidden: ["Logged in, but not allowed", "Ask for the right, or use another project"],
  network: [
    "No service answered: unreachable, too late, or a status of 500 or more",
    "Try again later if `retryable` is true; else check the address and the proxy",
  ],
  server: [
    "The service refused, or its answer cannot be used",
    "Read the message; try again if `retryable` is true",
  ],
  "not-found": ["It does not exist", "List what exists, or pass `--ignore-missing` to a removal"],
  "tool-failed": [
    "The tool was called and failed",
    "Change its inputs, or call it again if `retryable` is true",
  ],
  denied: [
    "A policy of the organization denied the call",
    "Do not call it again; ask an administrator",
  ],
  "grant-needed": [
    "A user has to grant something first",
    "Let the user open the page in `next`, then run the same command again",
  ],
  "secret-missing": ["A secret that the tool needs is not set", "Set it with `arcade secret set`"],
  file: [
    "A file or folder of this machine cannot be used",
    "Check its path, its rights and the disk",
  ],
  port: ["A port of this machine cannot be used", "Choose another one with a flag"],
  partial: [
    "Some of the work failed; stdout has both parts",
    "Run the same command again for the rest",
  ],
  "program-missing": [
    "There is no such program as `mcp`, `tool call` or `local exec` should run",
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
    text:
      "With `--json`, the last line of stderr of a command that failed is a JSON object with one " +
      "of these codes. `local exec` exits with 125 where this table has a code below 125.",
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
        "The logins that `login --no-wait` began, with their codes, until they are finished or expire",
      ],
      [
        "credentials.yaml.unreadable-TIME",
        "A file that could not be read at login, moved aside",
      ],
      [
        "identity.toml",
        "Your identities on hubs, with their tokens. Can be shared with Muse",
      ],
      [
        "identity.toml.unreadable-TIME",
        "A file that could not be read, moved aside by `identity add --reset`",
      ],
      [
        "mcp-logins.json",
        "Logins at MCP servers with a sign-in of their own: the tokens for each address",
      ],
      [
        "usage.json",
        "The telemetry id, and the account that it is linked to. Shared with the Python CLI",
      ],
      ["usage-sent.json", "The last 50 telemetry requests, as they were sent"],
      ["usage-settings.json", "Whether you turned telemetry off or on"],
      [
        "usage-settings.json.unreadable-TIME",
        "A file that could not be read, moved aside by `telemetry disable` or `enable`",
      ],
      ["update-check.json", "When a newer version was looked for, and which one there is"],
      [
        ".credentials.lock, .identity.lock, .usage.lock, .usage-alias.lock",
        "Locks; empty",
      ],
      [".mcp-logins.lock, .mcp-logins-browser.lock", "Locks of logins at MCP servers; empty"],
      [".update.lock, .update-check.lock", "Locks of updates; empty"],
      [".clients.lock", "The lock of MCP clients' files; empty"],
      ["local/", "The data of the local Arcade"],
    ],
    isCode: true,
  },
  licenses: {
    text:
      "arcade is under the MIT License. Its executable also contains Deno, V8 and npm packages " +
      "with licenses of their own. `arcade help licenses` prints all of them, unless arcade runs " +
      "from source, and the archives of a release have them in the file THIRD_PARTY_NOTICES.",
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
    text: "The executable runs under Deno's permissions. They are fixed when it is built, and no " +
      "command asks for more at run time. Each command drops what it does not need before its own " +
      "code loads.",
    title: "Permissions",
    head: ["flag", "why"],
    rows: [
      [
        "--allow-read",
        "Reads the Arcade folder, the identity file, the files that you name, the data of the local " +
        "Arcade, and the policy of the machine. Their paths are unknown at build time",
      ],
      [
        "--allow-write",
        "Writes the Arcade folder, the identity file, and the data of the local Arcade, which " +
        "includes the files of deployed servers; creates projects during `new`; replaces the " +
        "executable during `update`",
      ],
      [
        "--allow-net",
        "Connects to the coordinator, the engine and the telemetry host; listens on 127.0.0.1 " +
        "during `login` (port 9905) and on the port of the local Arcade; calls the servers that it " +
        "runs; looks for newer versions and downloads them",
      ],
      [
        "--allow-run",
        "Opens your browser during `login`, `dashboard`, `tool call`, `auth start`, `gateway test` and `mcp proxy`; on Linux, " +
        "runs `cat` to see whose browser " +
        "answers `login`; starts the process that sends " +
        "telemetry, and the one that looks for a newer version; runs the new executable during " +
        "`update`; asks a shell whether `nohup` is in effect; starts the server of a project " +
        "during `deploy` and `mcp`, and the command of `local exec`; asks git for the files that `deploy` uploads, and a shell for " +
        "the variables that it needs and for names that are not UTF-8; runs the servers that you " +
        "deploy to the local Arcade",
      ],
      [
        "--allow-sys",
        "Checks that private files are yours (`uid`); tells telemetry the release of the operating " +
        "system (`osRelease`) and the uptime (`osUptime`)",
      ],
      [
        "--allow-env",
        "Reads the environment variables that it uses and no others; sets " +
        "`NO_PROXY`, so that no proxy sees requests to this machine",
      ],
      ["--no-prompt", "Makes everything else fail without a question"],
    ],
    isCode: true,
  },
  telemetry: {
    text: "`arcade` reports which commands run, to show which ones fail. `arcade telemetry " +
      "disable`, ARCADE_USAGE_TRACKING=0 or DO_NOT_TRACK=1 turns it off, and `arcade telemetry " +
      "show` prints what was sent. An administrator can turn it off for a machine. A build from " +
      "source has no key to report with, and sends nothing.",
    title: "What is reported",
    head: ["field", "example"],
    rows: [
      ["the command", "`secret.set`"],
      ["whether it succeeded", "`CLI execution succeeded`"],
      [
        "its duration, and the time of its start and end in seconds of uptime",
        "`duration_ms: 412`",
      ],
      ["the time", "an ISO 8601 timestamp"],
      ["the version of arcade", "`0.1.0`"],
      ["the language and version of the runtime", "`typescript`, `2.4.2`"],
      ["the operating system and its release", "`Linux`, `6.1.0`"],
      ["the ids of the active organization and project, if known", "a UUID"],
      ["if it failed: the sentence that you saw", "at most 300 characters"],
    ],
    isCode: false,
  },
} satisfies Readonly<Record<string, TopicText>>;
