import assert from "node:assert/strict";
import { CLIENTS, findClient, SERVER_NAME, serverNameOf } from "../../src/clients/clients.ts";
import { pathsOf, type UserFolders } from "../../src/clients/places.ts";
import { ENVIRONMENT_VARIABLES } from "../../src/contract/variables.ts";
import { ROOT } from "../support/root.ts";

Deno.test("the executable can read every variable that moves a client's file", () => {
  const variables = CLIENTS.flatMap(({ user = { linux: [], darwin: [], windows: [] } }) =>
    Object.values(user).flat(2).flatMap(({ variable }) => variable ?? [])
  );
  assert(variables.includes("CODEX_HOME"));
  for (const variable of variables) assert(ENVIRONMENT_VARIABLES.includes(variable), variable);
});

Deno.test("every client has a source and a date, a unique name, and a place for a server", () => {
  const names = new Set<string>();
  for (const { id, aliases = {}, source, checked, user, dialog, ...client } of CLIENTS) {
    assert.match(checked, /^20\d\d-\d\d-\d\d$/, id);
    assert(source !== "", id);
    assert(user !== undefined || dialog !== undefined, id);
    assert(client.stdio !== undefined || client.isRemote, id);
    if (client.isWritten) {
      assert(["json", "commented", "jsonc", "toml"].includes(client.syntax), id);
    }
    for (const name of [id, ...Object.keys(aliases)]) {
      assert(!names.has(name), name);
      names.add(name);
      assert.equal(findClient(name.toUpperCase())?.client.id, id);
    }
  }
});

Deno.test("docs/clients.md has every client, and its files", async () => {
  const page = await Deno.readTextFile(`${ROOT}/docs/clients.md`);
  for (const { id, project = [] } of CLIENTS) {
    const row = page.split("\n").find((line) => line.startsWith("|") && line.includes(`\`${id}\``));
    assert(row, id);
    const [first] = project;
    if (first !== undefined) assert(row.includes(first), first);
  }
});

Deno.test("a server name is accepted by every client", () => {
  const names: Record<string, string | undefined> = {
    weather: "weather",
    "My_Server 2": "my-server-2",
    "2024-server": "server",
    "Wetter-Dienst für München": "wetter-dienst-fu-r-m",
    "ÄÖÜ": "a-o-u",
    "日本": undefined,
    "123": undefined,
    "a-very-long-name-of-a-server": "a-very-long-name-of",
  };
  for (const [name, expected] of Object.entries(names)) {
    assert.equal(serverNameOf(name), expected, name);
    if (expected !== undefined) assert.match(expected, SERVER_NAME);
  }
});

const LINUX: UserFolders = {
  os: "linux",
  home: "/home/me",
  env: {},
  separator: "/",
  isFolder: () => false,
};
const MAC: UserFolders = { ...LINUX, os: "darwin", home: "/Users/me" };
const WINDOWS: UserFolders = {
  os: "windows",
  home: "C:\\Users\\me",
  env: {
    APPDATA: "C:\\Users\\me\\AppData\\Roaming",
    LOCALAPPDATA: "C:\\Users\\me\\AppData\\Local",
  },
  separator: "\\",
  isFolder: () => false,
};
const IN_WSL: UserFolders = {
  ...WINDOWS,
  home: "/mnt/c/Users/me",
  env: {
    APPDATA: "/mnt/c/Users/me/AppData/Roaming",
    LOCALAPPDATA: "/mnt/c/Users/me/AppData/Local",
  },
  separator: "/",
};

/** The file for a new server of the user on every system. */
const FILES: Readonly<
  Record<string, readonly [linux: string, mac: string, windows: string, wsl: string]>
> = {
  "claude-code": [
    "/home/me/.claude.json",
    "/Users/me/.claude.json",
    "C:\\Users\\me\\.claude.json",
    "/home/me/.claude.json",
  ],
  cursor: [
    "/home/me/.cursor/mcp.json",
    "/Users/me/.cursor/mcp.json",
    "C:\\Users\\me\\.cursor\\mcp.json",
    "/mnt/c/Users/me/.cursor/mcp.json",
  ],
  vscode: [
    "/home/me/.config/Code/User/mcp.json",
    "/Users/me/Library/Application Support/Code/User/mcp.json",
    "C:\\Users\\me\\AppData\\Roaming\\Code\\User\\mcp.json",
    "/mnt/c/Users/me/AppData/Roaming/Code/User/mcp.json",
  ],
  "vscode-insiders": [
    "/home/me/.config/Code - Insiders/User/mcp.json",
    "/Users/me/Library/Application Support/Code - Insiders/User/mcp.json",
    "C:\\Users\\me\\AppData\\Roaming\\Code - Insiders\\User\\mcp.json",
    "/mnt/c/Users/me/AppData/Roaming/Code - Insiders/User/mcp.json",
  ],
  codex: [
    "/home/me/.codex/config.toml",
    "/Users/me/.codex/config.toml",
    "C:\\Users\\me\\.codex\\config.toml",
    "/home/me/.codex/config.toml",
  ],
  "claude-desktop": [
    "/home/me/.config/Claude/claude_desktop_config.json",
    "/Users/me/Library/Application Support/Claude/claude_desktop_config.json",
    "C:\\Users\\me\\AppData\\Roaming\\Claude\\claude_desktop_config.json",
    "/mnt/c/Users/me/AppData/Roaming/Claude/claude_desktop_config.json",
  ],
  copilot: [
    "/home/me/.copilot/mcp-config.json",
    "/Users/me/.copilot/mcp-config.json",
    "C:\\Users\\me\\.copilot\\mcp-config.json",
    "/home/me/.copilot/mcp-config.json",
  ],
  opencode: [
    "/home/me/.config/opencode/opencode.jsonc",
    "/Users/me/.config/opencode/opencode.jsonc",
    "C:\\Users\\me\\.config\\opencode\\opencode.jsonc",
    "/home/me/.config/opencode/opencode.jsonc",
  ],
  gemini: [
    "/home/me/.gemini/settings.json",
    "/Users/me/.gemini/settings.json",
    "C:\\Users\\me\\.gemini\\settings.json",
    "/home/me/.gemini/settings.json",
  ],
  cline: [
    "/home/me/.cline/data/settings/cline_mcp_settings.json",
    "/Users/me/.cline/data/settings/cline_mcp_settings.json",
    "C:\\Users\\me\\.cline\\data\\settings\\cline_mcp_settings.json",
    "/home/me/.cline/data/settings/cline_mcp_settings.json",
  ],
  kiro: [
    "/home/me/.kiro/settings/mcp.json",
    "/Users/me/.kiro/settings/mcp.json",
    "C:\\Users\\me\\.kiro\\settings\\mcp.json",
    "/mnt/c/Users/me/.kiro/settings/mcp.json",
  ],
  zed: [
    "/home/me/.config/zed/settings.json",
    "/Users/me/.config/zed/settings.json",
    "C:\\Users\\me\\AppData\\Roaming\\Zed\\settings.json",
    "/mnt/c/Users/me/AppData/Roaming/Zed/settings.json",
  ],
};

