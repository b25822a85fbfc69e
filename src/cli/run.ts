import type { Failure } from "../failure.ts";
import { type CommandLine, readCommandLine } from "./command_line.ts";
import type { CliContext } from "./context.ts";
import { type Command, neededWith, type Outcome } from "./declaration.ts";
import { type ExitCode, exitCodeOf } from "./exit_code.ts";
import { type OutputVariable, withOutput } from "./output_variable.ts";
import type { GlobalValues } from "./parse.ts";
import { type Permission, unneeded } from "./permissions.ts";
import type { Program } from "./program.ts";

/** The context factory and the observer of commands. */
export interface Surroundings<C> {
  readonly makeContext: (options: GlobalValues) => C;
  /** Stands for `--json` where a command has it. */
  readonly output: OutputVariable;
  /** Observe a command; undefined if nothing is observed. */
  readonly observers: readonly ((context: C) => Promise<Observer | undefined>)[];
}

export interface Observer {
  /** The permissions that it needs after the command. */
  readonly permissions: readonly Permission[];
  /** Called when a command line has ended. */
  readonly ended: (command: {
    readonly words: readonly string[];
    /** All other typed text. */
    readonly rest: readonly string[];
    /** The values of its flags, by their names. */
    readonly flags: Readonly<Record<string, unknown>>;
    /** Whether it was asked for JSON. */
    readonly isForPrograms: boolean;
    /** The error message. */
    readonly failure: string | undefined;
    /** The outcome, if it did not fail. */
    readonly outcome: Outcome;
  }) => Promise<void>;
}

/**
 * Runs one command line.
 *
 * @returns the exit code (src/cli/exit_code.ts), or the exit code of a program that the command ran.
 */
export async function run<C extends CliContext>(
  args: readonly string[],
  program: Program<C>,
  { makeContext, output, observers }: Surroundings<C>,
): Promise<number> {
  const line = withOutput(await readCommandLine(args, program), output);
  const context = makeContext(line.global);
  if (line.kind !== "command" && line.kind !== "mistake") {
    const failure = await failureOf(
      program,
      async () =>
        line.global.json
          ? (await import("./help_json.ts")).writeHelpAsJson(context.io.stdout, line, program)
          : (await import("./help.ts")).writeHelp(context.io.stdout, line, program),
    );
    return failure ? await tell(context, failure) : 0;
  }
  const { failureCode, isUnobserved = false } = commandOf(line) ?? {};
  const observing = isUnobserved ? [] : observers;
  const watched = (await Promise.all(observing.map((observe) => observe(context))))
    .filter((one) => one !== undefined);
  const observed = watched.flatMap(({ permissions }) => permissions);
  let outcome: Outcome = undefined;
  const failure = await failureOf(program, async () => {
    if (line.kind === "mistake") throw await (await import("./mistakes.ts")).explain(line, program);
    const { command, values, args } = line;
    context.signals.prepare({ mayOutliveTerminal: command.isLong });
    context.dropPermissions(
      unneeded([...neededWith(command, values), ...observed], context.machine.os),
    );
    try {
      outcome = await command.run(context, values, args);
    } finally {
      if (await context.io.keyboard.release()) {
        context.io.warn("Ignored what was typed after the prompt");
      }
    }
  });
  const { json: isForPrograms } = context.io;
  // A user reads the error first, and a program reads the last line.
  if (failure && !isForPrograms) await tell(context, failure, failureCode);
  const { words, rest } = line;
  const flags = line.kind === "command" ? line.values : {};
  for (const { ended } of watched) {
    await ended({
      words,
      rest,
      flags,
      isForPrograms,
      failure: failure?.report ?? failure?.message,
      outcome,
    });
  }
  if (failure) {
    return isForPrograms
      ? await tell(context, failure, failureCode)
      : exitCodeOf(failure.kind, failureCode);
  }
  return typeof outcome === "number" ? outcome : 0;
}

/** Runs `work`, and returns its failure, if any. */
async function failureOf(
  program: Program<never>,
  work: () => Promise<void>,
): Promise<Failure | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    return (await import("./tell.ts")).toFailure(error, program);
  }
}

/** Prints a failure, and returns its exit code. */
async function tell(
  context: CliContext,
  failure: Failure,
  failureCode?: ExitCode,
): Promise<number> {
  const { tellFailure } = await import("./tell.ts");
  return tellFailure(context.io, failure, exitCodeOf(failure.kind, failureCode));
}

/** The command of a line, also of one with a mistake; undefined if it names none. */
function commandOf<C>(
  line: Extract<CommandLine<C>, { kind: "command" | "mistake" }>,
): Command<never> | undefined {
  if (line.kind === "command") return line.command;
  return line.subject?.kind === "command" ? line.subject : undefined;
}
