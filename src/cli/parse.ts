/** Parses the flags and arguments of a command by its declaration. */

import { readSwitch } from "../system/environment.ts";
import { Failure } from "../failure.ts";
import {
  type Command,
  type Flag,
  flag,
  type Flags,
  negated,
  OFF,
  ON,
  typed,
} from "./declaration.ts";

/** The flags that every command has. */
export const GLOBAL_FLAGS = {
  help: flag("Show this help", { letter: "h" }),
  debug: flag("Show causes and HTTP requests, with tokens and values masked"),
  color: flag("Use colors if the terminal supports them", { hasNegation: true }),
} as const;

/** A mistake in a command line. Contains typed text only where it cannot be a token. */
export type Mistake =
  | { readonly kind: "unknown-command"; readonly typed: string; readonly next: string | undefined }
  | { readonly kind: "unknown-topic" | "unknown-flag"; readonly typed: string }
  | { readonly kind: "repeated-flag" | "needs-value" | "takes-no-value"; readonly flag: string }
  | { readonly kind: "excluded-flag"; readonly flags: readonly string[]; readonly next: string }
  | { readonly kind: "missing-flag"; readonly flag: string; readonly placeholder: string }
  | { readonly kind: "wrong-value"; readonly flag: string; readonly expected: string }
  | { readonly kind: "wrong-variable"; readonly variable: string; readonly expected: string }
  | { readonly kind: "unexpected-argument"; readonly typed: string }
  | { readonly kind: "missing-argument"; readonly placeholders: readonly string[] }
  | { readonly kind: "not-utf-8" };

/** The values of the global flags. */
export interface GlobalValues {
  readonly help: boolean;
  readonly debug: boolean;
  readonly color: boolean;
  /** Whether the output is JSON: `--json` is given, even if the command does not have it, or a variable stands for it. */
  readonly json: boolean;
  /** Whether `--json` was typed, also as `--json=no`. */
  readonly typedJson: boolean;
}

export interface Parsed {
  /** The values of the flags by name, without omitted flags that have no default. */
  readonly values: Readonly<Record<string, unknown>>;
  readonly args: readonly string[];
  /** The given flags, as exclusions name them. Of a switch and its negation, only the last one. */
  readonly given: ReadonlySet<string>;
  readonly global: GlobalValues;
  /** The first mistake. The rest is still parsed, for the global flags. */
  readonly mistake: Mistake | undefined;
}

/**
 * Parses the flags and arguments after the words of a command, in any order. `--` ends the flags. Of a switch and its
 * negation, the last one counts.
 *
 * @param command undefined if only the global flags are known.
 */
export function parse(command: Command<never> | undefined, line: readonly string[]): Parsed {
  const flags: Flags = { ...command?.flags, ...GLOBAL_FLAGS };
  const { texts, args, mistake } = readLine(flags, line, command ? mostArguments(command) : 0);
  const given = givenOf(flags, texts);
  const has = (name: keyof GlobalValues) => texts.get(name)?.at(-1);
  const values: Record<string, unknown> = {};
  let wrong = mistake ?? (command && (countArguments(command, args) ?? excluded(command, given)));
  for (const [name, flag] of Object.entries(command?.flags ?? {})) {
    const written = texts.get(name);
    if (written === undefined && flag.isRequired) {
      wrong ??= { kind: "missing-flag", flag: typed(name), placeholder: flag.placeholder ?? "" };
    }
    if (written === undefined && flag.presence === "optional") continue;
    try {
      values[name] = flag.read(written ?? []);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      wrong ??= { kind: "wrong-value", flag: typed(name), expected: error.message };
    }
  }
  const global = {
    help: has("help") === ON,
    debug: has("debug") === ON,
    color: has("color") !== OFF,
    ...asksForJson(line),
  };
  return { values, args, given, global, mistake: wrong };
}

interface Line {
  /** The typed values of each flag, or {@link ON} and {@link OFF}. */
  readonly texts: ReadonlyMap<string, readonly string[]>;
  readonly args: readonly string[];
  readonly mistake: Mistake | undefined;
}

