/**
 * Declarations of commands. Parsing, help, suggestions, the lists in the tests and the tables in the documents are derived
 * from them. The code of a command is loaded only when it runs.
 */

import { Failure } from "../failure.ts";
import type { ExitCode } from "./exit_code.ts";
import type { Permission } from "./permissions.ts";

/** Whether a flag has a value when it is omitted. */
type Presence = "optional" | "always";

/** The minimum and the maximum. */
export type Range = readonly [least: number, greatest: number];

/** What values completion offers: these words, files, or the names of a list that the program can find. */
export type Values = readonly string[] | string;

/** A flag of a command, by its camel-case name; users type `--kebab-case`. */
export interface Flag<T = unknown, P extends Presence = Presence> {
  readonly brief: string;
  /** The name of its value in the help; undefined for a switch, which takes none. */
  readonly placeholder?: string;
  readonly values?: Values;
  /** The bounds of a whole number. */
  readonly range?: Range;
  /** Its short form: one letter. */
  readonly letter?: string;
  /** Another name, as it is typed, which the help does not show. */
  readonly alias?: string;
  /** Whether `--no-…` exists too. */
  readonly hasNegation?: true;
  readonly isRepeatable?: true;
  /** Whether it is required. */
  readonly isRequired?: true;
  /** Its value when it is typed without one. Then only a number that follows it is its value. */
  readonly bare?: string;
  /** Whether it takes the unknown words after the arguments: see {@link restFlags}. */
  readonly takesRest?: true;
  /** Whether it takes all words after `--`, which are a command: see {@link commandFlag}. */
  readonly takesCommand?: true;
  /** Its default, as the help shows it. */
  readonly default?: string;
  /** The permissions that the command needs with this flag only. */
  readonly needs?: readonly Permission[];
  readonly presence: P;
  /** Parses the typed values, in order. Throws a {@link Failure} whose message fits after the name of the flag. */
  readonly read: (written: readonly string[]) => T;
}

export type Flags = Readonly<Record<string, Flag>>;

/** A flag that excludes others, all as they are typed: `--device` excludes `--no-browser`. */
export interface Exclusion {
  readonly flag: string;
  readonly excludes: readonly string[];
  /** What to do instead, a sentence. */
  readonly next: string;
}

/** The values of flags that a command receives. */
export type FlagValues<F extends Flags> =
  & { readonly [K in keyof F as F[K]["presence"] extends "always" ? K : never]: ValueOf<F[K]> }
  & { readonly [K in keyof F as F[K]["presence"] extends "always" ? never : K]?: ValueOf<F[K]> };

type ValueOf<F> = F extends Flag<infer T> ? T : never;

type Spellings = Pick<Flag, "letter" | "alias">;
type Details = Spellings & Pick<Flag, "values" | "bare">;

/** A flag without a value. */
export function flag(
  brief: string,
  details: Spellings & Pick<Flag, "hasNegation" | "needs"> = {},
): Flag<boolean, "optional"> {
  return { brief, ...details, presence: "optional", read: (written) => written.at(-1) === ON };
}

/** The input of {@link Flag.read} of a switch, for `--name` and `--no-name`. */
export const ON = "on";
export const OFF = "off";

/** Parses a typed value. */
interface Parse<T> {
  (written: string): T;
  /** The only words that it accepts. */
  readonly words?: readonly string[];
  /** The bounds of the numbers that it accepts. */
  readonly range?: Range;
}

/** An optional flag with a value. */
export function valueFlag(
  placeholder: string,
  brief: string,
  details: Details = {},
): Flag<string, "optional"> {
  return parsedFlag(placeholder, brief, { ...details, parse: text });
}

/** An optional flag with a parsed value. */
export function parsedFlag<T>(
  placeholder: string,
  brief: string,
  { parse, ...details }: Details & { readonly parse: Parse<T> },
): Flag<T, "optional"> {
  return {
    placeholder,
    brief,
    ...acceptedBy(parse),
    ...details,
    presence: "optional",
    read: lastBy(parse),
  };
}

/** A required flag with a value. */
export function requiredFlag(
  placeholder: string,
  brief: string,
  details: Details = {},
): Flag<string, "always"> {
  return {
    placeholder,
    brief,
    ...details,
    isRequired: true,
    presence: "always",
    read: lastBy(text),
  };
}

