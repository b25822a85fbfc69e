/** Help for the program, a group, a command, or a topic, within 80 columns. Loaded on demand. */

import { styleFor } from "../terminal/style.ts";
import type { Output } from "../terminal/streams.ts";
import { wrap } from "../text/prose.ts";
import { type CommandLine, WORDS } from "./command_line.ts";
import {
  type Argument,
  type Command,
  type Flag,
  type Flags,
  type Group,
  typed,
} from "./declaration.ts";
import { GLOBAL_FLAGS } from "./parse.ts";
import type { HelpTexts, Program, TopicText } from "./program.ts";

const WIDTH = 80;

/** Writes the requested help. */
export async function writeHelp(
  output: Output,
  { words, subject }: Pick<Extract<CommandLine<never>, { kind: "help" }>, "words" | "subject">,
  program: Program<never>,
): Promise<void> {
  const texts = await program.loadHelp();
  const whole = typeof subject === "string"
    ? await texts.topics[subject]?.loadWhole?.()
    : undefined;
  if (whole !== undefined) return output.write(whole);
  const path = [program.name, ...words];
  const sections = typeof subject === "string"
    ? helpOfTopic(texts.topics[subject])
    : subject === undefined
    ? await helpOfAll(program, texts)
    : subject.kind === "group"
    ? helpOfGroup(path, subject, texts)
    : helpOfCommand(path, subject, texts);
  writeSections(output, sections);
}

/** Writes sections of a help. */
export function writeSections(output: Output, sections: readonly Section[]): void {
  const { bold } = styleFor(output);
  const written = sections.map(([title, lines]) =>
    title === "" ? lines.join("\n") : `${bold(title)}\n${lines.map(indented).join("\n")}`
  );
  output.write(`${written.join("\n\n")}\n`);
}

/** A title and its lines; without a title, a paragraph. */
export type Section = readonly [title: string, lines: readonly string[]];

async function helpOfAll(
  { name: program, routes, topics, loadBriefs }: Program<never>,
  { summary, groups, examples, learnMore }: HelpTexts,
): Promise<Section[]> {
  const briefs = await loadBriefs();
  const commands = await Promise.all(
    [...routes].map(async ([name, load]) => [name, briefs[name] ?? (await load()).brief] as const),
  );
  const rows = new Map([...commands, ...WORDS]);
  const width = Math.max(...[...rows.keys()].map((name) => name.length));
  const sections: Section[] = groups.map(([title, words]) => {
    const listed = words.map((word) => [word, rows.get(word) ?? ""] as const);
    for (const word of words) rows.delete(word);
    return [title, inColumns(listed, width)];
  });
  if (rows.size > 0) sections.push(["OTHERS", inColumns([...rows], width)]);
  return [
    ["", [wrap(summary)]],
    ["USAGE", [`${program} <command> [flags]`]],
    ...sections,
    ["EXAMPLES", examples.flatMap(([line, what]) => example(program, line, what))],
    globalFlags(),
    ["LEARN MORE", [
      ...inColumns([
        [`${program} help <command>`, "The help of a command, same as --help"],
        [`${program} help --json`, "All commands, flags and error codes as JSON"],
        ...[...topics].map(([topic, what]) => [`${program} help ${topic}`, what] as const),
      ]),
      ...learnMore,
    ]],
  ];
}

function helpOfGroup(
  words: readonly string[],
  { brief, commands }: Group<never>,
  { topics }: HelpTexts,
): Section[] {
  const path = words.join(" ");
  return [
    ["", [wrap(`${brief}.`)]],
    ["USAGE", [`${path} <command> [flags]`]],
    ["COMMANDS", inColumns(Object.entries(commands).map(briefOf))],
    globalFlags(),
    ...helpOfTopic(topics[words.at(-1) ?? ""]),
    ["LEARN MORE", [`${path} <command> --help`]],
  ];
}

function briefOf([name, { brief }]: [string, Command<never>]): [left: string, right: string] {
  return [name, brief];
}

