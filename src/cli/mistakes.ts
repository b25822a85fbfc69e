/** Error messages for mistakes in command lines; loaded on demand. */

import { Failure } from "../failure.ts";
import { printable } from "../terminal/safe_text.ts";
import { type Command, type Group, typed } from "./declaration.ts";
import { type CommandLine, WORDS } from "./command_line.ts";
import { usageOf } from "./help.ts";
import { GLOBAL_FLAGS, type Mistake, namesOf } from "./parse.ts";
import type { OtherWords, Program } from "./program.ts";
import { beginningWith, sameCommand, suggest } from "./suggestions.ts";

/** The failure for a mistake in a command line: what is wrong, and what the user may have meant. */
export async function explain(
  { mistake, words, subject }: Extract<CommandLine<never>, { kind: "mistake" }>,
  program: Program<never>,
): Promise<Failure> {
  const place = { words, subject, program, others: await program.loadWords() };
  const { message, hint } = await describe(mistake, place);
  const see = `See \`${[program.name, ...words, "--help"].join(" ")}\``;
  return new Failure("usage", message, { next: hint === undefined ? see : `${hint} ${see}` });
}

interface Place {
  readonly words: readonly string[];
  readonly subject: Command<never> | Group<never> | undefined;
  readonly program: Program<never>;
  readonly others: OtherWords;
}

interface Described {
  readonly message: string;
  readonly hint?: string | undefined;
}

function describe(mistake: Mistake, place: Place): Described | Promise<Described> {
  switch (mistake.kind) {
    case "unknown-command":
      return unknownCommand(mistake, place);
    case "unknown-topic":
      return unknownTopic(mistake.typed, place);
    case "unknown-flag":
      return unknownFlag(mistake.typed, place);
    case "repeated-flag":
      return { message: `\`${mistake.flag}\` is given more than once` };
    case "needs-value":
      return { message: `\`${mistake.flag}\` needs a value` };
    case "takes-no-value":
      return { message: `\`${mistake.flag}\` takes no value` };
    case "missing-flag":
      return { message: `\`${mistake.flag} <${mistake.placeholder}>\` is required` };
    case "excluded-flag":
      return {
        message: `${
          mistake.flags.map((one) => `\`${one}\``).join(" and ")
        } cannot be used together`,
        hint: `${mistake.next}.`,
      };
    case "wrong-value":
      return { message: `\`${mistake.flag}\`: ${mistake.expected}` };
    case "wrong-variable":
      return {
        message: `${mistake.variable}: expected ${mistake.expected}`,
        hint: "Correct or unset it.",
      };
    case "unexpected-argument":
      return {
        message: `Unexpected argument \`${withoutValue(mistake.typed)}\``,
        hint: place.subject?.kind === "command" ? flagFor(place.subject, mistake.typed) : undefined,
      };
    case "missing-argument":
      return {
        message: `Which ${nounFor(mistake.placeholders, place.words)}?`,
        hint: place.subject &&
          `Usage: \`${usageOf([place.program.name, ...place.words], place.subject)}\`.`,
      };
    case "not-utf-8":
      return { message: "An argument is not UTF-8 text", hint: "Write it in UTF-8." };
  }
}

/** The noun for a missing argument: "server" for `server get <name>`. */
function nounFor(placeholders: readonly string[], [first, second]: readonly string[]): string {
  const noun = placeholders.join(" and ");
  return noun === "name" && second !== undefined ? first ?? noun : noun;
}

/** The flag that takes what was typed as an argument: a required one, or the first that takes a folder, a file or an address. */
function flagFor({ flags }: Command<never>, typedText: string): string | undefined {
  const isFolder = typedText === "." || typedText === "..";
  const isPath = /^[.~]*[/\\]/.test(typedText);
  const isAddress = typedText.includes("://");
  const found = Object.entries(flags).find(([, flag]) => flag.isRequired) ??
    Object.entries(flags).find(([, { placeholder = "", values }]) =>
      isAddress
        ? /^(?:url|address)$/.test(placeholder)
        : (isFolder || isPath) && values === "files" && (isPath || placeholder === "folder")
    );
  if (!found) return isFolder ? "Leave it out." : undefined;
  const [name, { placeholder = "" }] = found;
  return `Name the ${placeholder === "url" ? name : placeholder} with \`${typed(name)}\`.`;
}