/** A flag with a default value. */
export function defaultFlag<T>(
  placeholder: string,
  brief: string,
  details: Details & { readonly parse: Parse<T>; readonly default: string },
): Flag<T, "always"> {
  const { parse, ...others } = details;
  const read = (written: readonly string[]) => parse(written.at(-1) ?? details.default);
  return { placeholder, brief, ...acceptedBy(parse), ...others, presence: "always", read };
}

/**
 * Flags that only the command itself recognizes, because they depend on its argument. Their words, and all others that
 * follow the argument and belong to no flag of the command, are collected as they are typed.
 */
export function restFlags(
  placeholder: string,
  brief: string,
  details: Pick<Flag, "values"> = {},
): Flag<readonly string[], "always"> {
  return {
    placeholder,
    brief,
    ...details,
    isRepeatable: true,
    takesRest: true,
    presence: "always",
    read: (written) => written,
  };
}

/** A command and its arguments, after `--`. Nothing else can be there then. */
export function commandFlag(brief: string): Flag<readonly string[], "optional"> {
  return {
    placeholder: "command",
    brief,
    takesCommand: true,
    presence: "optional",
    read: (written) => written,
  };
}

/** A flag with a value that can be repeated. */
export function repeatableFlag(
  placeholder: string,
  brief: string,
  details: Pick<Flag, "values"> = {},
): Flag<readonly string[], "optional"> {
  return {
    placeholder,
    brief,
    ...details,
    isRepeatable: true,
    presence: "optional",
    read: (written) => written,
  };
}

/** Returns a value unchanged. */
export function text(written: string): string {
  return written;
}

/** Parses an integer within bounds. The error does not quote the input, which may be a token. */
export function wholeNumber(from: number, to: number): Parse<number> {
  const parse = (written: string) => {
    const number = /^\d+$/.test(written) ? Number(written) : NaN;
    if (number >= from && number <= to) return number;
    throw new Failure("usage", `expected a whole number from ${from} to ${to}`);
  };
  return Object.assign(parse, { range: [from, to] as const });
}

/** Accepts one of a few words. */
export function oneOf<T extends string>(...words: readonly T[]): Parse<T> {
  const parse = (written: string) => {
    const word = words.find((one) => one === written);
    if (word !== undefined) return word;
    throw new Failure("usage", `expected one of ${words.join(", ")}`);
  };
  return Object.assign(parse, { words });
}

function acceptedBy({ words, range }: Parse<unknown>): Pick<Flag, "values" | "range"> {
  return { ...words && { values: words }, ...range && { range } };
}

function lastBy<T>(parse: Parse<T>): (written: readonly string[]) => T {
  return (written) => parse(written.at(-1) ?? "");
}

/** How many positional arguments: one, at most one, two, one or more, or any number. */
type Count = "one" | "optional" | "two" | "some" | "any";

/** The positional argument of a command. */
export interface Argument<C extends Count = Count> {
  /** Its name in the help; of two, both names. */
  readonly placeholder: C extends "two" ? readonly [string, string] : string;
  readonly brief: string;
  readonly count: C;
  /** Of fixed words, only the first argument is one. */
  readonly values?: Values;
  /** Whether it is a command, or can be one, whose own flags come after `--`. */
  readonly isCommand?: true;
}

/** The arguments that a command receives. */
export type ArgumentValues<A> = A extends Argument<"one"> ? [string]
  : A extends Argument<"optional"> ? [string?]
  : A extends Argument<"two"> ? [string, string]
  : A extends Argument ? string[]
  : [];

/**
 * The outcome of a command that did not fail: exit code 0, another exit code (from exit_code.ts, or of a program that the
 * command ran), or details for an observer.
 */
export type Outcome = void | number | { readonly kind: string };

/** The function of a command. */
export type Run<C, F extends Flags, A> = (
  context: C,
  flags: FlagValues<F>,
  ...args: ArgumentValues<A>
) => Promise<Outcome> | Outcome;