function readLine(flags: Flags, line: readonly string[], mostArguments: number): Line {
  const names = namesOf(flags);
  const texts = new Map<string, string[]>();
  const args: string[] = [];
  const nameOf = (takes: "takesRest" | "takesCommand") =>
    Object.keys(flags).find((name) => flags[name]?.[takes]);
  const further = nameOf("takesRest");
  const commandName = nameOf("takesCommand");
  /** Leaves a word after the arguments to the command, if that takes such words. */
  const isLeft = (word: string): boolean => {
    if (further === undefined || args.length < mostArguments) return false;
    texts.set(further, [...texts.get(further) ?? [], word]);
    return true;
  };
  let mistake: Mistake | undefined;
  const rest = [...line];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === "--") {
      if (commandName === undefined) args.push(...rest);
      else if (rest.length > 0) texts.set(commandName, rest);
      else mistake ??= { kind: "missing-argument", placeholders: ["command"] };
      break;
    }
    if (!isFlag(word)) {
      if (!isLeft(word)) args.push(word);
      continue;
    }
    const { name, value } = split(word);
    const found = names.get(name);
    if (!found) {
      if (word.startsWith("--") && isLeft(word)) continue;
      mistake ??= { kind: "unknown-flag", typed: word };
      continue;
    }
    let text: string | undefined;
    if (found.flag.placeholder !== undefined) {
      const { bare } = found.flag;
      const next = rest[0] ?? "--";
      const isValue = bare === undefined ? !isFlag(next) : /^\d+$/.test(next);
      text = value ?? (isValue ? rest.shift() : bare);
      if (text === undefined) mistake ??= { kind: "needs-value", flag: name };
    } else if (value !== undefined && !name.startsWith("--")) {
      if (value.startsWith("-")) {
        mistake ??= { kind: "unknown-flag", typed: word }; // `-y-` must not become `--`
        continue;
      }
      rest.unshift(`-${value}`); // letters in one word: -yf
      text = ON;
    } else {
      text = switched(found.isNegation, value);
      if (text === undefined) mistake ??= { kind: "takes-no-value", flag: name };
    }
    const before = texts.get(found.name);
    if (before && found.flag.placeholder !== undefined && !found.flag.isRepeatable) {
      mistake ??= { kind: "repeated-flag", flag: name };
    }
    if (text !== undefined) texts.set(found.name, [...before ?? [], text]);
  }
  return { texts, args, mistake };
}

/** Whether `--json` is given, whatever else is wrong with the line: the value of another flag never looks like a flag. */
function asksForJson(line: readonly string[]): Pick<GlobalValues, "json" | "typedJson"> {
  const end = line.indexOf("--");
  const flags = end < 0 ? line : line.slice(0, end);
  const last = flags.map(split).findLast(({ name }) => name === "--json");
  return {
    json: last !== undefined && switched(false, last.value) !== OFF,
    typedJson: last !== undefined,
  };
}

/** Whether a word of a command line is a flag: not `-`, which is standard input, nor a negative number. */
export function isFlag(word: string): boolean {
  return /^-[^\d]/.test(word);
}

/** `--name=value` and `-nvalue` are a flag and its value. */
function split(word: string): { name: string; value: string | undefined } {
  const end = word.startsWith("--") ? word.indexOf("=") : 2;
  if (end < 0 || end >= word.length) return { name: word, value: undefined };
  const value = word.slice(end).replace(/^=/, "");
  return { name: word.slice(0, end), value };
}

/** A switch may have a value, with the same words as environment variables: `--json=no`. */
function switched(isNegation: boolean, value: string | undefined): string | undefined {
  const state = value === undefined ? "on" : readSwitch(value);
  if (state !== "on" && state !== "off") return undefined;
  return (state === "on") === isNegation ? OFF : ON;
}

interface SpelledFlag {
  readonly name: string;
  readonly flag: Flag;
  readonly isNegation: boolean;
}

/** Flags by all their spellings. */
export function namesOf(flags: Flags): Map<string, SpelledFlag> {
  const names = new Map<string, SpelledFlag>();
  for (const [name, flag] of Object.entries(flags)) {
    if (flag.takesRest || flag.takesCommand) continue;
    const named = { name, flag, isNegation: false };
    names.set(typed(name), named);
    if (flag.letter !== undefined) names.set(`-${flag.letter}`, named);
    if (flag.alias !== undefined) names.set(`--${flag.alias}`, named);
    if (flag.hasNegation) {
      names.set(negated(name), { ...named, isNegation: true });
    }
  }
  return names;
}

function givenOf(flags: Flags, texts: Line["texts"]): Set<string> {
  return new Set(
    [...texts].map(([name, written]) => {
      if (flags[name]?.takesCommand) return "--";
      const isOff = flags[name]?.placeholder === undefined && written.at(-1) === OFF;
      return isOff ? negated(name) : typed(name);
    }),
  );
}

/** The given flags that exclude each other. */
function excluded(
  { exclusions }: Command<never>,
  given: ReadonlySet<string>,
): Mistake | undefined {
  for (const { flag, excludes, next } of exclusions) {
    const others = excludes.filter((one) => given.has(one));
    if (given.has(flag) && others.length > 0) {
      return { kind: "excluded-flag", flags: [flag, ...others], next };
    }
  }
}

/** The least and the greatest number of arguments. */
const BOUNDS = {
  one: [1, 1],
  optional: [0, 1],
  two: [2, 2],
  some: [1, Infinity],
  any: [0, Infinity],
} as const;

/** How many arguments a command takes at most. */
export function mostArguments({ argument }: Command<never>): number {
  return argument === undefined ? 0 : BOUNDS[argument.count][1];
}

function countArguments(command: Command<never>, args: readonly string[]): Mistake | undefined {
  const { argument } = command;
  const extra = args[mostArguments(command)];
  if (extra !== undefined) return { kind: "unexpected-argument", typed: extra };
  return argument && args.length < BOUNDS[argument.count][0]
    ? { kind: "missing-argument", placeholders: [argument.placeholder].flat() }
    : undefined;
}
