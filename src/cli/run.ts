import {
  ArgumentScannerError,
  buildApplication,
  help,
  run as runApplication,
  type StricliIntegration,
  text_en,
  UnexpectedPositionalError,
  version,
} from "@stricli/core";
import { Failure } from "../failure.ts";
import { printable } from "../terminal/safe_text.ts";
import { VERSION } from "../version.ts";
import { commandWords, normalizeFlags, takeOutputFlags } from "./command_line.ts";
import { commands, GROUPS } from "./commands.ts";
import type { Context } from "./context.ts";
import type { OutputOptions } from "./process_context.ts";
import { sentences } from "./report.ts";

const DOCUMENTATION = {
  caseStyle: "convert-camel-to-kebab",
  useAliasInUsageLine: false,
  onlyRequiredInUsageLine: true,
  disableAnsiColor: false,
} as const;

/**
 * Runs one command line.
 *
 * @returns the exit code (src/cli/exit_code.ts).
 */
export async function run(
  commandLine: readonly string[],
  makeContext: (options: OutputOptions) => Context,
): Promise<number> {
  const { args: given, options } = takeOutputFlags(commandLine);
  const args = normalizeFlags(given, GROUPS);
  const context = makeContext(options);
  const words = commandWords(args, GROUPS);
  const application = buildApplication<Context>(
    commands,
    {
      name: "arcade",
      scanner: { caseStyle: "allow-kebab-for-camel", allowArgumentEscapeSequence: true },
      documentation: DOCUMENTATION,
      localization: {
        text: {
          ...text_en,
          noCommandRegisteredForInput: ({ input, corrections }) =>
            usage(unknownCommand(input, corrections), words.slice(0, -1)),
          exceptionWhileParsingArguments: (error) => usage(describeUsage(error), words),
        },
      },
    },
    INTEGRATIONS,
  );
  await runApplication(application, args, context);
  const code = Number(context.process.exitCode ?? 0);
  return code >= 0 ? code : WRONG_USAGE.has(code) ? 2 : 1;
}

/** The exit codes of the command tree for an unknown command and for arguments that it cannot parse. */
const WRONG_USAGE = new Set([-5, -4]);

const INTEGRATIONS: Record<string, StricliIntegration<Context>> = {
  help: help({ brief: "Show this help", defaultForRouteMap: true, formatting: DOCUMENTATION }),
  version: version({ brief: "Show the version", info: { currentVersion: VERSION } }),
};

function usage(message: string, words: readonly string[]): string {
  const next = `See ${["arcade", ...words, "--help"].join(" ")}`;
  return `Error: ${sentences({ message, next })}`;
}

function unknownCommand(input: string, corrections: readonly string[]): string {
  const guess = corrections.length > 0 ? `; did you mean ${corrections.join(" or ")}?` : "";
  return `There is no command \`${withoutValue(input)}\`${guess}`;
}

function describeUsage(error: unknown): string {
  if (error instanceof UnexpectedPositionalError) {
    return `\`${withoutValue(error.input)}\` is one argument too many`;
  }
  if (error instanceof Failure) return error.message;
  if (error instanceof ArgumentScannerError) return error.message.replace(/\.$/, "");
  return "The command line cannot be understood";
}

/** What is typed in the wrong place may be KEY=VALUE, and the value is not repeated. */
function withoutValue(input: string): string {
  return printable(input.includes("=") ? `${input.slice(0, input.indexOf("="))}=…` : input);
}
