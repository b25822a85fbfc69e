import type { Context } from "../context.ts";

/** Whether a browser on this machine can be expected to reach the user's eyes. */
export function hasBrowser({ env, os }: Pick<Context, "env" | "os">): boolean {
  if (env.BROWSER) return true;
  if (env.SSH_CONNECTION || env.SSH_TTY || env.container || isContainer()) return false;
  const hasDisplay = Boolean(env.DISPLAY || env.WAYLAND_DISPLAY || env.WSL_DISTRO_NAME);
  return os === "darwin" || os === "windows" || hasDisplay;
}

/** Opens an address in `$BROWSER`, else in the system's browser; false when none could be started. */
export async function openBrowser(context: Context, url: string): Promise<boolean> {
  for (const [command, ...args] of browserCommands(context, url)) {
    if (command && await context.launch(command, args)) return true;
  }
  return false;
}

/** The command lines to try, in order. `$BROWSER` is a list in which `%s` stands for the address. */
export function browserCommands({ env, os }: Pick<Context, "env" | "os">, url: string): string[][] {
  if (env.BROWSER) {
    const separator = os === "windows" ? ";" : ":";
    return env.BROWSER.split(separator).filter((entry) => entry.trim() !== "").map((entry) => {
      const words = entry.trim().split(/\s+/);
      const named = words.some((word) => word.includes("%s"));
      return named ? words.map((word) => word.replaceAll("%s", () => url)) : [...words, url];
    });
  }
  switch (os) {
    case "darwin":
      return [["open", url]];
    case "windows":
      return [["rundll32", "url.dll,FileProtocolHandler", url]];
    default:
      return [["xdg-open", url], ["wslview", url], ["sensible-browser", url]];
  }
}

function isContainer(): boolean {
  return ["/.dockerenv", "/run/.containerenv"].some((marker) => {
    try {
      return Deno.statSync(marker).isFile;
    } catch {
      return false; // no such marker
    }
  });
}
