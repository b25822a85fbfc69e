/** Command lines, help and mistakes, by the library for command trees. */

import {
  ArgumentParseError,
  ArgumentScannerError,
  buildApplication,
  buildCommand,
  buildRouteMap,
  type Command,
  help,
  InvalidNegatedFlagSyntaxError,
  type RouteMap,
  run as runApplication,
  type StricliIntegration,
  text_en,
  UnexpectedFlagError,
  UnexpectedPositionalError,
  version,
} from "@stricli/core";
import { Failure } from "../failure.ts";
import { printable } from "../terminal/safe_text.ts";
import { VERSION } from "../version.ts";
import { commandWords } from "./command_line.ts";
import type { Context } from "./context.ts";
import { EXIT_CODES } from "./exit_code.ts";
import { sentences } from "./report.ts";
import { GROUPS, ROUTES } from "./routes.ts";

const DOCUMENTATION = {
  caseStyle: "convert-camel-to-kebab",
  useAliasInUsageLine: false,
  onlyRequiredInUsageLine: true,
  disableAnsiColor: false,
} as const;

/** Runs a command line whose output flags were taken out and whose flags stand behind the command. Returns the exit code. */
export async function runCommandTree(args: readonly string[], context: Context): Promise<number> {
  const words = commandWords(args, GROUPS);
  const mistake = (message: string, command: readonly string[]) => {
    context.outcome.ended = { kind: "failed", message };
    return usage(message, command);
  };
  const application = buildApplication<Context>(
    await buildTree(args[0]),
    {
      name: "arcade",
      scanner: { caseStyle: "allow-kebab-for-camel", allowArgumentEscapeSequence: true },
      documentation: DOCUMENTATION,
      localization: {
        text: {
          ...text_en,
          briefs: { ...text_en.briefs, argumentEscapeSequence: "What follows is no flag" },
          noCommandRegisteredForInput: ({ input, corrections, ansiColor }) =>
            heading(ansiColor) + mistake(unknownCommand(input, corrections), words.slice(0, -1)),
          exceptionWhileParsingArguments: (error, ansiColor) =>
            heading(ansiColor) + mistake(describeUsage(error), words),
          // Help and version do nothing that can fail but write.
          exceptionWhileRunningIntegrationFlag: ({ exception, ansiColor }) =>
            heading(ansiColor) + describeFailure(exception),
        },
      },
    },
    INTEGRATIONS,
  );
  await runApplication(application, args, context);
  const code = Number(context.process.exitCode ?? 0);
  return code >= 0 ? code : WRONG_USAGE.has(code) ? 2 : 1;
}

/**
 * Where the first word names a command or a group, only that one is in the tree; otherwise, for help and for suggestions,
 * all are.
 */
async function buildTree(firstWord: string | undefined): Promise<RouteMap<Context>> {
  const names = ROUTES.has(firstWord ?? "") ? [firstWord ?? ""] : [...ROUTES.keys()];
  const routes: Record<string, Command<Context> | RouteMap<Context>> = {};
  for (const name of names) {
    const entry = await ROUTES.get(name)?.();
    if (entry) routes[name] = entry.build({ buildCommand, buildRouteMap });
  }
  return buildRouteMap<string, Context>({ routes, docs: ROOT });
}

const ROOT = {
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
};

/** The exit codes of the command tree for an unknown command and for arguments that it cannot parse. */
const WRONG_USAGE = new Set([-5, -4]);

const INTEGRATIONS: Record<string, StricliIntegration<Context>> = {
  help: help({ brief: "Show this help", defaultForRouteMap: true, formatting: DOCUMENTATION }),
  version: version({ brief: "Show the version", info: { currentVersion: VERSION } }),
};

/** The library makes the whole message bold and red; as elsewhere, that shall be the first word only, and not bold. */
function heading(ansiColor: boolean): string {
  return ansiColor ? "\x1b[22mError:\x1b[39m " : "Error: ";
}

function usage(message: string, words: readonly string[]): string {
  const next = `See ${["arcade", ...words, "--help"].join(" ")}`;
  return sentences({ message, next });
}

function describeFailure(error: unknown): string {
  return error instanceof Failure ? sentences(error) : "This is a mistake in arcade";
}

function unknownCommand(input: string, corrections: readonly string[]): string {
  const guess = corrections.length > 0 ? `; did you mean ${corrections.join(" or ")}?` : "";
  return `There is no command \`${withoutValue(input)}\`${guess}`;
}

/** The library's messages repeat what was typed, which can be a token; so those of them that do are put in other words. */
function describeUsage(error: unknown): string {
  if (error instanceof UnexpectedFlagError) {
    return `--${error.externalFlagName} is given more than once`;
  }
  if (error instanceof InvalidNegatedFlagSyntaxError) {
    return `--${error.externalFlagName} takes no value`;
  }
  if (error instanceof ArgumentParseError && !(error.exception instanceof Failure)) {
    return `--${error.externalFlagNameOrPlaceholder} takes no value`; // only booleans have a parser that is not ours
  }
  if (error instanceof UnexpectedPositionalError) {
    return `\`${withoutValue(error.input)}\` is one argument too many`;
  }
  if (error instanceof Failure) return error.message;
  if (error instanceof ArgumentScannerError) return error.message.replace(/\.$/, "");
  return "The command line cannot be understood";
}

/** What is typed in the wrong place may be KEY=VALUE, an address with a password, or a token; these are not repeated. */
function withoutValue(input: string): string {
  const isWord = input.length <= LONGEST_WORD && !/[.:/@]/.test(input);
  return printable(
    input.includes("=") ? `${input.slice(0, input.indexOf("="))}=…` : isWord ? input : "…",
  );
}

/** Longer than any command, and shorter than any token. */
const LONGEST_WORD = 12;
