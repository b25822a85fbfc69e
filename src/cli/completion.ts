/** Completes a command line from the declarations of the commands, and loads only those that it needs. */

import { readCommandLine, WORDS, type Words } from "./command_line.ts";
import { type Command, type Flags, type Group, type Values } from "./declaration.ts";
import { GLOBAL_FLAGS, isFlag, mostArguments, namesOf, parse } from "./parse.ts";
import type { Program } from "./program.ts";

/** A candidate for the word at the cursor. */
export interface Candidate {
  readonly word: string;
  readonly brief: string;
}

/** What can complete the word at the cursor. */
export type Completion =
  | { readonly kind: "words"; readonly candidates: readonly Candidate[] }
  | { readonly kind: "files" }
  | NamesCompletion;

/** A name of a list. */
export interface NamesCompletion {
  readonly kind: "names";
  readonly list: string;
  /** What precedes the name in its word, such as `--context=`. */
  readonly before: string;
  /** Names that are already on the command line. */
  readonly taken: readonly string[];
  /** The values of the flags on the command line, by their names. */
  readonly flags: Readonly<Record<string, unknown>>;
  readonly args: readonly string[];
  /** The flag before the cursor, which only the command itself recognizes; the name can be its value. */
  readonly pending: string | undefined;
  /** What can be typed there instead of a name from the list. */
  readonly others: readonly Candidate[];
}

/** The words of a program, with what they are for. */
type Listed = Words<never> & Pick<Program<never>, "loadBriefs">;

const NOTHING: Completion = { kind: "words", candidates: [] };

/**
 * Completes the word at the cursor. Candidates start with the current word, in any case.
 *
 * @param words the words before the cursor, without the program.
 * @param current the start of the word at the cursor; may be empty.
 * @param options.hasBriefs whether the briefs are needed. Without them, fewer declarations are loaded.
 *
 * @example
 * ```ts
 * await complete(["server"], "en", { program: PROGRAM, hasBriefs: true });
 * // { kind: "words", candidates: [{ word: "enable", brief: "Enable a server" }] }
 * ```
 */
export async function complete(
  words: readonly string[],
  current: string,
  { program, hasBriefs }: { readonly program: Listed; readonly hasBriefs: boolean },
): Promise<Completion> {
  const line = await readCommandLine(words, program);
  if (line.kind === "mistake" && line.mistake.kind === "unknown-command") return NOTHING;
  const subject = line.kind === "command" ? line.command : line.subject;
  if (typeof subject === "string") return NOTHING;
  const isHelp = words.find((word) => !isFlag(word)) === "help";
  const cursor = { words, rest: line.rest, current };
  if (isHelp && subject?.kind === "command") {
    return subject.commands && line.words.length === 1 ? offer(subject.commands, cursor) : NOTHING;
  }
  return completeFlag(subject, cursor) ??
    (subject?.kind === "command" ? completeArgument(subject, cursor) : offer(
      subject ? subject.commands : await firstWords(program, cursor, { isHelp, hasBriefs }),
      cursor,
    ));
}

interface Cursor {
  readonly words: readonly string[];
  /** All words except those of the command. */
  readonly rest: readonly string[];
  readonly current: string;
}

type Subject = Command<never> | Group<never> | undefined;

/** Completes a flag or its value; undefined when neither is at the cursor. */
function completeFlag(subject: Subject, cursor: Cursor): Completion | undefined {
  const { words, current } = cursor;
  if (words.includes("--")) return undefined;
  const names = namesOf(flagsOf(subject));
  const valueOf = (flag: string, before: string) => {
    const { placeholder, values } = names.get(flag)?.flag ?? {};
    return placeholder === undefined
      ? undefined
      : completeValue(values, { subject, cursor, before, taken: [] });
  };
  const pending = valueOf(words.at(-1) ?? "", "");
  if (pending || !current.startsWith("-")) return pending;
  const equals = current.indexOf("=");
  if (equals < 0) return offerFlags(subject, cursor);
  const [flag, before] = [current.slice(0, equals), current.slice(0, equals + 1)];
  return valueOf(flag, before) ??
    furtherNames(subject, cursor, { before, pending: flag, others: [] }) ?? NOTHING;
}

/** The flags that only the command itself recognizes, or values of one; undefined if the command takes none. */
function furtherNames(
  subject: Subject,
  cursor: Cursor,
  at: Pick<NamesCompletion, "before" | "pending" | "others">,
): NamesCompletion | undefined {
  if (subject?.kind !== "command") return undefined;
  const { values: list } = Object.values(subject.flags).find(({ takesRest }) => takesRest) ?? {};
  const { args, values: flags } = parse(subject, cursor.rest);
  if (typeof list !== "string" || args.length < mostArguments(subject)) return undefined;
  const taken = cursor.words.map((word) => word.replace(/=.*$/s, ""));
  return { kind: "names", list, taken: at.pending ? [] : taken, flags, args, ...at };
}