function helpOfCommand(
  words: readonly string[],
  command: Command<never>,
  { ofCommands }: HelpTexts,
): Section[] {
  const { brief, description, examples, argument, notes, commands } = command;
  const { help, ...flags } = command.flags;
  const [program = ""] = words;
  return [
    ["", [wrap(description ?? `${brief}.`)]],
    ["USAGE", [usageOf(words, command)]],
    ...argument
      ? [["ARGUMENTS", inColumns([[argumentOf(argument), argument.brief]])] as const]
      : [],
    ...commands ? [["COMMANDS", inColumns(Object.entries(commands).map(briefOf))] as const] : [],
    ...Object.keys(flags).length > 0 ? [["FLAGS", inColumns(rowsOf(flags))] as const] : [],
    globalFlags(help && { help }),
    ["EXAMPLES", examples.flatMap(([line, what]) => example(program, line, what))],
    ...notes.map(([title, text]) => [title.toUpperCase(), [text]] as const),
    ["LEARN MORE", ofCommands],
  ];
}

function helpOfTopic(topic: TopicText | undefined): Section[] {
  if (!topic) return [];
  const { text, title, rows } = topic;
  return [
    ...text === "" ? [] : [["", [wrap(text)]] as const],
    [title.toUpperCase(), inColumns(rows)],
  ];
}

/** The usage line of a command or a group, whose words start with the program. */
export function usageOf(words: readonly string[], subject: Command<never> | Group<never>): string {
  if (subject.kind === "group") return `${words.join(" ")} <command>`;
  const required = Object.entries(subject.flags).flatMap(([name, { isRequired, placeholder }]) =>
    isRequired ? [`${typed(name)} <${placeholder}>`] : []
  );
  const { argument } = subject;
  const written = argument ? [argumentOf(argument)] : [];
  const rest = argument?.isCommand && argument.count === "some"
    ? ["[flags]", "--", ...written]
    : [...written, "[flags]"];
  const command = Object.values(subject.flags).find(({ takesCommand }) => takesCommand);
  if (command) rest.push(`[-- <${command.placeholder}>...]`);
  return [...words, ...required, ...rest].join(" ");
}

function argumentOf({ placeholder, count }: Argument): string {
  const names = [placeholder].flat();
  const isOptional = count === "optional" || count === "any";
  const written = names.map((name) => isOptional ? `[${name}]` : `<${name}>`).join(" ");
  return count === "some" || count === "any" ? `${written}...` : written;
}

function globalFlags(own: Flags = {}): Section {
  return ["GLOBAL FLAGS", inColumns(rowsOf({ ...GLOBAL_FLAGS, ...own }))];
}

function rowsOf(flags: Flags): [left: string, right: string][] {
  return Object.entries(flags).map(([name, flag]) => [formOf(name, flag), whatIs(flag)]);
}

/** How a flag is typed, with space for its letter. */
export function formOf(
  name: string,
  { letter, hasNegation, placeholder, bare, takesRest, takesCommand }: Flag,
): string {
  if (takesCommand) return `    -- <${placeholder}>...`;
  if (takesRest) return `    --<${placeholder}> <value>`;
  const long = hasNegation ? typed(name).replace("--", "--[no-]") : typed(name);
  const value = placeholder === undefined
    ? ""
    : bare === undefined
    ? ` <${placeholder}>`
    : ` [${placeholder}]`;
  return `${letter === undefined ? "    " : `-${letter}, `}${long}${value}`;
}

/** What a flag does, and whether it is required. */
export function whatIs({ brief, default: otherwise, isRequired, isRepeatable }: Flag): string {
  const notes = [
    ...isRequired ? ["required"] : [],
    ...isRepeatable ? ["repeatable"] : [],
    ...otherwise === undefined ? [] : [`default: ${otherwise}`],
  ];
  return notes.length > 0 ? `${brief} (${notes.join("; ")})` : brief;
}

function example(program: string, line: string, what: string): string[] {
  const lines = wrap(what, WIDTH - 6).split("\n");
  return [`${program} ${line}`, ...lines.map((one) => `    ${one}`)];
}

/** The maximum width of the left column. Wider entries continue on the next line. */
const LEFT = 28;

/**
 * Two columns with the right one wrapped.
 *
 * @param width the minimum width of the left column.
 */
export function inColumns(
  rows: readonly (readonly [left: string, right: string])[],
  width = 0,
): string[] {
  const widths = rows.map(([left]) => left.length).filter((one) => one <= LEFT);
  const column = Math.max(width, ...widths) + 2;
  return rows.flatMap(([left, right]) => {
    const [first = "", ...more] = wrap(right, WIDTH - 2 - column).split("\n");
    const below = (line: string) => `${" ".repeat(column)}${line}`;
    return left.length + 2 <= column
      ? [`${left.padEnd(column)}${first}`, ...more.map(below)]
      : [left, ...[first, ...more].map(below)];
  });
}

function indented(line: string): string {
  return `  ${line}`;
}
