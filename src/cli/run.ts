import type { Failure } from "../failure.ts";
import { readCommandLine } from "./command_line.ts";
import type { CliContext } from "./context.ts";
import { neededWith, type Routes } from "./declaration.ts";
import { exitCodeOf } from "./exit_code.ts";
import { warn } from "./messages.ts";
import type { GlobalValues } from "./parse.ts";
import { type Permission, unneeded } from "./permissions.ts";

/** The context factory and the observer of commands. */
export interface Surroundings<C> {
  readonly makeContext: (options: GlobalValues) => C;
  /** Observe a command, for telemetry and for the notice of a newer version; undefined if nothing is observed. */
  readonly watches: readonly ((context: C) => Promise<Watch | undefined>)[];
}

export interface Watch {
  /** The permissions that it needs after the command. */
  readonly permissions: readonly Permission[];
  /** Called when a command line has ended. */
  readonly ended: (command: {
    readonly words: readonly string[];
    /** All other typed text. */
    readonly rest: readonly string[];
    /** Whether it was asked for JSON. */
    readonly isForPrograms: boolean;
    /** The error message. */
    readonly failure: string | undefined;
  }) => Promise<void>;
}

/**
 * Runs one command line.
 *
 * @returns the exit code (src/cli/exit_code.ts), or that of a program that the command ran.
 */
export async function run<C extends CliContext>(
  args: readonly string[],
  routes: Routes<C>,
  { makeContext, watches }: Surroundings<C>,
): Promise<number> {
  const line = await readCommandLine(args, routes);
  const context = makeContext(line.global);
  if (line.kind !== "command" && line.kind !== "mistake") {
    const failure = await failureOf(async () =>
      (await import("./help.ts")).writeHelp(context.stdout, line, routes)
    );
    return failure ? await tell(context, failure) : 0;
  }
  const watching = line.kind === "command" && line.command.isUnwatched ? [] : watches;
  const watched = (await Promise.all(watching.map((watch) => watch(context))))
    .filter((one) => one !== undefined);
  const observed = watched.flatMap(({ permissions }) => permissions);
  const failure = await failureOf(async () => {
    if (line.kind === "mistake") throw await (await import("./mistakes.ts")).explain(line, routes);
    const { command, values, args } = line;
    context.result.capabilities = command.capabilities;
    if (command.isLong) context.expectHangup();
    context.dropPermissions(unneeded([...neededWith(command, values), ...observed], context.os));
    try {
      await command.run(context, values, args);
    } finally {
      if (await context.keyboard.release()) {
        warn(context, "Dropped what was typed after the prompt");
      }
    }
  });
  const { json: isForPrograms } = context;
  // A user reads the error first, and a program reads the last line.
  if (failure && !isForPrograms) await tell(context, failure);
  const { words, rest } = line;
  for (const { ended } of watched) {
    await ended({ words, rest, isForPrograms, failure: failure?.message });
  }
  if (failure) return isForPrograms ? await tell(context, failure) : exitCodeOf(failure.kind);
  return context.result.exitCode ?? 0;
}

/** Runs `work`, and returns its failure, if any. */
async function failureOf(work: () => Promise<void>): Promise<Failure | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    return (await import("./report.ts")).toFailure(error);
  }
}

/** Tells a failure, and returns its exit code. */
async function tell(context: CliContext, failure: Failure): Promise<number> {
  return (await import("./report.ts")).report(context, failure);
}
