/** Mistakes in command lines, in words; loaded when there is one. */

import { Failure } from "../failure.ts";
import { printable } from "../terminal/safe_text.ts";
import type { Command, Group, Routes } from "./declaration.ts";
import { type CommandLine, TOPICS, WORDS } from "./command_line.ts";
import { usageOf } from "./help.ts";
import { GLOBAL_FLAGS, type Mistake, namesOf } from "./parse.ts";
import { isPythonOnly, suggest } from "./suggestions.ts";

/** The failure of a command line with a mistake: what is wrong, and what may have been meant. */
export function explain(
  { mistake, words, subject }: Extract<CommandLine<never>, { kind: "mistake" }>,
  routes: Routes<never>,
): Failure {
  const { message, hint } = describe(mistake, { words, subject, routes });
  const see = `See \`${["arcade", ...words, "--help"].join(" ")}\``;
  return new Failure("usage", message, { next: hint === undefined ? see : `${hint} ${see}` });
}

interface Place {
  readonly words: readonly string[];
  readonly subject: Command<never> | Group<never> | undefined;
  readonly routes: Routes<never>;
}

function describe(mistake: Mistake, place: Place): { message: string; hint?: string | undefined } {
  switch (mistake.kind) {
    case "unknown-command":
      return unknownCommand(mistake, place);
    case "unknown-topic":
      return unknownTopic(mistake.typed, place);
    case "unknown-flag":
      return unknownFlag(mistake.typed, place.subject);
    case "repeated-flag":
      return { message: `\`${mistake.flag}\` is given more than once` };
    case "needs-value":
      return { message: `\`${mistake.flag}\` needs a value` };
    case "takes-no-value":
      return { message: `\`${mistake.flag}\` takes no value` };
    case "missing-flag":
      return { message: `\`${mistake.flag} <${mistake.placeholder}>\` is required` };
    case "wrong-value":
      return { message: `\`${mistake.flag}\`: ${mistake.expected}` };
    case "unexpected-argument":
      return { message: `Unexpected argument \`${withoutValue(mistake.typed)}\`` };
    case "missing-argument":
      return {
        message: `Which ${mistake.placeholder.replace(" ", " and ")}?`,
        hint: place.subject && `Usage: \`${usageOf(place.words, place.subject)}\`.`,
      };
    case "not-utf-8":
      return { message: "An argument is not UTF-8 text", hint: "Write it in UTF-8." };
  }
}

function unknownCommand(
  { typed: word, next }: Extract<Mistake, { kind: "unknown-command" }>,
  { words, subject, routes }: Place,
): { message: string; hint?: string | undefined } {
  const path = (name: string) => `\`${["arcade", ...words, name].join(" ")}\``;
  if (words.length === 0 && isPythonOnly(word)) {
    return { message: `${path(word)} exists only in the Python CLI` };
  }
  const meant = suggest(word, commandsAt({ subject, routes }, WORDS), next);
  return {
    message: `Unknown command \`${withoutValue(word)}\``,
    hint: meant === undefined ? undefined : `Did you mean ${path(meant)}?`,
  };
}

/** A command or a topic that `arcade help` does not know. */
function unknownTopic(
  word: string,
  { words, subject, routes }: Place,
): { message: string; hint?: string | undefined } {
  const meant = suggest(word, commandsAt({ subject, routes }, TOPICS));
  return {
    message: `No help for \`${withoutValue(word)}\``,
    hint: meant === undefined
      ? undefined
      : `Did you mean \`${["arcade help", ...words, meant].join(" ")}\`?`,
  };
}

/** The commands of a group, or the first words of command lines, with others that are not commands. */
function commandsAt(
  { subject, routes }: Pick<Place, "subject" | "routes">,
  others: ReadonlyMap<string, string>,
): string[] {
  return subject?.kind === "group"
    ? Object.keys(subject.commands)
    : [...routes.keys(), ...others.keys()];
}

/** Flags of one letter that the Python CLI has, and others that users try. */
const LETTERS: Readonly<Record<string, string>> = {
  "-d": "--debug",
  "-j": "--json",
  "-p": "--port",
};

function unknownFlag(
  written: string,
  subject: Command<never> | Group<never> | undefined,
): { message: string; hint?: string | undefined } {
  const declared = subject?.kind === "command" ? subject.flags : {};
  const flags = [...namesOf({ ...declared, ...GLOBAL_FLAGS }).keys()];
  const meant = meantFlag(written.replace(/=.*$/s, ""), flags);
  const [, dashes = "", name = ""] = /^(--?)(.*)$/s.exec(written) ?? [];
  return {
    message: `Unknown flag \`${dashes}${withoutValue(name)}\``,
    hint: meant === undefined ? undefined : `Did you mean \`${meant}\`?`,
  };
}

function meantFlag(written: string, flags: readonly string[]): string | undefined {
  if (!written.startsWith("--")) {
    const letter = LETTERS[written];
    return letter !== undefined && flags.includes(letter) ? letter : undefined;
  }
  const names = flags.filter((flag) => flag.startsWith("--")).map((flag) => flag.slice(2));
  const meant = suggest(written.slice(2), names);
  return meant === undefined ? undefined : `--${meant}`;
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