/** The description of a command. */
export interface Description {
  /** One line for lists. */
  readonly brief: string;
  /** A paragraph for its own help. */
  readonly description?: string;
  /** Each without the leading name of the program, with an explanation. */
  readonly examples: readonly (readonly [commandLine: string, brief: string])[];
  readonly argument?: Argument;
  readonly flags: Flags;
  /** The flags that cannot be used together. */
  readonly exclusions: readonly Exclusion[];
  /** The permissions that the command needs; all others are dropped before its code is loaded. */
  readonly needs: readonly Permission[];
  /** Further sections of its help, each with a title. */
  readonly notes: readonly (readonly [title: string, text: string])[];
  /** Additional fields for its help as JSON. */
  readonly forPrograms: Readonly<Record<string, unknown>>;
  /** Whether it can run long enough for `nohup` to be useful. */
  readonly isLong: boolean;
  /** The exit code of its failures, if it otherwise exits with a program's exit code. */
  readonly failureCode?: ExitCode;
  /** Whether nothing observes it, because shells and scripts run it more than users. */
  readonly isUnobserved?: true;
}

/** A command that can run in a context; `Command<never>` if only its description is used. */
export interface Command<C> extends Description {
  readonly kind: "command";
  /** Its subcommands by their first argument: `a b` and `a c` are then different commands. */
  readonly commands?: Readonly<Record<string, Command<C>>>;
  /** Loads the code of the command and runs it with the values of its flags, by their names. */
  readonly run: (
    context: C,
    values: Readonly<Record<string, unknown>>,
    args: readonly string[],
  ) => Promise<Outcome>;
}

/** A group of subcommands. */
export interface Group<C> {
  readonly kind: "group";
  readonly brief: string;
  readonly commands: Readonly<Record<string, Command<C>>>;
  /** Other names of commands, which the help does not list. */
  readonly aliases: Readonly<Record<string, string>>;
}

/** The first words of command lines in the order of the help, with loaders for their commands. */
export type Routes<C> = ReadonlyMap<string, () => Promise<Command<C> | Group<C>>>;

/** What declares a command. */
export type Declaration<C, F extends Flags, A> =
  & Partial<Description>
  & Pick<Description, "brief" | "examples" | "needs">
  & { readonly flags?: F; readonly argument?: A; readonly load: () => Promise<Run<C, F, A>> };

/** Declares a command. Its code is loaded when it runs. */
export function command<
  C,
  const F extends Flags = Record<never, never>,
  const A extends Argument | undefined = undefined,
>({ load, ...declared }: Declaration<C, F, A>): Command<C> {
  return {
    kind: "command",
    flags: {},
    exclusions: [],
    notes: [],
    forPrograms: {},
    isLong: false,
    ...declared,
    async run(context, values, args) {
      const run = await load();
      // The parser has checked flags and arguments against the declaration, which the type checker cannot see.
      return await run(context, values as FlagValues<F>, ...args as ArgumentValues<A>);
    },
  };
}

/** Declares a group of commands. */
export function group<C>(
  brief: string,
  commands: Readonly<Record<string, Command<C>>>,
  aliases: Readonly<Record<string, string>> = {},
): Group<C> {
  return { kind: "group", brief, commands, aliases };
}

/** The permissions that a command needs with these values of its flags. */
export function neededWith(
  { needs, flags }: Command<never>,
  values: Readonly<Record<string, unknown>>,
): Permission[] {
  const ofFlags = Object.entries(flags).flatMap(([name, flag]) =>
    values[name] ? flag.needs ?? [] : []
  );
  return [...needs, ...ofFlags];
}

/** A flag as it is typed: `dryRun` is `--dry-run`. */
export function typed(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** The negation of a flag as it is typed: `color` is `--no-color`. */
export function negated(name: string): string {
  return typed(name).replace("--", "--no-");
}

/** All commands with their words, in the order of the help. */
export async function allCommands(
  routes: Routes<never>,
): Promise<{ readonly words: readonly string[]; readonly command: Command<never> }[]> {
  const found = await Promise.all([...routes].map(async ([word, load]) => {
    const entry = await load();
    const own = entry.kind === "command" ? [{ words: [word], command: entry }] : [];
    const further = Object.entries(entry.commands ?? {});
    return [...own, ...further.map(([name, command]) => ({ words: [word, name], command }))];
  }));
  return found.flat();
}
