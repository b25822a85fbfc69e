import { buildRouteMap } from "@stricli/core";
import { login, logout, whoami } from "./account/commands.ts";
import type { Context } from "./context.ts";
import { EXIT_CODES } from "./exit_code.ts";
import { local } from "./local/commands.ts";
import { org } from "./org/commands.ts";
import { project } from "./project/commands.ts";
import { secret } from "./secret/commands.ts";

/** The groups: words that are followed by a command of their own. */
const groups = { org, project, secret, local };
export const GROUPS: ReadonlySet<string> = new Set(Object.keys(groups));

/** The command tree. */
export const commands = buildRouteMap<string, Context>({
  routes: { login, logout, whoami, ...groups },
  docs: {
    brief: "Log in to Arcade, choose a project, manage the secrets of your tools",
    fullDescription: [
      "Log in to Arcade, choose an organization and a project, and manage the secrets of your tools.",
      "",
      "EXAMPLES",
      "  arcade login",
      "      Log in through the browser",
      "  arcade secret set --from-env",
      "      Store every secret of the .env file in this folder",
      "  arcade secret list --json",
      "      Show the secrets of the active project to a program",
      "  arcade local serve",
      "      Try everything without an account, on a local Arcade",
      "",
      "FLAGS OF EVERY COMMAND",
      "  --help      Show the help of a command, -h for short",
      "  --debug     Show causes and the HTTP exchange, with every token and value masked",
      "  --no-color  Show no colours, as with NO_COLOR or in a pipe",
      "",
      "EXIT CODES",
      ...EXIT_CODES.map(([code, meaning]) => `  ${String(code).padEnd(4)} ${meaning}`),
    ].join("\n"),
  },
});