for (const client of CLIENTS.filter(({ isWritten }) => isWritten)) {
  Deno.test(`the file of ${client.title} on Linux, macOS, Windows and in WSL`, () => {
    const first = (own: UserFolders, windows?: UserFolders) =>
      pathsOf(client, "user", { own, windows, isInWsl: windows !== undefined, project: "/p" })[0];
    assert.deepEqual(
      [first(LINUX), first(MAC), first(WINDOWS), first(LINUX, IN_WSL)],
      FILES[client.id],
    );
  });
}

const moved: readonly (readonly [
  id: string,
  folders: UserFolders,
  env: UserFolders["env"],
  expected: string,
])[] = [
  ["claude-code", LINUX, { CLAUDE_CONFIG_DIR: "/c/" }, "/c/.claude.json"],
  ["codex", LINUX, { CODEX_HOME: "/c" }, "/c/config.toml"],
  ["codex", LINUX, { CODEX_HOME: "relative" }, "/home/me/.codex/config.toml"],
  ["copilot", LINUX, { COPILOT_HOME: "/c" }, "/c/mcp-config.json"],
  ["copilot", LINUX, { XDG_CONFIG_HOME: "/x" }, "/home/me/.copilot/mcp-config.json"],
  ["gemini", LINUX, { GEMINI_CLI_HOME: "/c" }, "/c/.gemini/settings.json"],
  ["opencode", LINUX, { XDG_CONFIG_HOME: "/x" }, "/x/opencode/opencode.jsonc"],
  ["cline", LINUX, { CLINE_MCP_SETTINGS_PATH: "/c/m.json", CLINE_DIR: "/d" }, "/c/m.json"],
  ["cline", LINUX, { CLINE_DATA_DIR: "/c" }, "/c/settings/cline_mcp_settings.json"],
  ["cline", LINUX, { CLINE_DIR: "/d" }, "/d/data/settings/cline_mcp_settings.json"],
  ["vscode", LINUX, { XDG_CONFIG_HOME: "/x" }, "/x/Code/User/mcp.json"],
  ["zed", LINUX, { FLATPAK_XDG_CONFIG_HOME: "/f", XDG_CONFIG_HOME: "/x" }, "/f/zed/settings.json"],
  ["zed", MAC, { XDG_CONFIG_HOME: "/x" }, "/Users/me/.config/zed/settings.json"],
];

for (const [id, folders, env, expected] of moved) {
  Deno.test(`the file of ${id} with ${Object.keys(env).join(" and ")} on ${folders.os}`, () => {
    const client = findClient(id)?.client;
    assert(client);
    const own = { ...folders, env };
    const machine = { own, windows: undefined, isInWsl: false, project: "/p" };
    assert.equal(pathsOf(client, "user", machine)[0], expected);
  });
}

for (
  const [what, folders, start] of [
    ["Windows", WINDOWS, "C:\\Users\\me\\AppData\\Local\\Packages\\"],
    ["WSL", IN_WSL, "/mnt/c/Users/me/AppData/Local/Packages/"],
  ] as const
) {
  Deno.test(`the file of Claude Desktop from the Microsoft Store, seen from ${what}`, () => {
    const client = findClient("claude")?.client;
    assert(client);
    const windows = {
      ...folders,
      isFolder: (path: string) => path === `${start}Claude_pzs8sxrjxfjjc`,
    };
    const isInWsl = what === "WSL";
    const machine = { own: isInWsl ? LINUX : windows, windows, isInWsl, project: "/p" };
    const { separator } = folders;
    assert.deepEqual(pathsOf(client, "user", machine), [
      `${start}Claude_pzs8sxrjxfjjc/LocalCache/Roaming/Claude/claude_desktop_config.json`
        .replaceAll("/", separator).replace(start.replaceAll("/", separator), start),
    ]);
  });
}

Deno.test("in WSL a client on Windows has no known files if Windows does not answer", () => {
  const client = findClient("cursor")?.client;
  assert(client);
  const machine = { own: LINUX, windows: undefined, isInWsl: true, project: "/p" };
  assert.deepEqual(pathsOf(client, "user", machine), []);
  assert.deepEqual(pathsOf(client, "project", machine), ["/p/.cursor/mcp.json"]);
});
