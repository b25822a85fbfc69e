/** Finds the command of a command line, and reads its flags. */

import type { Command, Group } from "./declaration.ts";
import { type GlobalValues, isFlag, type Mistake, namesOf, parse, type Parsed } from "./parse.ts";
import type { Program } from "./program.ts";

/** A parsed command line. */
export type CommandLine<C> =
  & {
    /** The words of the command or group that exist. */
    readonly words: readonly string[];
    /** Everything else that was typed. */
    readonly rest: readonly string[];
    readonly global: GlobalValues;
  }
  & (
    | {
      readonly kind: "command";
      readonly command: Command<C>;
      readonly values: Readonly<Record<string, unknown>>;
      readonly args: readonly string[];
      readonly given: Parsed["given"];
    }
    | {
      readonly kind: "help";
      /** The subject of the help: a command, a group, the name of a topic, or the program itself. */
      readonly subject: Command<never> | Group<never> | string | undefined;
    }
    | {
      readonly kind: "mistake";
      readonly mistake: Mistake;
      /** Where it was made. */
      readonly subject: Command<never> | Group<never> | undefined;
    }
  );

/** What words can begin a command line, or follow `help`. */
export type Words<C> = Pick<Program<C>, "routes" | "topics">;

/** Standalone words, with their meaning. */
export const WORDS: ReadonlyMap<string, string> = new Map([
  ["help", "Show the help of a command or a topic"],
]);

/**
 * Parses a command line. Flags may be anywhere before `--`, even before the words of the command.
 *
 * @example
 * ```ts
 * await readCommandLine(["server", "--host", "x", "list"], PROGRAM); // as server list --host x
 * ```
 */
export async function readCommandLine<C>(
  line: readonly string[],
  program: Words<C>,
): Promise<CommandLine<C>> {
  const { routes } = program;
  if (line.some((one) => one.includes("\uFFFD"))) { // the runtime's replacement for other bytes
    const { global } = parse(undefined, line);
    const mistake = { kind: "not-utf-8" } as const;
    return { kind: "mistake", mistake, words: [], rest: line, global, subject: undefined };
  }
  if (line[0] === "--version" || line[0] === "-v") {
    return await readCommandLine(["version", ...line.slice(1)], program);
  }
  const isWord = (word: string) => routes.has(word) || WORDS.has(word);
  const { word, rest } = findWord(line, { isWord });
  if (word === "help") return await readHelp(rest, program);
  const entry = await routes.get(word ?? "")?.();
  if (word === undefined || !entry) return readIncomplete(line, { word, rest, words: [] });
  return entry.kind === "command"
    ? readCommandOrOwn(word, entry, rest)
    : readGroup(word, entry, rest);
}

/** A command, or its subcommand that the first argument names. */
function readCommandOrOwn<C>(
  name: string,
  command: Command<C>,
  line: readonly string[],
): CommandLine<C> {
  const own = new Map(Object.entries(command.commands ?? {}));
  const takesValue = (flag: string) =>
    namesOf(command.flags).get(flag)?.flag.placeholder !== undefined;
  const { word = "", rest } = findWord(line, { isWord: (one) => own.has(one), takesValue });
  const found = own.get(word);
  return found ? readCommand([name, word], found, rest) : readCommand([name], command, line);
}

function readGroup<C>(name: string, group: Group<C>, line: readonly string[]): CommandLine<C> {
  const takesValue = (flag: string) =>
    Object.values(group.commands).some(({ flags }) =>
      namesOf(flags).get(flag)?.flag.placeholder !== undefined
    );
  const commandOf = new Map(Object.entries(group.commands));
  const nameOf = new Map([
    ...Object.keys(group.commands).map((one) => [one, one] as const),
    ...Object.entries(group.aliases),
  ]);
  const { word, rest } = findWord(line, { isWord: (one) => nameOf.has(one), takesValue });
  const found = nameOf.get(word ?? "");
  const command = commandOf.get(found ?? "");
  return found !== undefined && command
    ? readCommand([name, found], command, rest)
    : readIncomplete(line, { word, rest, words: [name], subject: group });
}

/** A line that names no command: help, unless a word or a flag of it is unknown. */
function readIncomplete<C>(
  line: readonly string[],
  { word, rest, words, subject }: Found & {
    readonly words: readonly string[];
    readonly subject?: Group<never>;
  },
): CommandLine<C> {
  const { global, mistake } = parse(undefined, line);
  const found = { words, rest: line, global, subject };
  const wrong = word === undefined ? mistake : unknown(word, rest);
  return wrong && !global.help
    ? { kind: "mistake", mistake: wrong, ...found }
    : { kind: "help", ...found };
}

function readCommand<C>(
  words: readonly string[],
  command: Command<C>,
  rest: readonly string[],
): CommandLine<C> {
  const { mistake, values, args, given, global } = parse(command, rest);
  const found = { words, rest, global };
  // A command that declares `--help` itself shows the help of what its argument names.
  const hasOwnHelp = command.flags.help !== undefined && args.length > 0 && mistake === undefined;
  if (global.help && !hasOwnHelp) return { kind: "help", ...found, subject: command };
  if (mistake) return { kind: "mistake", mistake, ...found, subject: command };
  return { kind: "command", ...found, command, values, args, given };
}

/** `help server get` is `server get --help`. */
async function readHelp<C>(line: readonly string[], program: Words<C>): Promise<CommandLine<C>> {
  const { global } = parse(undefined, line);
  const subjects = line.filter((one) => !isFlag(one));
  const { routes, topics } = program;
  const [topic] = subjects;
  if (topic !== undefined && topics.has(topic) && !routes.has(topic)) {
    return { kind: "help", words: [], rest: line, global, subject: topic };
  }
  const found = await readCommandLine([...line, "--help"], program);
  if (found.kind !== "help" || typeof found.subject === "string") return found;
  const { words, subject } = found;
  const unknown = subject?.kind === "command" ? undefined : subjects[words.length];
  if (unknown === undefined || WORDS.has(unknown)) return found;
  const mistake = { kind: "unknown-topic", typed: unknown } as const;
  return { kind: "mistake", mistake, words, rest: line, global, subject };
}

function unknown(word: string, rest: readonly string[]): Mistake {
  return { kind: "unknown-command", typed: word, next: rest.find((one) => !isFlag(one)) };
}

interface Found {
  /** The next word, if any. */
  readonly word: string | undefined;
  /** The line without it. */
  readonly rest: readonly string[];
}

/**
 * The next word of a command, which flags may precede.
 *
 * @param options.takesValue whether what follows a flag is its value; without it, what follows is one unless it is a word.
 */
function findWord(
  line: readonly string[],
  { isWord, takesValue }: {
    readonly isWord: (word: string) => boolean;
    readonly takesValue?: (flag: string) => boolean;
  },
): Found {
  for (let i = 0; i < line.length && line[i] !== "--"; i++) {
    const one = line[i] ?? "";
    if (!isFlag(one)) return { word: one, rest: [...line.slice(0, i), ...line.slice(i + 1)] };
    const next = line[i + 1];
    if (one.includes("=") || next === undefined || isFlag(next)) continue;
    if (takesValue ? takesValue(one) : !isWord(next) && line.slice(i + 2).some(isWord)) i++;
  }
  return { word: undefined, rest: line };
}
