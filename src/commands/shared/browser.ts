import type { Environment } from "../../contract/variables.ts";
import { whyUnattended } from "../../system/attendance.ts";
import type { Os } from "../../system/os.ts";
import type { Context } from "../context.ts";
import { isFile } from "../../system/paths.ts";

/** The settings that decide which browser is available. */
interface BrowserContext {
  readonly env: Environment;
  readonly machine: { readonly os: Os };
}

/** Whether a browser can be opened, and a user at a terminal sees it. */
export function hasBrowser(
  context: BrowserContext & { readonly io: { readonly stderr: { readonly isTerminal: boolean } } },
): boolean {
  return whyUnattended(context.env, context.io.stderr) === undefined && canOpen(context);
}

/** Whether a browser can be opened on this machine. */
export function canOpen({ env, machine: { os } }: BrowserContext): boolean {
  if (env.BROWSER) return true;
  if (env.SSH_CONNECTION || env.SSH_TTY || env.container || isContainer()) return false;
  const hasDisplay = Boolean(env.DISPLAY || env.WAYLAND_DISPLAY || env.WSL_DISTRO_NAME);
  return os === "darwin" || os === "windows" || hasDisplay;
}

/** Opens an address in `$BROWSER`, or else in the system's browser. False when no browser started. */
export async function openBrowser(context: Context, url: string): Promise<boolean> {
  for (const [command, ...args] of browserCommands(context, url)) {
    if (command && await context.processes.launch(command, args)) return true;
  }
  return false;
}

/**
 * The command lines to try, in order. `$BROWSER` is a list in which `%s` is the address. An entry that is the path of a
 * program is used as it is; other entries are split into words like in a shell, with quotes.
 *
 * @param isProgram whether a path is a file.
 */
export function browserCommands(
  { env, machine: { os } }: BrowserContext,
  url: string,
  isProgram: (path: string) => boolean = isFile,
): string[][] {
  if (env.BROWSER) {
    const entries = env.BROWSER.split(os === "windows" ? ";" : ":").map((entry) => entry.trim());
    return entries.filter((entry) => entry !== "").map((entry) => {
      const words = isProgram(entry) ? [entry] : wordsOf(entry);
      const isNamed = words.some((word) => word.includes("%s"));
      return isNamed ? words.map((word) => word.replaceAll("%s", () => url)) : [...words, url];
    });
  }
  switch (os) {
    case "darwin":
      return [["open", url]];
    case "windows":
      // By its full path, not from another folder in PATH.
      return [[
        env.SYSTEMROOT ? `${env.SYSTEMROOT}\\System32\\rundll32.exe` : "rundll32",
        "url.dll,FileProtocolHandler",
        url,
      ]];
    default:
      return [["xdg-open", url], ["wslview", url], ["sensible-browser", url]];
  }
}

/** The words of a command line. Quotes keep spaces within a word. */
function wordsOf(line: string): string[] {
  const words = line.match(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g) ?? [];
  return words.map((word) => word.replace(/"([^"]*)"|'([^']*)'/g, "$1$2"));
}

function isContainer(): boolean {
  return ["/.dockerenv", "/run/.containerenv"].some(isFile);
}