async function unknownCommand(
  { typed: word, next }: Extract<Mistake, { kind: "unknown-command" }>,
  place: Place,
): Promise<Described> {
  const { words, program, others } = place;
  const path = (name: string) => `\`${[program.name, ...words, name].join(" ")}\``;
  const elsewhereOnly = words.length === 0 ? others.elsewhere(word) : undefined;
  if (elsewhereOnly) return elsewhereOnly;
  const commands = commandsAt(place, WORDS);
  const only = suggest(word, commands, { ...others, next });
  // Other programs have `auth login`.
  const isWrapped = only === undefined && words.length === 1 && others.wrappers.has(words[0] ?? "");
  const unwrapped = isWrapped ? suggest(word, [...program.routes.keys()], others) : undefined;
  if (unwrapped !== undefined) {
    return {
      message: `Unknown command \`${withoutValue(word)}\``,
      hint: didYouMean([`\`${program.name} ${unwrapped}\``]),
    };
  }
  const here = only === undefined ? beginningWith(word, commands) : [only];
  const elsewhere = words.length > 0 ? [] : await inGroups(word, place, only === undefined);
  const meant = [...here, ...elsewhere];
  return {
    message: `Unknown command \`${withoutValue(word)}\``,
    hint: didYouMean(meant.map(path)),
  };
}

/** How many suggestions are helpful. */
const MOST_MEANT = 10;

function didYouMean(meant: readonly string[]): string | undefined {
  if (meant.length === 0 || meant.length > MOST_MEANT) return undefined;
  const last = meant.at(-1);
  return meant.length === 1
    ? `Did you mean ${last}?`
    : `Did you mean ${meant.slice(0, -1).join(", ")} or ${last}?`;
}

/**
 * The commands of groups that a word alone names, such as `list`.
 *
 * @param hasSynonyms whether the words of other programs count, such as `ls`.
 */
async function inGroups(
  word: string,
  { program, others }: Place,
  hasSynonyms: boolean,
): Promise<string[]> {
  const entries = await Promise.all(
    [...program.routes].map(async ([name, load]) => [name, await load()] as const),
  );
  return entries.flatMap(([name, entry]) => {
    const commands = entry.kind === "group" ? Object.keys(entry.commands) : [];
    const meant = hasSynonyms
      ? sameCommand(word, commands, others)
      : commands.find((one) => one === word);
    return meant === undefined ? [] : [`${name} ${meant}`];
  });
}

/** A command or a topic that does not exist. */
function unknownTopic(
  word: string,
  place: Place,
): Described {
  const { words, program, others } = place;
  const commands = commandsAt(place, program.topics);
  const only = suggest(word, commands, others);
  const meant = only === undefined ? beginningWith(word, commands) : [only];
  return {
    message: `No help for \`${withoutValue(word)}\``,
    hint: didYouMean(meant.map((one) => `\`${[program.name, "help", ...words, one].join(" ")}\``)),
  };
}

/** The commands of a group, or the first words of command lines, with others that are not commands. */
function commandsAt(
  { subject, program }: Place,
  others: ReadonlyMap<string, string>,
): string[] {
  return subject?.kind === "group"
    ? Object.keys(subject.commands)
    : [...program.routes.keys(), ...others.keys()];
}

/** Flags of one letter that users try. */
const LETTERS: Readonly<Record<string, string>> = {
  "-d": "--debug",
  "-j": "--json",
  "-p": "--port",
};

function unknownFlag(
  written: string,
  { subject, others }: Place,
): Described {
  const declared = subject?.kind === "command" ? subject.flags : {};
  const flags = [...namesOf({ ...declared, ...GLOBAL_FLAGS }).keys()];
  const meant = meantFlag(written.replace(/=.*$/s, ""), flags, others);
  const [, dashes = "", name = ""] = /^(--?)(.*)$/s.exec(written) ?? [];
  const isTooEarly = dashes === "--" && Object.values(declared).some(({ takesRest }) => takesRest);
  const argument = subject?.kind === "command" ? subject.argument : undefined;
  return {
    message: `Unknown flag \`${dashes}${withoutValue(name)}\``,
    hint: isTooEarly
      ? `Put this flag after the ${argument?.placeholder}.`
      : meant !== undefined
      ? `Did you mean \`${meant}\`?`
      : argument?.isCommand
      ? "Put the command's flags after `--`."
      : undefined,
  };
}

function meantFlag(
  written: string,
  flags: readonly string[],
  others: OtherWords,
): string | undefined {
  if (!written.startsWith("--")) {
    const letter = LETTERS[written];
    return letter !== undefined && flags.includes(letter) ? letter : undefined;
  }
  const names = flags.filter((flag) => flag.startsWith("--")).map((flag) => flag.slice(2));
  const meant = suggest(written.slice(2), names, others);
  return meant === undefined ? undefined : `--${meant}`;
}

/** Text in the wrong place can be KEY=VALUE, an address with a password, or a token, so it is not repeated. */
function withoutValue(input: string): string {
  const isWord = input.length <= LONGEST_WORD && !/[.:/@\d]/.test(input) || /^\.{1,2}$/.test(input);
  return printable(
    input.includes("=") ? `${input.slice(0, input.indexOf("="))}=…` : isWord ? input : "…",
  );
}

/** Longer than any command or flag, and shorter than any token. */
const LONGEST_WORD = 16;