/** The flags that can follow. A flag of one letter and an alias are other names of one. */
function offerFlags(subject: Subject, cursor: Cursor): Completion {
  const names = namesOf(flagsOf(subject));
  const typedNames = new Set(
    cursor.words.map((word) => names.get(word.replace(/=.*$/s, ""))?.name),
  );
  const excluded = subject?.kind === "command" ? excludedBy(subject, cursor) : new Set();
  const flags = [...names].filter(([spelling, { name, flag }]) =>
    spelling.startsWith("--") && spelling !== `--${flag.alias}` && !excluded.has(spelling) &&
    (flag.isRepeatable || !typedNames.has(name))
  );
  const others = candidatesOf(flags.map(([spelling, { flag }]) => [spelling, flag]), cursor);
  return furtherNames(subject, cursor, { before: "", pending: undefined, others }) ??
    { kind: "words", candidates: others };
}

/** The flags, as they are typed, that cannot be used together with given ones. */
function excludedBy(command: Command<never>, { rest }: Cursor): Set<string> {
  const { given } = parse(command, rest);
  return new Set(command.exclusions.flatMap(({ flag, excludes }) => [
    ...given.has(flag) ? excludes : [],
    ...excludes.some((one) => given.has(one)) ? [flag] : [],
  ]));
}

/** The flags of a command; for a group, the flags of all its commands, which can precede a command's name. */
function flagsOf(subject: Subject): Flags {
  const commands = subject?.kind === "group" ? Object.values(subject.commands) : [subject];
  return Object.assign({}, ...commands.map((command) => command?.flags), GLOBAL_FLAGS);
}

function completeArgument(command: Command<never>, cursor: Cursor): Completion {
  const isOther = Object.values(command.flags).some(({ takesCommand }) => takesCommand);
  if (isOther && cursor.words.includes("--")) return { kind: "files" };
  const { args } = parse(command, cursor.rest);
  const { argument } = command;
  if (!argument || args.length >= mostArguments(command)) {
    if (cursor.words.includes("--")) return NOTHING;
    const last = cursor.words.at(-1) ?? "";
    const isPending = /^--[^=]+$/.test(last) && !namesOf(flagsOf(command)).has(last);
    const value = isPending
      ? furtherNames(command, cursor, { before: "", pending: last, others: [] })
      : undefined;
    return value ?? offerFlags(command, cursor);
  }
  const { values = [] } = argument;
  // KEY=VALUE.
  if (cursor.current.includes("=")) return NOTHING;
  if (typeof values === "string") {
    return completeValue(values, { subject: command, cursor, before: "", taken: args });
  }
  if (args.length > 0) return NOTHING;
  const words = [...values, ...Object.keys(command.commands ?? {})];
  return completeValue(words, { subject: command, cursor, before: "", taken: args });
}

function completeValue(
  values: Values | undefined,
  { subject, cursor, before, taken }: {
    readonly subject: Subject;
    readonly cursor: Cursor;
    readonly before: string;
    readonly taken: readonly string[];
  },
): Completion {
  if (values === undefined) return NOTHING;
  if (values === "files") return { kind: "files" };
  if (typeof values === "string") {
    const command = subject?.kind === "command" ? subject : undefined;
    const { values: flags, args } = parse(command, cursor.rest);
    const rest = { args, pending: undefined, others: [] };
    return { kind: "names", list: values, before, taken, flags, ...rest };
  }
  return offer(Object.fromEntries(values.map((one) => [before + one, { brief: "" }])), cursor);
}

/** The first words of command lines, or of what follows `help`. */
async function firstWords(
  { routes, topics, loadBriefs }: Listed,
  { current }: Cursor,
  { isHelp, hasBriefs }: { readonly isHelp: boolean; readonly hasBriefs: boolean },
): Promise<Record<string, Pick<Candidate, "brief">>> {
  const fitting = [...routes].filter(([word]) => begins(word, current));
  const briefs = hasBriefs ? await loadBriefs() : undefined;
  const commands = await Promise.all(fitting.map(async ([word, load]) => {
    const brief = briefs ? briefs[word] ?? (await load()).brief : "";
    return [word, { brief }] as const;
  }));
  const others = [...isHelp ? topics : WORDS].flatMap(([word, brief]) =>
    routes.has(word) ? [] : [[word, { brief }] as const]
  );
  return Object.fromEntries([...commands, ...others]);
}

/** The candidates that start with the current word. */
function offer(
  entries: Readonly<Record<string, Pick<Candidate, "brief">>>,
  cursor: Cursor,
): Completion {
  return { kind: "words", candidates: candidatesOf(Object.entries(entries), cursor) };
}

function candidatesOf(
  entries: readonly (readonly [word: string, Pick<Candidate, "brief">])[],
  { current }: Cursor,
): Candidate[] {
  return entries.filter(([word]) => begins(word, current))
    .map(([word, { brief }]) => ({ word, brief }));
}

/** Whether a word starts with another one, in any case. */
export function begins(word: string, beginning: string): boolean {
  return word.toLowerCase().startsWith(beginning.toLowerCase());
}
