/** Command lines, help and mistakes, by the library for command trees. */

import {
  AliasNotFoundError,
  ArgumentParseError,
  buildApplication,
  buildCommand,
  buildRouteMap,
  type Command,
  FlagNotFoundError,
  help,
  InvalidNegatedFlagSyntaxError,
  type RouteMap,
  run as runApplication,
  type StricliIntegration,
  text_en,
  UnexpectedFlagError,
  UnexpectedPositionalError,
  UnsatisfiedFlagError,
  UnsatisfiedPositionalError,
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
import { isPythonOnly, suggest } from "./suggestions.ts";

const DOCUMENTATION = {
  caseStyle: "convert-camel-to-kebab",
  useAliasInUsageLine: false,
  onlyRequiredInUsageLine: true,
  disableAnsiColor: false,
} as const;

/** Runs a command line whose output flags were taken out and whose flags stand behind the command. Returns the exit code. */
export async function runCommandTree(args: readonly string[], context: Context): Promise<number> {
  const words = commandWords(args, GROUPS);
  const entry = await ROUTES.get(args[0] ?? "")?.();
  const command = entry?.kind === "group" ? entry.commands[args[1] ?? ""] : entry;
  const shown = (ansiColor: boolean, mistake: Mistake, of: readonly string[]) => {
    context.outcome.ended = { kind: "failed", message: mistake.message };
    const see = `See \`${["arcade", ...of, "--help"].join(" ")}\``;
    const next = mistake.hint === undefined ? see : `${mistake.hint} ${see}`;
    return heading(ansiColor) + sentences({ message: mistake.message, next });
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
          noCommandRegisteredForInput: ({ ansiColor }) =>
            entry?.kind === "group"
              ? shown(
                ansiColor,
                unknownCommand(args, Object.keys(entry.commands)),
                words.slice(0, 1),
              )
              : shown(ansiColor, unknownCommand(args, [...ROUTES.keys()]), []),
          exceptionWhileParsingArguments: (error, ansiColor) =>
            shown(ansiColor, describeMistake(error, command?.flags ?? []), words),
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

/** What is wrong with a command line, and what may have been meant. */
interface Mistake {
  readonly message: string;
  readonly hint?: string | undefined;
}

function describeFailure(error: unknown): string {
  return error instanceof Failure ? sentences(error) : "This is a mistake in arcade";
}

/** @param candidates the commands that there are where the unknown one stands. */
function unknownCommand(args: readonly string[], candidates: readonly string[]): Mistake {
  const group = GROUPS.has(args[0] ?? "") ? args[0] : undefined;
  const [word = "", next] = group === undefined ? args : args.slice(1);
  const path = (name: string) => `\`${["arcade", ...(group ? [group] : []), name].join(" ")}\``;
  if (group === undefined && isPythonOnly(word)) {
    return { message: `${path(word)} is a command of the Python CLI that this one does not have` };
  }
  const meant = suggest(word, candidates, next);
  return {
    message: `Unknown command \`${withoutValue(word)}\``,
    hint: meant === undefined ? undefined : `Did you mean ${path(meant)}?`,
  };
}

/** Flags of one letter that the Python CLI has, and others that users try. */
const LETTERS: Readonly<Record<string, string>> = { d: "debug", j: "json", p: "port" };

/**
 * The library's messages repeat what was typed, which can be a token, so all of them are put in other words.
 *
 * @param flags the names of the flags of the command, without their dashes.
 */
function describeMistake(error: unknown, flags: readonly string[]): Mistake {
  const known = (name: string | undefined) => name !== undefined && flags.includes(name);
  if (error instanceof FlagNotFoundError) {
    const meant = suggest(error.input, flags);
    return {
      message: `Unknown flag \`--${withoutValue(error.input)}\``,
      hint: meant === undefined ? undefined : `Did you mean \`--${meant}\`?`,
    };
  }
  if (error instanceof AliasNotFoundError) {
    const meant = LETTERS[error.input];
    return {
      message: `Unknown flag \`-${withoutValue(error.input)}\``,
      hint: known(meant) ? `Did you mean \`--${meant}\`?` : undefined,
    };
  }
  if (error instanceof UnexpectedFlagError) {
    return { message: `\`--${error.externalFlagName}\` is given more than once` };
  }
  if (error instanceof InvalidNegatedFlagSyntaxError) {
    return { message: `\`--${error.externalFlagName}\` takes no value` };
  }
  if (error instanceof UnsatisfiedFlagError) {
    return { message: `\`--${error.externalFlagName}\` needs a value` };
  }
  if (error instanceof ArgumentParseError) {
    const name = `\`--${error.externalFlagNameOrPlaceholder}\``;
    // Only booleans have a parser that is not ours.
    return error.exception instanceof Failure
      ? { message: `${name}: ${error.exception.message}` }
      : { message: `${name} takes no value` };
  }
  if (error instanceof UnexpectedPositionalError) {
    return { message: `Unexpected argument \`${withoutValue(error.input)}\`` };
  }
  if (error instanceof UnsatisfiedPositionalError) {
    return { message: `The ${error.placeholder} is missing` };
  }
  if (error instanceof Failure) return { message: error.message };
  return { message: "The command line cannot be understood" };
}

/** What is typed in the wrong place may be KEY=VALUE, an address with a password, or a token; these are not repeated. */
function withoutValue(input: string): string {
  const isWord = input.length <= LONGEST_WORD && !/[.:/@\d]/.test(input);
  return printable(
    input.includes("=") ? `${input.slice(0, input.indexOf("="))}=…` : isWord ? input : "…",
  );
}

/** Longer than any command or flag, and shorter than any token. */
const LONGEST_WORD = 16;
