/**
 * The MCP clients, as data: where each stores its servers, and in which format. A new client is one row.
 *
 * docs/clients.md says what was tried with the client itself, and what comes only from its documentation.
 */

import type { Environment } from "../contract/variables.ts";

/** Whether an entry is for all projects of the user, or for one project and everyone who works on it. */
export type Scope = "user" | "project";
export const SCOPES: readonly Scope[] = ["user", "project"];

/** The place of a file: in the folder that a variable names, or in the home folder. */
export interface Place {
  readonly variable?: keyof Environment;
  readonly path: string;
  /** A folder there, without which the place does not count. */
  readonly ifFolder?: string;
}

/** A file of a client: the first place whose variable is set and whose folder is there. */
export type UserFile = readonly Place[];

/** The operating systems that clients run on. */
export type ClientOs = "linux" | "darwin" | "windows";

/** How a file is written. `commented` is JSON with comments but without trailing commas, `jsonc` has both. */
export type Syntax = "json" | "commented" | "jsonc" | "toml" | "yaml";

/**
 * An entry of a server. `$command` stands for the program, `$args` for its arguments, `$argv` for both, `$env` for its variables,
 * `$url` and `$headers` for a server over HTTP, `$bearerVariable` and `$headerVariables` for the names of the variables with
 * its headers, and `$name` for the name. Placeholders without a value are omitted.
 */
export type Template = Readonly<Record<string, unknown>>;

export interface Client {
  /** As it is typed. */
  readonly id: string;
  readonly title: string;
  /** Other names, with a sentence about an older name. */
  readonly aliases?: Readonly<Record<string, string>>;
  /** Its programs on PATH. */
  readonly programs: readonly string[];
  readonly user?: Readonly<Record<ClientOs, readonly UserFile[]>>;
  /** The files of a project, relative to its folder. The entry goes into the first that has it, or the first that exists. */
  readonly project?: readonly string[];
  readonly syntax: Syntax;
  /** Where the servers are in the file. */
  readonly key: readonly string[];
  /** Where they are instead if the file has something there. */
  readonly otherKey?: readonly string[];
  /** Whether it reads a file with a byte order mark. */
  readonly readsMark: boolean;
  readonly stdio?: Template;
  readonly http?: Template;
  /** How a value of a header names the variable NAME. */
  readonly reference?: string;
  /** The maximum number of tools that it supports. */
  readonly maxTools?: number;
  /** How the user logs in to a server with OAuth, if the client does not prompt for it. */
  readonly login?: string;
  /** Keys of an entry that the client or the user sets, which are preserved when arcade replaces it. */
  readonly kept: readonly string[];
  readonly reserved?: readonly string[];
  /** Whether arcade writes its files. Otherwise it prints the text and the file that it belongs in. */
  readonly isWritten: boolean;
  /** Where to add a server in its user interface. */
  readonly dialog?: string;
  /** Whether it runs on servers of its vendor, which reach only public addresses. */
  readonly isRemote?: true;
  /** Whether it locks its user file with a folder next to it, whose name ends in `.lock`. */
  readonly locks?: true;
  /** Whether it runs on Windows, with its user files there, when arcade is in WSL. */
  readonly isOnWindows?: true;
  /** Who else reads the file of a project. */
  readonly sharedWith?: Readonly<Record<string, readonly string[]>>;
  /** What to do if the client is running, because it overwrites its file. */
  readonly before?: string;
  /** How it notices a change. */
  readonly reload: string;
  /** What else a server of a project needs. */
  readonly approval?: string;
  /** Where this row comes from, and when it was checked. */
  readonly source: string;
  readonly checked: string;
}

const home = (path: string): Place => ({ path });
const under = (variable: keyof Environment, path: string): Place => ({ variable, path });
/** A file in the folder for configuration of the XDG Base Directory Specification. */
const config = (path: string): UserFile => [
  under("XDG_CONFIG_HOME", path),
  home(`.config/${path}`),
];
const everywhere = (...files: readonly UserFile[]) => ({
  linux: files,
  darwin: files,
  windows: files,
});

const COMMAND = { command: "$command", args: "$args", env: "$env" };
const ADDRESS = { url: "$url", headers: "$headers" };
const CHECKED = "2026-11-30";

