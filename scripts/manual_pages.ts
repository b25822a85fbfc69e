/** Generates the man pages from the declarations, with the macros of man(7). */

import type { Command, Flags, Group } from "../src/cli/declaration.ts";
import { formOf, usageOf, whatIs } from "../src/cli/help.ts";
import { GLOBAL_FLAGS } from "../src/cli/parse.ts";
import { HELP_TEXTS } from "../src/commands/help_texts.ts";
import { ROUTES } from "../src/commands/routes.ts";
import { wrap } from "../src/text/prose.ts";
import { permissionsOf } from "./command_reference.ts";
import { VERSION } from "../src/version.ts";

/** The pages by file name: arcade.1, and one for each first word of a command. */
export async function manualPages(): Promise<ReadonlyMap<string, string>> {
  const date = releaseDate(await Deno.readTextFile(`${import.meta.dirname}/../CHANGELOG.md`));
  const entries = await Promise.all(
    [...ROUTES].map(async ([word, load]) => [word, await load()] as const),
  );
  const pages = entries.map(([word, entry]) =>
    page(`arcade-${word}`, entry.brief, {
      date,
      body: entry.kind === "command" ? commandPage(word, entry) : groupPage(word, entry),
    })
  );
  return new Map([
    page("arcade", "the command line of Arcade", { date, body: mainPage(entries) }),
    ...pages,
  ]);
}

/** The date of this version in the changelog, so that pages do not depend on the current date; empty before the release. */
export function releaseDate(changelog: string): string {
  const heading = changelog.split("\n").find((line) =>
    line.startsWith(`## ${VERSION} `) || line.startsWith(`## [${VERSION}]`)
  );
  return /\d{4}-\d{2}-\d{2}$/.exec(heading ?? "")?.[0] ?? "";
}

function page(
  name: string,
  brief: string,
  { date, body }: { readonly date: string; readonly body: readonly string[] },
): [file: string, text: string] {
  const lines = [
    `.TH ${name.toUpperCase()} 1 "${date}" "arcade ${VERSION}" "Arcade"`,
    ".SH NAME",
    `${escape(name)} \\- ${prose(brief)}`,
    ...body,
  ];
  return [`${name}.1`, `${lines.join("\n")}\n`];
}

function mainPage(
  entries: readonly (readonly [string, Command<never> | Group<never>])[],
): string[] {
  return [
    ".SH SYNOPSIS",
    bold("arcade <command> [flags]"),
    ".SH DESCRIPTION",
    prose(HELP_TEXTS.summary),
    ".SH COMMANDS",
    ...entries.flatMap(([word, { brief }]) => item(`${bold(`arcade-${word}`)}(1)`, brief)),
    ".SH GLOBAL FLAGS",
    ...flags(GLOBAL_FLAGS),
    ...Object.values(HELP_TEXTS.topics).flatMap(({ text, title, rows }) => [
      `.SH ${title.toUpperCase()}`,
      ...text === "" ? [] : [prose(text)],
      ...rows.flatMap(([left, right]) => item(bold(left), right)),
    ]),
    ".SH EXAMPLES",
    ...examples(HELP_TEXTS.examples),
  ];
}

function groupPage(word: string, group: Group<never>): string[] {
  const commands = Object.entries(group.commands).map(([name, command]) =>
    [[word, name], command] as const
  );
  return [
    ".SH SYNOPSIS",
    ...commands.flatMap(([words, command]) => [".br", bold(usageOf(["arcade", ...words], command))])
      .slice(1),
    ...commandSections(word, group.commands),
    ...seeAlso(),
  ];
}

/** A section for each command of a group, or of a command. */
function commandSections(
  word: string,
  commands: Readonly<Record<string, Command<never>>>,
): string[] {
  return [
    ".SH COMMANDS",
    ...Object.entries(commands).flatMap(([name, command]) => [
      `.SS ${escape(["arcade", word, name].join(" "))}`,
      prose(command.description ?? `${command.brief}.`),
      ...details(command),
      ".PP",
      "Examples:",
      ...examples(command.examples),
    ]),
  ];
}

function commandPage(word: string, command: Command<never>): string[] {
  return [
    ".SH SYNOPSIS",
    bold(usageOf(["arcade", word], command)),
    ".SH DESCRIPTION",
    prose(command.description ?? `${command.brief}.`),
    ...details(command),
    ".SH EXAMPLES",
    ...examples(command.examples),
    ...command.commands ? commandSections(word, command.commands) : [],
    ...seeAlso(),
  ];
}

/** The argument, the flags, and the needed permissions and capabilities. */
function details(command: Command<never>): string[] {
  const { argument, flags: own, notes } = command;
  return [
    ...argument ? item(bold([argument.placeholder].flat().join(" ")), argument.brief) : [],
    ...flags(own),
    ".PP",
    prose(`Permissions: ${permissionsOf(command)}.`),
    ...notes.map(([title, text]) => prose(`${title}: ${text}.`)),
  ];
}

function flags(declared: Flags): string[] {
  return Object.entries(declared).flatMap(([name, flag]) =>
    item(bold(formOf(name, flag).trim()), whatIs(flag))
  );
}

function examples(lines: Command<never>["examples"]): string[] {
  return lines.flatMap(([line, what]) => item(bold(`arcade ${line}`), what));
}

function seeAlso(): string[] {
  return [
    ".SH SEE ALSO",
    `${bold("arcade")}(1), for the global flags, the environment variables and the exit codes`,
  ];
}

/** A tagged paragraph. */
function item(tag: string, text: string): string[] {
  return [".TP", tag, prose(text)];
}

/** Literal text. */
function bold(text: string): string {
  return `\\fB${escape(text)}\\fR`;
}

/** A sentence in which backticks enclose literal text. */
function prose(text: string): string {
  const marked = text.split("`").map((part, i) => i % 2 === 1 ? bold(part) : escape(part));
  return wrap(marked.join(""), 80).replace(/^\./gm, "\\&.");
}

/** Escapes text for roff (groff(7), Escape sequences). */
function escape(text: string): string {
  return text.replaceAll("\\", "\\e").replaceAll("-", "\\-").replaceAll("…", "...").replaceAll(
    "'",
    "\\(aq",
  );
}
