/** The help as JSON, made from the declarations. Loaded on demand. */

import type { Output } from "../terminal/streams.ts";
import { printableJson } from "../terminal/safe_text.ts";
import type { CommandLine } from "./command_line.ts";
import {
  allCommands,
  type Argument,
  type Command,
  type Flag,
  type Flags,
  negated,
  typed,
} from "./declaration.ts";
import { usageOf } from "./help.ts";
import { GLOBAL_FLAGS } from "./parse.ts";
import type { Program, TopicText } from "./program.ts";

type Help = Pick<Extract<CommandLine<never>, { kind: "help" }>, "words" | "subject">;

/** Writes the requested help as JSON. */
export async function writeHelpAsJson(
  output: Output,
  help: Help,
  program: Program<never>,
): Promise<void> {
  output.write(`${printableJson(await helpAsJson(help, program))}\n`);
}

/** The help of the program, a group or a command, in the order of the declarations, or of a topic. */
async function helpAsJson({ words, subject }: Help, program: Program<never>) {
  const { summary, topics } = await program.loadHelp();
  if (typeof subject === "string") {
    const topic = topics[subject];
    return topic && { topic: subject, ...topicAsJson(topic) };
  }
  const all = await allCommands(program.routes);
  const named = all.filter((one) => words.every((word, i) => one.words[i] === word));
  const commands = named.map((one) => commandAsJson([program.name, ...one.words], one.command));
  const flags = { global_flags: flagsAsJson(GLOBAL_FLAGS) };
  if (words.length > 0) return { ...flags, commands };
  return {
    program: program.name,
    summary,
    ...flags,
    commands,
    topics: [...program.topics].map(([name, brief]) => ({ name, brief })),
    ...Object.assign({}, ...Object.values(topics).map(({ data }) => data)),
  };
}

function topicAsJson({ text, head, rows, data }: TopicText) {
  const [left, right] = head;
  return { text, ...data ?? { rows: rows.map((row) => ({ [left]: row[0], [right]: row[1] })) } };
}

function commandAsJson(words: readonly string[], command: Command<never>) {
  const { brief, description, examples, argument, flags, exclusions, needs, forPrograms } = command;
  const [program = "", ...own] = words;
  return {
    command: own.join(" "),
    brief,
    description: description ?? null,
    usage: usageOf(words, command),
    arguments: argument ? argumentsAsJson(argument) : [],
    flags: flagsAsJson(flags),
    exclusions,
    examples: examples.map(([line, what]) => ({ line: `${program} ${line}`, brief: what })),
    permissions: needs,
    failure_exit: command.failureCode ?? null,
    ...forPrograms,
  };
}

function argumentsAsJson({ placeholder, brief, count, values }: Argument) {
  return [placeholder].flat().map((name, i) => ({
    name,
    brief,
    required: count !== "optional" && count !== "any",
    repeatable: count === "some" || count === "any",
    ...valuesAsJson(i === 0 ? values : undefined),
  }));
}

function flagsAsJson(flags: Flags) {
  return Object.entries(flags).map(([name, flag]) => flagAsJson(name, flag));
}

function flagAsJson(name: string, flag: Flag) {
  const { placeholder, range } = flag;
  return {
    name: flag.takesCommand ? "--" : flag.takesRest ? `--<${placeholder}>` : typed(name),
    letter: flag.letter === undefined ? null : `-${flag.letter}`,
    negation: flag.hasNegation ? negated(name) : null,
    brief: flag.brief,
    type: placeholder === undefined ? "boolean" : range ? "integer" : "string",
    placeholder: placeholder ?? null,
    ...valuesAsJson(flag.values),
    minimum: range?.[0] ?? null,
    maximum: range?.[1] ?? null,
    default: flag.default ?? null,
    without_value: flag.bare ?? null,
    required: flag.isRequired ?? false,
    repeatable: flag.isRepeatable ?? false,
    permissions: flag.needs ?? [],
  };
}

/** Fixed words, or the name of the list that has them. */
function valuesAsJson(values: Flag["values"]) {
  const isList = typeof values === "string";
  return { values: isList ? null : values ?? null, values_from: isList ? values : null };
}
