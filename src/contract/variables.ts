/** The environment variables that name proxies, and the hosts that need none. */
export const PROXY_VARIABLES = [
  "ALL_PROXY",
  "HTTPS_PROXY",
  "HTTP_PROXY",
  "NO_PROXY",
  "all_proxy",
  "http_proxy",
  "https_proxy",
  "no_proxy",
] as const;

/**
 * The environment variables about the network: proxies and trusted certificates. They are also passed to the detached
 * processes.
 */
export const RUNTIME_VARIABLES = [
  ...PROXY_VARIABLES,
  "DENO_CERT",
  "DENO_TLS_CA_STORE",
  "NODE_EXTRA_CA_CERTS",
  // If it is set, HTTP_PROXY may come from a request header (CGI), so the runtime ignores that variable.
  "REQUEST_METHOD",
  "SSL_CERT_FILE",
  // Windows opens no sockets without it.
  "SYSTEMROOT",
] as const;

/** The variables with a login of the user, which no server gets that inherits the environment. */
export const LOGIN_VARIABLES = ["ARCADE_API_KEY", "ARCADE_TOKEN", "ARCADE_IDENTITY_FILE"] as const;

/**
 * The variables that coding agents set for the commands that they run, as their makers document them:
 * - AGENT: goose (https://goose-docs.ai/docs/guides/environment-variables), Amp and opencode
 * - AI_AGENT: agents that follow https://github.com/vercel/vercel/tree/main/packages/detect-agent
 * - CLAUDECODE: Claude Code (https://code.claude.com/docs/en/env-vars)
 * - CODEX_SANDBOX, CODEX_THREAD_ID: Codex (https://github.com/openai/codex/blob/main/AGENTS.md)
 * - CURSOR_AGENT: Cursor (https://cursor.com/docs/agent/terminal)
 * - GEMINI_CLI: Gemini CLI (https://github.com/google-gemini/gemini-cli/blob/main/docs/tools/shell.md)
 * - GOOSE_TERMINAL: goose, as above
 * - OPENCODE: opencode (https://github.com/anomalyco/opencode/blob/dev/packages/opencode/src/index.ts)
 */
export const AGENT_VARIABLES = [
  "AGENT",
  "AI_AGENT",
  "CLAUDECODE",
  "CODEX_SANDBOX",
  "CODEX_THREAD_ID",
  "CURSOR_AGENT",
  "GEMINI_CLI",
  "GOOSE_TERMINAL",
  "OPENCODE",
] as const;

/** The environment variables for users, with their descriptions. */
export const VARIABLES = {
  ARCADE_API_KEY: "An API key for the engine, used instead of a login",
  ARCADE_TOKEN: "A token, used instead of a login; `identity add` stores it",
  ARCADE_IDENTITY_FILE: "The identity file (default: identity.toml in the Arcade folder)",
  ARCADE_COORDINATOR_URL: "The address of the coordinator",
  ARCADE_ENGINE_URL: "The address of the engine",
  ARCADE_URL: "The address of the engine for ARCADE_API_KEY; for `login`, the same as --url",
  ARCADE_USER_ID: "The user that tools act for if you are not logged in",
  ARCADE_CONTEXT: "The name of the context to use, as --context does",
  ARCADE_ORG_ID: "The id of the organization to work in, as --org does",
  ARCADE_PROJECT_ID: "The id of the project to work in, as --project does",
  ARCADE_WORK_DIR: "The folder for your Arcade files (default: ~/.arcade)",
  ARCADE_OUTPUT: "If json, the same as --json for every command that has it (default: text)",
  ARCADE_LOGIN_TIMEOUT_SECONDS: "How long `login` waits for you (default: 600)",
  ARCADE_TIMEOUT_SECONDS: "How many seconds to wait for a response (default: 30)",
  ARCADE_COMPLETION_OFFLINE: "If on, completion does not fetch names",
  ARCADE_DEBUG: "If on, the same as --debug",
  ARCADE_NO_BACKGROUND_TRAFFIC:
    "If on, no telemetry, no checks for newer versions, and no requests for completion",
  ARCADE_USAGE_TRACKING: "Set to 0 to turn telemetry off",
  DO_NOT_TRACK: "If on, no telemetry",
  ARCADE_USAGE_DEBUG: "If on, print telemetry events to stderr instead of sending them",
  ARCADE_POSTHOG_KEY: "The PostHog project key for telemetry; without it, nothing is sent",
  ARCADE_POSTHOG_HOST: "The address of PostHog",
  ARCADE_NO_UPDATE_CHECK: "If on, never check for newer versions; also ARCADE_DISABLE_AUTOUPDATE",
  ARCADE_DOWNLOAD_URL: "The address of a mirror of the releases, for `update`",
  NO_COLOR: "If set, no colors",
  TERM: "If dumb, no colors",
  BROWSER: "The browser to open: commands separated by colons, with %s for the address",
  HTTPS_PROXY: "The proxy for https; also HTTP_PROXY, ALL_PROXY and NO_PROXY",
  SSL_CERT_FILE: "A file with certificates to trust; also NODE_EXTRA_CA_CERTS and DENO_CERT",
} as const;

/** Other variables that arcade reads: for its own processes, about the system, and to pass on. */
const INTERNAL_VARIABLES = [
  "APPDATA",
  "ARCADE_DISABLE_AUTOUPDATE",
  "ARCADE_USAGE_EVENT_DATA",
  "CI",
  "CLAUDE_CONFIG_DIR",
  "CLINE_DATA_DIR",
  "CLINE_DIR",
  "CLINE_MCP_SETTINGS_PATH",
  "CODEX_HOME",
  "COPILOT_HOME",
  "DENO_DIR",
  "DENO_SERVE_ADDRESS",
  "DISPLAY",
  "FLATPAK_XDG_CONFIG_HOME",
  "GEMINI_CLI_HOME",
  "HOME",
  "LANG",
  "LC_ALL",
  "LC_CTYPE",
  "LOCALAPPDATA",
  "LOGNAME",
  "PATH",
  "SSH_CONNECTION",
  "SSH_TTY",
  "SUDO_UID",
  "TMPDIR",
  "TZ",
  "USER",
  "USERPROFILE",
  "WAYLAND_DISPLAY",
  "WSL_DISTRO_NAME",
  "XDG_CACHE_HOME",
  "XDG_CONFIG_HOME",
  "XDG_DATA_HOME",
  "container",
] as const;

type Variable =
  | typeof AGENT_VARIABLES[number]
  | keyof typeof VARIABLES
  | typeof INTERNAL_VARIABLES[number]
  | typeof RUNTIME_VARIABLES[number];

/**
 * All environment variables that arcade reads. The binary may read no others, so this list is also its `--allow-env` flag
 * (src/process/permission_flags.ts).
 */
export const ENVIRONMENT_VARIABLES: readonly string[] = [
  ...new Set([
    ...Object.keys(VARIABLES),
    ...INTERNAL_VARIABLES,
    ...AGENT_VARIABLES,
    ...RUNTIME_VARIABLES,
  ]),
];

/**
 * The variables that are set. In the environment of the process, reading one that is not UTF-8 text throws a `Failure` if a
 * command must not ignore it (src/process/environment.ts). So read a variable only where it is used.
 */
export type Environment = Readonly<Partial<Record<Variable, string>>>;
