/**
 * Commands and groups as they are declared. What is typed is read by the library for command trees, which takes longer to
 * load and to set up than most commands take to run; so declarations know it only by its types, and get it handed in when
 * a tree is built.
 */

import type { BaseArgs, Command, RouteMap, TypedCommandParameters } from "@stricli/core";
import { isMapping } from "../fields.ts";
import type { Context } from "./context.ts";
import { type Permission, unneeded } from "./permissions.ts";
import { wrap } from "../terminal/wrap.ts";
import { report, toFailure } from "./report.ts";

export type Stricli = Pick<typeof import("@stricli/core"), "buildCommand" | "buildRouteMap">;

/** What runs when the command line has been understood. */
export type Run<
  FLAGS extends Readonly<Partial<Record<keyof FLAGS, unknown>>>,
  ARGS extends BaseArgs,
> = (context: Context, flags: FLAGS, ...args: ARGS) => Promise<void> | void;

/** A command as its group declares it. */
export interface CommandSpecification<
  FLAGS extends Readonly<Partial<Record<keyof FLAGS, unknown>>>,
  ARGS extends BaseArgs,
> {
  readonly brief: string;
  /** A paragraph below the usage line. */
  readonly description?: string;
  /** Each as it is typed, without the leading `arcade`, and what it does. */
  readonly examples: readonly (readonly [commandLine: string, brief: string])[];
  readonly parameters: TypedCommandParameters<FLAGS, ARGS, Context>;
  /** What the command needs; everything else is given up before its code is loaded. */
  readonly needs: readonly Permission[];
  /** Whether it takes so long that the terminal may be closed meanwhile, and `nohup` makes sense. */
  readonly isLong?: true;
  readonly load: () => Promise<Run<FLAGS, ARGS>>;
}

/** A command that can be put into a tree. */
export interface CommandEntry {
  readonly kind: "command";
  /** The names of its flags as they are typed, without their dashes. */
  readonly flags: readonly string[];
  readonly build: (stricli: Stricli) => Command<Context>;
  /** How it runs when nothing was typed behind its words but flags that need no parser; undefined where it always does. */
  readonly plain: PlainCommand | undefined;
}

/** Flags that mean the same in every command that has them, and are so simple that no parser is needed. */
export interface PlainFlags {
  readonly json?: true;
  readonly force?: true;
  readonly hub?: string;
}

export interface PlainCommand {
  /** The plain flags that it has. */
  readonly has: readonly (keyof PlainFlags)[];
  /** Undefined when these flags are not all that it needs. */
  readonly runWith: (flags: PlainFlags) => ((context: Context) => Promise<void>) | undefined;
}

export interface GroupEntry {
  readonly kind: "group";
  readonly commands: Readonly<Record<string, CommandEntry>>;
  readonly build: (stricli: Stricli) => RouteMap<Context>;
}

/** Declares a command whose code is loaded when it runs, and whose failures are reported in one way. */
export function command<
  const FLAGS extends Readonly<Partial<Record<keyof FLAGS, unknown>>>,
  const ARGS extends BaseArgs,
>(specification: CommandSpecification<FLAGS, ARGS>): CommandEntry {
  const { parameters } = specification;
  return {
    kind: "command",
    flags: flagNames(parameters.flags ?? {}),
    plain: undefined,
    build: ({ buildCommand }) =>
      buildCommand<FLAGS, ARGS, Context>({
        docs: { brief: specification.brief, fullDescription: describe(specification) },
        parameters,
        func(flags, ...args) {
          return execute(this, specification, (run) => run(this, flags, ...args));
        },
      }),
  };
}

function flagNames(flags: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(flags).flatMap(([camelCase, flag]) => {
    const name = camelCase.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    const isNegated = isMapping(flag) && flag.kind === "boolean" && flag.withNegated !== false;
    return isNegated ? [name, `no-${name}`] : [name];
  });
}

/**
 * Declares a command that can do without a command tree when nothing is typed behind its words but these plain flags.
 *
 * @param flagsOf the flags of the command, or undefined when something is missing.
 */
export function plainCommand<const FLAGS extends Readonly<Partial<Record<keyof FLAGS, unknown>>>>(
  specification: CommandSpecification<FLAGS, []>,
  has: readonly (keyof PlainFlags)[],
  flagsOf: (plain: PlainFlags) => FLAGS | undefined,
): CommandEntry {
  return {
    ...command<FLAGS, []>(specification),
    plain: {
      has,
      runWith(plain) {
        const flags = flagsOf(plain);
        return flags &&
          ((context) => execute(context, specification, (run) => run(context, flags)));
      },
    },
  };
}

/** Declares a word that is followed by a command of its own. */
export function group(brief: string, commands: Readonly<Record<string, CommandEntry>>): GroupEntry {
  return {
    kind: "group",
    commands,
    build: (stricli) => {
      const built = Object.entries(commands).map(([name, { build }]) => [name, build(stricli)]);
      return stricli.buildRouteMap({ routes: Object.fromEntries(built), docs: { brief } });
    },
  };
}

async function execute<RUN>(
  context: Context,
  { needs, isLong, load }: {
    needs: readonly Permission[];
    isLong?: true;
    load: () => Promise<RUN>;
  },
  start: (run: RUN) => Promise<void> | void,
): Promise<void> {
  try {
    if (isLong) context.expectHangup();
    context.giveUp(unneeded([...needs, ...context.outcome.reportPermissions ?? []]));
    await start(await load());
    context.outcome.ended = { kind: "succeeded" };
  } catch (error) {
    const failure = toFailure(error);
    context.process.exitCode = report(context, failure);
    context.outcome.ended = { kind: "failed", message: failure.message };
  }
}

function describe(
  { brief, description, examples }: Pick<
    CommandSpecification<Record<never, never>, []>,
    "brief" | "description" | "examples"
  >,
): string {
  const lines = examples.map(([commandLine, what]) => `  arcade ${commandLine}\n      ${what}`);
  return `${wrap(description ?? brief)}\n\nEXAMPLES\n${lines.join("\n")}`;
}
