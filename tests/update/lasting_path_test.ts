import assert from "node:assert/strict";
import { lastingPath } from "../../src/update/lasting_path.ts";

const cases: readonly {
  readonly what: string;
  readonly executable: string;
  readonly os: "linux" | "darwin" | "windows";
  readonly path: string;
  /** Links, with the files to which they lead. */
  readonly links: Readonly<Record<string, string>>;
  readonly expected: string;
}[] = [
  {
    what: "Homebrew, on PATH",
    executable: "/opt/homebrew/Cellar/arcade/1.2.0/bin/arcade",
    os: "darwin",
    path: "/usr/bin:/opt/homebrew/bin",
    links: { "/opt/homebrew/bin/arcade": "/opt/homebrew/Cellar/arcade/1.2.0/bin/arcade" },
    expected: "/opt/homebrew/bin/arcade",
  },
  {
    what: "Homebrew, not on PATH",
    executable: "/home/linuxbrew/.linuxbrew/Cellar/arcade/1.2.0/bin/arcade",
    os: "linux",
    path: "/usr/bin",
    links: {
      "/home/linuxbrew/.linuxbrew/opt/arcade/bin/arcade":
        "/home/linuxbrew/.linuxbrew/Cellar/arcade/1.2.0/bin/arcade",
    },
    expected: "/home/linuxbrew/.linuxbrew/opt/arcade/bin/arcade",
  },
  {
    what: "Scoop, whose file on PATH is no link",
    executable: "C:\\Users\\me\\scoop\\apps\\arcade\\1.2.0\\arcade.exe",
    os: "windows",
    path: "C:\\Users\\me\\scoop\\shims",
    links: {
      "C:\\Users\\me\\scoop\\shims\\arcade.exe": "C:\\Users\\me\\scoop\\shims\\arcade.exe",
      "C:\\Users\\me\\scoop\\apps\\arcade\\current\\arcade.exe":
        "C:\\Users\\me\\scoop\\apps\\arcade\\1.2.0\\arcade.exe",
    },
    expected: "C:\\Users\\me\\scoop\\apps\\arcade\\current\\arcade.exe",
  },
  {
    what: "winget",
    executable: "C:\\Users\\me\\AppData\\Local\\Microsoft\\WinGet\\Packages\\Arcade_x\\arcade.exe",
    os: "windows",
    path: "C:\\Windows;C:\\Users\\me\\AppData\\Local\\Microsoft\\WinGet\\Links",
    links: {
      "C:\\Users\\me\\AppData\\Local\\Microsoft\\WinGet\\Links\\arcade.exe":
        "C:\\Users\\me\\AppData\\Local\\Microsoft\\WinGet\\Packages\\Arcade_x\\arcade.exe",
    },
    expected: "C:\\Users\\me\\AppData\\Local\\Microsoft\\WinGet\\Links\\arcade.exe",
  },
  {
    what: "Nix",
    executable: "/nix/store/abc-arcade-1.2.0/bin/arcade",
    os: "linux",
    path: "/home/me/.nix-profile/bin",
    links: { "/home/me/.nix-profile/bin/arcade": "/nix/store/abc-arcade-1.2.0/bin/arcade" },
    expected: "/home/me/.nix-profile/bin/arcade",
  },
  {
    what: "snap",
    executable: "/snap/arcade/12/bin/arcade",
    os: "linux",
    path: "/usr/bin",
    links: { "/snap/bin/arcade": "/usr/bin/snap" },
    expected: "/snap/bin/arcade",
  },
  {
    what: "the installer, behind another arcade on PATH",
    executable: "/home/me/.local/bin/arcade",
    os: "linux",
    path: "/home/me/venv/bin:/home/me/.local/bin",
    links: {
      "/home/me/venv/bin/arcade": "/home/me/venv/bin/arcade",
      "/home/me/.local/bin/arcade": "/home/me/.local/bin/arcade",
    },
    expected: "/home/me/.local/bin/arcade",
  },
  {
    what: "a download, not on PATH",
    executable: "/home/me/Downloads/arcade",
    os: "linux",
    path: "relative:/usr/bin",
    links: {},
    expected: "/home/me/Downloads/arcade",
  },
];

for (const { what, links, expected, ...placed } of cases) {
  Deno.test(`the path of an executable survives an update: ${what}`, () => {
    const files = new Map([...Object.entries(links), [placed.executable, placed.executable]]);
    assert.equal(lastingPath({ ...placed, realPath: (path) => files.get(path) }), expected);
  });
}