/** The files of Visual Studio Code and its relatives, which differ only in the name of a folder. */
const codeFiles = (name: string): NonNullable<Client["user"]> => ({
  linux: [config(`${name}/User/mcp.json`)],
  darwin: [[home(`Library/Application Support/${name}/User/mcp.json`)]],
  windows: [[under("APPDATA", `${name}/User/mcp.json`)]],
});
const code = {
  project: [".vscode/mcp.json"],
  syntax: "jsonc",
  key: ["servers"],
  readsMark: true,
  stdio: { type: "stdio", ...COMMAND },
  http: { type: "http", ...ADDRESS },
  reference: "${env:NAME}",
  maxTools: 128,
  kept: ["cwd", "dev", "gallery", "sandboxEnabled", "version"],
  isWritten: true,
  isOnWindows: true,
  reload: "Start NAME with `MCP: List Servers`, and trust it when VS Code asks",
  source: "https://code.visualstudio.com/docs/copilot/reference/mcp-configuration",
  checked: CHECKED,
} as const;

const SHARED_MCP_JSON = [
  "Claude Code",
  "Copilot CLI",
  "VS Code",
  "JetBrains Air",
];

export const CLIENTS: readonly Client[] = [
  {
    id: "claude-code",
    title: "Claude Code",
    programs: ["claude"],
    user: everywhere([under("CLAUDE_CONFIG_DIR", ".claude.json"), home(".claude.json")]),
    project: [".mcp.json"],
    syntax: "json",
    key: ["mcpServers"],
    readsMark: true,
    stdio: { type: "stdio", ...COMMAND },
    http: { type: "http", ...ADDRESS },
    reference: "${NAME}",
    login: "Log in with `/mcp`, or `claude mcp login NAME`",
    kept: ["timeout"],
    reserved: ["workspace", "claude-in-chrome"],
    isWritten: true,
    locks: true,
    sharedWith: { ".mcp.json": SHARED_MCP_JSON },
    reload: "Start a new session of Claude Code; `/mcp` shows the server",
    approval: "Approve the server when Claude Code asks",
    source: "claude 2.1.332, https://code.claude.com/docs/en/mcp",
    checked: CHECKED,
  },
  {
    id: "cursor",
    title: "Cursor",
    programs: ["cursor", "cursor-agent"],
    user: everywhere([home(".cursor/mcp.json")]),
    project: [".cursor/mcp.json"],
    syntax: "jsonc",
    key: ["mcpServers"],
    readsMark: true,
    stdio: COMMAND,
    http: ADDRESS,
    reference: "${env:NAME}",
    maxTools: 40,
    kept: ["auth"],
    isWritten: true,
    isOnWindows: true,
    reload: "Turn the server on in Cursor Settings > MCP, or start Cursor again",
    source: "https://cursor.com/docs/context/mcp",
    checked: CHECKED,
  },
  {
    id: "vscode",
    title: "VS Code",
    aliases: { code: "" },
    programs: ["code"],
    user: codeFiles("Code"),
    ...code,
  },
  {
    id: "vscode-insiders",
    title: "VS Code Insiders",
    programs: ["code-insiders"],
    user: codeFiles("Code - Insiders"),
    ...code,
  },
  {
    id: "codex",
    title: "Codex (CLI, IDE and the ChatGPT desktop app)",
    programs: ["codex"],
    user: everywhere([under("CODEX_HOME", "config.toml"), home(".codex/config.toml")]),
    project: [".codex/config.toml"],
    syntax: "toml",
    key: ["mcp_servers"],
    readsMark: true,
    stdio: COMMAND,
    http: {
      url: "$url",
      bearer_token_env_var: "$bearerVariable",
      env_http_headers: "$headerVariables",
    },
    reference: "NAME",
    login: "Log in with `codex mcp login NAME`",
    kept: [
      "enabled",
      "required",
      "startup_timeout_sec",
      "startup_timeout_ms",
      "tool_timeout_sec",
      "enabled_tools",
      "disabled_tools",
      "default_tools_approval_mode",
      "tools",
    ],
    isWritten: true,
    reload: "Start Codex again",
    approval: "Codex reads the file only in a project that it trusts",
    source: "codex 0.171.0, https://developers.openai.com/codex/mcp",
    checked: CHECKED,
  },
  {
    id: "claude-desktop",
    title: "Claude Desktop",
    aliases: { claude: "" },
    programs: [],
    user: {
      linux: [config("Claude/claude_desktop_config.json")],
      darwin: [[home("Library/Application Support/Claude/claude_desktop_config.json")]],
      windows: [[
        {
          variable: "LOCALAPPDATA",
          path:
            "Packages/Claude_pzs8sxrjxfjjc/LocalCache/Roaming/Claude/claude_desktop_config.json",
          ifFolder: "Packages/Claude_pzs8sxrjxfjjc",
        },
        under("APPDATA", "Claude/claude_desktop_config.json"),
      ]],
    },
    syntax: "json",
    key: ["mcpServers"],
    readsMark: false,
    stdio: COMMAND,
    kept: [],
    isWritten: true,
    isOnWindows: true,
    before:
      "If Claude Desktop is running, quit it and run this command again: it overwrites its file",
    reload: "Start Claude Desktop again",
    source:
      "https://modelcontextprotocol.io/docs/develop/connect-local-servers; issues of claude-code",
    checked: CHECKED,
  },
  {
    id: "copilot",
    title: "Copilot CLI",
    aliases: { "copilot-cli": "" },
    programs: ["copilot"],
    user: everywhere([
      under("COPILOT_HOME", "mcp-config.json"),
      home(".copilot/mcp-config.json"),
    ]),
    project: [".mcp.json", ".github/mcp.json"],
    syntax: "jsonc",
    key: ["mcpServers"],
    readsMark: true,
    // Claude Code reads the project's file too, and does not support `local`.
    stdio: { type: "stdio", ...COMMAND },
    http: { type: "http", ...ADDRESS },
    kept: ["tools", "timeout"],
    isWritten: true,
    sharedWith: { ".mcp.json": SHARED_MCP_JSON },
    reload: "Start Copilot CLI again; `copilot mcp list` shows the server",
    approval: "Trust the folder when Copilot CLI asks",
    source: "copilot 1.0.102",
    checked: CHECKED,
  },
  {
    id: "opencode",
    title: "OpenCode",
    programs: ["opencode"],
    user: everywhere(
      config("opencode/opencode.jsonc"),
      config("opencode/opencode.json"),
      config("opencode/config.json"),
    ),
    project: [
      "opencode.json",
      "opencode.jsonc",
      ".opencode/opencode.json",
      ".opencode/opencode.jsonc",
    ],
    syntax: "jsonc",
    key: ["mcp"],
    otherKey: ["mcp", "servers"],
    readsMark: true,
    stdio: { type: "local", command: "$argv", environment: "$env" },
    http: { type: "remote", ...ADDRESS },
    reference: "{env:NAME}",
    login: "Log in with `opencode mcp auth NAME`",
    kept: ["enabled", "disabled", "timeout", "oauth"],
    isWritten: true,
    reload: "Start OpenCode again; `opencode mcp list` shows the server",
    source: "opencode 1.18.33, https://opencode.ai/docs/mcp-servers",
    checked: CHECKED,
  },
  {
    id: "gemini",
    title: "Gemini CLI",
    aliases: { "gemini-cli": "" },
    programs: ["gemini"],
    user: everywhere([
      under("GEMINI_CLI_HOME", ".gemini/settings.json"),
      home(".gemini/settings.json"),
    ]),
    project: [".gemini/settings.json"],
    syntax: "commented",
    key: ["mcpServers"],
    readsMark: false,
    stdio: COMMAND,
    http: { type: "http", ...ADDRESS },
    reference: "${NAME}",
    kept: ["timeout", "trust", "includeTools", "excludeTools", "description"],
    isWritten: true,
    reload: "Start Gemini CLI again; `gemini mcp list` shows the server",
    approval: "Gemini CLI uses the server only in a folder that you trust",
    source: "gemini 0.61.0; closed for individuals since 2026-06-18, followed by Antigravity",
    checked: CHECKED,
  },
  {
    id: "cline",
    title: "Cline",
    programs: ["cline"],
    user: everywhere([
      under("CLINE_MCP_SETTINGS_PATH", ""),
      under("CLINE_DATA_DIR", "settings/cline_mcp_settings.json"),
      under("CLINE_DIR", "data/settings/cline_mcp_settings.json"),
      home(".cline/data/settings/cline_mcp_settings.json"),
    ]),
    syntax: "json",
    key: ["mcpServers"],
    readsMark: false,
    stdio: COMMAND,
    http: { type: "streamableHttp", ...ADDRESS },
    kept: ["disabled", "autoApprove", "alwaysAllow", "timeout"],
    isWritten: true,
    locks: true,
    reload: "Cline connects at once, or when it starts",
    source: "cline 3.0.65",
    checked: CHECKED,
  },
  {
    id: "kiro",
    title: "Kiro (IDE and CLI)",
    aliases: { amazonq: "Amazon Q CLI is now Kiro CLI" },
    programs: ["kiro", "kiro-cli"],
    user: everywhere([home(".kiro/settings/mcp.json")]),
    project: [".kiro/settings/mcp.json"],
    syntax: "jsonc",
    key: ["mcpServers"],
    readsMark: true,
    stdio: COMMAND,
    http: ADDRESS,
    kept: ["disabled", "autoApprove", "disabledTools", "oauth"],
    isWritten: true,
    isOnWindows: true,
    reload: "Kiro connects when the file changes",
    source: "https://kiro.dev/docs/mcp/configuration",
    checked: CHECKED,
  },
  {
    id: "zed",
    title: "Zed",
    programs: ["zed", "zeditor"],
    user: {
      linux: [[
        under("FLATPAK_XDG_CONFIG_HOME", "zed/settings.json"),
        ...config("zed/settings.json"),
      ]],
      darwin: [[home(".config/zed/settings.json")]],
      windows: [[under("APPDATA", "Zed/settings.json")]],
    },
    project: [".zed/settings.json"],
    syntax: "jsonc",
    key: ["context_servers"],
    readsMark: true,
    stdio: COMMAND,
    http: ADDRESS,
    kept: ["enabled", "remote", "settings", "source", "timeout", "oauth"],
    isWritten: true,
    isOnWindows: true,
    reload: "Zed starts the server at once; the settings of the Agent Panel show it",
    source: "https://zed.dev/docs/ai/mcp, and its sources (paths.rs, project.rs)",
    checked: CHECKED,
  },
  {
    id: "antigravity",
    title: "Antigravity",
    aliases: { agy: "" },
    programs: ["agy", "antigravity"],
    user: everywhere([home(".gemini/config/mcp_config.json")]),
    project: [".agents/mcp_config.json"],
    syntax: "json",
    key: ["mcpServers"],
    readsMark: false,
    stdio: COMMAND,
    http: { serverUrl: "$url", headers: "$headers" },
    kept: [],
    isWritten: false,
    reload: "Refresh the list under Manage MCP Servers",
    source: "issues of codegraph, claude-mem and unity-mcp",
    checked: CHECKED,
  },
  {
    id: "devin",
    title: "Devin Desktop",
    aliases: {
      windsurf: "Windsurf is now Devin Desktop",
      cascade: "Windsurf is now Devin Desktop",
    },
    programs: ["devin"],
    user: {
      linux: [config("devin/mcp_config.json")],
      darwin: [[home(".config/devin/mcp_config.json")]],
      windows: [[under("APPDATA", "devin/mcp_config.json")]],
    },
    project: [".devin/mcp_config.json"],
    syntax: "jsonc",
    key: ["mcpServers"],
    readsMark: true,
    stdio: COMMAND,
    http: { transport: "http", ...ADDRESS },
    maxTools: 100,
    kept: [],
    isWritten: false,
    reload: "Refresh the list of MCP servers, or start Devin Desktop again",
    source:
      "https://docs.devin.ai; the older agent Cascade reads ~/.codeium/windsurf/mcp_config.json",
    checked: CHECKED,
  },
  {
    id: "goose",
    title: "Goose",
    programs: ["goose"],
    user: {
      linux: [config("goose/config.yaml")],
      darwin: [[home(".config/goose/config.yaml")]],
      windows: [[under("APPDATA", "Block/goose/config/config.yaml")]],
    },
    syntax: "yaml",
    key: ["extensions"],
    readsMark: false,
    stdio: {
      type: "stdio",
      name: "$name",
      description: "",
      cmd: "$command",
      args: "$args",
      envs: "$env",
      enabled: true,
      timeout: 300,
    },
    http: {
      type: "streamable_http",
      name: "$name",
      description: "",
      uri: "$url",
      headers: "$headers",
      enabled: true,
      timeout: 300,
    },
    kept: [],
    isWritten: false,
    reload: "Start Goose again",
    source: "https://block.github.io/goose/docs/getting-started/using-extensions, and its sources",
    checked: CHECKED,
  },
  {
    id: "junie",
    title: "Junie",
    programs: ["junie"],
    user: everywhere([home(".junie/mcp/mcp.json")]),
    project: [".junie/mcp/mcp.json"],
    syntax: "json",
    key: ["mcpServers"],
    readsMark: false,
    stdio: COMMAND,
    http: ADDRESS,
    kept: [],
    isWritten: false,
    reload: "Start the IDE again",
    source: "the tables of @gleanwork/mcp-config-schema 5.2.0 and rulesync",
    checked: CHECKED,
  },
  {
    id: "jetbrains",
    title: "JetBrains AI Assistant",
    programs: [],
    syntax: "json",
    key: ["mcpServers"],
    readsMark: false,
    stdio: COMMAND,
    http: ADDRESS,
    kept: [],
    isWritten: false,
    dialog: "Settings > Tools > AI Assistant > Model Context Protocol (MCP) > Add > As JSON",
    reload: "Apply the settings",
    source: "https://www.jetbrains.com/help/ai-assistant/mcp.html",
    checked: CHECKED,
  },
  {
    id: "lm-studio",
    title: "LM Studio",
    aliases: { lmstudio: "" },
    programs: ["lms"],
    user: everywhere([home(".lmstudio/mcp.json")]),
    syntax: "json",
    key: ["mcpServers"],
    readsMark: false,
    stdio: COMMAND,
    http: ADDRESS,
    kept: [],
    isWritten: false,
    reload: "Save the file in LM Studio (Program > Install > Edit mcp.json)",
    source: "https://lmstudio.ai/docs/app/mcp",
    checked: CHECKED,
  },
  {
    id: "warp",
    title: "Warp",
    programs: [],
    user: everywhere([home(".warp/.mcp.json")]),
    project: [".warp/.mcp.json"],
    syntax: "json",
    key: ["mcpServers"],
    readsMark: false,
    stdio: COMMAND,
    http: ADDRESS,
    kept: [],
    isWritten: false,
    dialog: "Settings > AI > Manage MCP servers > Add",
    reload: "Start the server in the list of MCP servers",
    source: "the skill for MCP servers in warpdotdev/warp, 2026-08",
    checked: CHECKED,
  },
  {
    id: "chatgpt",
    title: "ChatGPT",
    programs: [],
    syntax: "json",
    key: [],
    readsMark: false,
    http: ADDRESS,
    kept: [],
    isWritten: false,
    isRemote: true,
    dialog: "Settings > Apps > Advanced > Developer mode > Create app",
    reload: "Choose the app in a new chat",
    source: "https://platform.openai.com/docs/guides/developer-mode",
    checked: CHECKED,
  },
  {
    id: "claude-ai",
    title: "claude.ai",
    programs: [],
    syntax: "json",
    key: [],
    readsMark: false,
    http: ADDRESS,
    kept: [],
    isWritten: false,
    isRemote: true,
    dialog: "Settings > Connectors > Add custom connector",
    reload: "Turn the connector on in a new chat",
    source: "https://support.claude.com, custom connectors",
    checked: CHECKED,
  },
];

/** The client with an id or another name, in any case; with a sentence if that name is an older one. */
export function findClient(word: string): { client: Client; note: string } | undefined {
  const wanted = word.toLowerCase();
  for (const client of CLIENTS) {
    const { id, aliases = {} } = client;
    if (id === wanted) return { client, note: "" };
    if (Object.hasOwn(aliases, wanted)) return { client, note: aliases[wanted] ?? "" };
  }
}

/** The server names that all clients accept: short, because clients put them before the names of tools. */
export const SERVER_NAME = /^[a-z][a-z0-9-]{0,19}$/;

/**
 * A name for a server that all clients accept, from another one; undefined if it has no letter.
 *
 * @example
 * ```ts
 * serverNameOf("My_Server 2"); // "my-server-2"
 * ```
 */
export function serverNameOf(name: string): string | undefined {
  const words = name.normalize("NFKD").toLowerCase().match(/[a-z0-9]+/g) ?? [];
  const joined = words.join("-").replace(/^[0-9-]+/, "").slice(0, 20).replace(/-$/, "");
  return joined === "" ? undefined : joined;
}
