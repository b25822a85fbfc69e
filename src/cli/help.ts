/** Help for arcade, a group, a command, or a topic, within 80 columns. Loaded on demand. */

import { styleFor } from "../terminal/style.ts";
import type { Output } from "../terminal/streams.ts";
import { wrap } from "../terminal/wrap.ts";
import { DOCUMENTATION_URL } from "../version.ts";
import { type CommandLine, type Topic, topicOf, TOPICS, WORDS } from "./command_line.ts";
import {
  type Argument,
  type Command,
  type Description,
  type Flag,
  type Flags,
  type Group,
  type Routes,
  typed,
} from "./declaration.ts";
import { readNotices } from "./notices.ts";
import { GLOBAL_FLAGS } from "./parse.ts";
import { TOPIC_TEXTS } from "./topics.ts";

const WIDTH = 80;

export const SUMMARY =
  "Log in to Arcade, choose a project, manage its secrets, and deploy and watch its servers.";

export const EXAMPLES: Description["examples"] = [
  ["login", "Log in through the browser"],
  ["secret set --from-env", "Store every secret of the .env file in this folder"],
  ["secret list --json", "Output the secrets of the active project as JSON"],
  ["local serve", "Try everything without an account, on a local Arcade"],
];

/** Writes the requested help. */
export async function writeHelp(
  output: Output,
  { words, subject }: Pick<Extract<CommandLine<never>, { kind: "help" }>, "words" | "subject">,
  routes: Routes<never>,
): Promise<void> {
  const notices = subject === "licenses" ? await readNotices() : undefined;
  if (notices !== undefined) return output.write(notices);
  const { bold } = styleFor(output);
  const sections = typeof subject === "string"
    ? helpOfTopic(subject)
    : subject === undefined
    ? await helpOfAll(routes)
    : subject.kind === "group"
    ? helpOfGroup(words, subject)
    : helpOfCommand(words, subject);
  const texts = sections.map(([title, lines]) =>
    title === "" ? lines.join("\n") : `${bold(title)}\n${lines.map(indented).join("\n")}`
  );
  output.write(`${texts.join("\n\n")}\n`);
}

/** A title and its lines; without a title, a paragraph. */
type Section = readonly [title: string, lines: readonly string[]];

async function helpOfAll(routes: Routes<never>): Promise<Section[]> {
  const loaded = await Promise.all(
    [...routes].map(async ([name, load]) => [name, (await load()).brief] as const),
  );
  return [
    ["", [wrap(SUMMARY)]],
    ["USAGE", ["arcade <command> [flags]"]],
    ["COMMANDS", inColumns([...loaded, ...WORDS])],
    ["EXAMPLES", EXAMPLES.flatMap(([line, what]) => example(line, what))],
    globalFlags(),
    ["LEARN MORE", [
      ...inColumns([
        ["arcade help <command>", "The help of a command, as with --help"],
        ...[...TOPICS].map(([topic, what]) => [`arcade help ${topic}`, what] as const),
      ]),
      `Documentation: ${DOCUMENTATION_URL}`,
      "Report a problem: where you got arcade from, with the output of --debug",
    ]],
  ];
}

function helpOfGroup(words: readonly string[], { brief, commands }: Group<never>): Section[] {
  const path = ["arcade", ...words].join(" ");
  const topic = topicOf(words[0]);
  return [
    ["", [wrap(`${brief}.`)]],
    ["USAGE", [`${path} <command> [flags]`]],
    ["COMMANDS", inColumns(Object.entries(commands).map(([name, one]) => [name, one.brief]))],
    globalFlags(),
    ...topic === undefined ? [] : helpOfTopic(topic),
    ["LEARN MORE", [`${path} <command> --help`]],
  ];
}

function helpOfCommand(words: readonly string[], command: Command<never>): Section[] {
  const { brief, description, examples, flags, argument, capabilities } = command;
  return [
    ["", [wrap(description ?? `${brief}.`)]],
    ["USAGE", [usageOf(words, command)]],
    ...argument
      ? [["ARGUMENTS", inColumns([[argumentOf(argument), argument.brief]])] as const]
      : [],
    ...Object.keys(flags).length > 0 ? [["FLAGS", inColumns(rowsOf(flags))] as const] : [],
    globalFlags(),
    ["EXAMPLES", examples.flatMap(([line, what]) => example(line, what))],
    ...capabilities.length > 0
      ? [["CAPABILITIES OF AGENTS", [capabilities.join(", ")]] as const]
      : [],
    ["LEARN MORE", ["arcade help exit-codes", "arcade help environment"]],
  ];
}

function helpOfTopic(topic: Topic): Section[] {
  const { text, title, rows } = TOPIC_TEXTS[topic];
  return [
    ...text === "" ? [] : [["", [wrap(text)]] as const],
    [title.toUpperCase(), inColumns(rows)],
  ];
}

/** The usage line of a command or a group. */
export function usageOf(words: readonly string[], subject: Command<never> | Group<never>): string {
  if (subject.kind === "group") return `arcade ${words.join(" ")} <command>`;
  const required = Object.entries(subject.flags).flatMap(([name, { isRequired, placeholder }]) =>
    isRequired ? [`${typed(name)} <${placeholder}>`] : []
  );
  const { argument } = subject;
  return ["arcade", ...words, ...required, ...argument ? [argumentOf(argument)] : [], "[flags]"]
    .join(" ");
}

function argumentOf({ placeholder, count }: Argument): string {
  const names = [placeholder].flat();
  const isOptional = count === "optional" || count === "any";
  const written = names.map((name) => isOptional ? `[${name}]` : `<${name}>`).join(" ");
  return count === "some" || count === "any" ? `${written}...` : written;
}

function globalFlags(): Section {
  return ["GLOBAL FLAGS", inColumns(rowsOf(GLOBAL_FLAGS))];
}

function rowsOf(flags: Flags): [left: string, right: string][] {
  return Object.entries(flags).map(([name, flag]) => [formOf(name, flag), whatIs(flag)]);
}

/** How a flag is typed, with room for a letter. */
export function formOf(name: string, { letter, hasNegation, placeholder }: Flag): string {
  const long = hasNegation ? typed(name).replace("--", "--[no-]") : typed(name);
  const value = placeholder === undefined ? "" : ` <${placeholder}>`;
  return `${letter === undefined ? "    " : `-${letter}, `}${long}${value}`;
}

/** What a flag does, and whether it has to be typed. */
export function whatIs({ brief, default: otherwise, isRequired, isRepeatable }: Flag): string {
  const notes = [
    ...isRequired ? ["required"] : [],
    ...isRepeatable ? ["repeatable"] : [],
    ...otherwise === undefined ? [] : [`default: ${otherwise}`],
  ];
  return notes.length > 0 ? `${brief} (${notes.join("; ")})` : brief;
}

function example(line: string, what: string): string[] {
  const lines = wrap(what, WIDTH - 6).split("\n");
  return [`arcade ${line}`, ...lines.map((one) => `    ${one}`)];
}

/** The maximum width of the left column. Wider entries continue on the next line. */
const LEFT = 28;

/** Two columns with the right one wrapped. */
function inColumns(rows: readonly (readonly [left: string, right: string])[]): string[] {
  const widths = rows.map(([left]) => left.length).filter((width) => width <= LEFT);
  const column = Math.max(0, ...widths) + 2;
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
