/** The inputs of a call: from the flags that the parameters of the tool make, `--arg` and `--input`. */

import { closest } from "../../text/closest.ts";
import { isFlag } from "../../cli/parse.ts";
import { isMapping, parseJson } from "../../contract/fields.ts";
import type { Input, Tool } from "../../contract/tools.ts";
import { readSwitch } from "../../system/environment.ts";
import { fieldsAsWritten } from "../../text/json_text.ts";
import type { Context } from "../context.ts";
import { formOf } from "../shared/parameter_forms.ts";
import { findParameter } from "../shared/parameters.ts";

/** Where inputs are on the command line. */
export interface InputFlags {
  /** The flags of the tool, as they are typed. */
  readonly parameters: readonly string[];
  /** `NAME=VALUE`. */
  readonly arg?: readonly string[];
  /** JSON, `@file` or `-`. */
  readonly input?: string;
}

/** The inputs of a call, and the problems with them. Problems do not quote values. */
export interface Inputs {
  /** The values by the names of the parameters: JSON, as it was written. */
  readonly values: ReadonlyMap<string, string>;
  /** Sentences without a capital letter and a period. */
  readonly problems: readonly string[];
}

/** Thrown for a value that does not fit; its message is what was expected. */
class WrongValue extends Error {}

/** Reads the inputs of a call. Flags override `--input`. */
export async function readInputs(
  context: Context,
  flags: InputFlags,
  { inputs }: Tool,
): Promise<Inputs> {
  const problems: string[] = [];
  const read = contentReader(context);
  const { typed, unusable, problems: misspelled } = readTyped(flags, inputs);
  problems.push(...misspelled);

  const values = new Map<string, string>();
  const all = await tried(problems, "--input", () => readAll(flags.input, read));
  for (const [name, json] of all ?? []) {
    const input = inputs.find((one) => one.name === name);
    if (!input) problems.push(`"${name}" in --input is not one of its parameters`);
    else if (fits(parseJson(json), input)) values.set(name, json);
    else problems.push(`"${name}" in --input must be ${typeOf(input)}`);
  }
  for (const [input, { label, texts }] of typed) {
    const value = await tried(problems, label, () => valueOf(texts, input, read));
    if (value !== undefined) values.set(input.name, value);
  }
  const given = new Set([
    ...all?.keys() ?? [],
    ...[...typed.keys(), ...unusable].map(({ name }) => name),
  ]);
  // The intended content of an invalid `--input` is unknown.
  const missing = all === undefined
    ? []
    : inputs.filter(({ name, isRequired }) => isRequired && !given.has(name));
  problems.push(...missing.map((input) => `${formOf(input).label} is missing`));
  return { values, problems: [...new Set(problems)] };
}

async function tried<T>(
  problems: string[],
  label: string,
  read: () => Promise<T> | T,
): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof WrongValue)) throw error;
    problems.push(`${label} must be ${error.message}`);
    return undefined;
  }
}

/** The texts that were typed for a parameter. */
interface Typed {
  /** The flag, for problems. */
  readonly label: string;
  readonly texts: string[];
}

function readTyped(
  { parameters, arg = [] }: InputFlags,
  inputs: readonly Input[],
): {
  readonly typed: ReadonlyMap<Input, Typed>;
  /** Parameters whose flags are wrong. */
  readonly unusable: readonly Input[];
  readonly problems: readonly string[];
} {
  const typed = new Map<Input, Typed>();
  const unusable: Input[] = [];
  const problems: string[] = [];
  const add = (input: Input, label: string, text: string) => {
    const before = typed.get(input);
    if (!before) typed.set(input, { label, texts: [text] });
    else if (input.type?.startsWith("array")) before.texts.push(text);
    else problems.push(`${label} is given more than once`);
  };
  const refuse = (input: Input, problem: string) => {
    unusable.push(input);
    problems.push(problem);
  };
  const unknown = (label: string, name: string) => {
    const near = closest(name, inputs.map((one) => one.name));
    const meant = inputs.find((one) => one.name === near);
    const hint = meant === undefined ? "" : ` (did you mean ${formOf(meant).flag}?)`;
    problems.push(`${label} is not one of its parameters${hint}`);
  };

  const words = [...parameters];
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (!word.startsWith("--")) {
      problems.push("a value does not belong to a flag");
      continue;
    }
    const { label, name, value } = split(word);
    const input = findParameter(inputs, name);
    const negated = /^no[-_]/.test(name) ? findParameter(inputs, name.slice(3)) : undefined;
    if (!input && negated?.type === "boolean") {
      if (value === undefined) add(negated, label, "false");
      else refuse(negated, `${label} takes no value`);
    } else if (!input) {
      unknown(label, name);
      if (value === undefined && isValue(words[0])) words.shift();
    } else if (value !== undefined) add(input, label, value);
    else if (input.type === "boolean") {
      const isWord = ["true", "false"].includes(words[0] ?? "");
      add(input, label, isWord ? words.shift() ?? "" : "true");
    } else if (isValue(words[0])) add(input, label, words.shift() ?? "");
    else refuse(input, `${label} needs a value`);
  }
  for (const one of arg) {
    const { label, name, value } = split(`--${one}`);
    const input = findParameter(inputs, name);
    if (value === undefined) problems.push("--arg must be NAME=VALUE");
    else if (input) add(input, `--arg ${name}`, value);
    else unknown(`--arg ${label.slice(2)}`, name);
  }
  return { typed, unusable, problems };
}

function isValue(word: string | undefined): boolean {
  return word !== undefined && !isFlag(word);
}

/** `--name=value` is a flag and its value. What follows an unusual name may be a value too, so that is not shown. */
function split(word: string): { label: string; name: string; value: string | undefined } {
  const [flag = "", ...rest] = word.split("=");
  const label = /^--[\w.-]{1,64}$/.test(flag) ? flag : "--…";
  return { label, name: flag.slice(2), value: rest.length > 0 ? rest.join("=") : undefined };
}

/** Reads the source that a value names: `@file`, or `-` for standard input. */
type ContentReader = (text: string) => Promise<string>;

function contentReader(context: Context): ContentReader {
  let isRead = false;
  return async (text) => {
    if (text !== "-" && !text.startsWith("@")) return text;
    if (text === "-" && isRead) {
      throw new WrongValue("something else: standard input can be read only once");
    }
    isRead ||= text === "-";
    return await (await import("./content.ts")).readContent(context, text);
  };
}

/** The values of `--input`. */
async function readAll(
  text: string | undefined,
  read: ContentReader,
): Promise<ReadonlyMap<string, string>> {
  if (text === undefined) return new Map();
  const json = await read(text);
  if (!isMapping(parseJson(json))) throw new WrongValue("a JSON object, @file, or - for stdin");
  return fieldsAsWritten(json);
}

/** The JSON that texts mean for a parameter. */
async function valueOf(
  texts: readonly string[],
  input: Input,
  read: ContentReader,
): Promise<string> {
  const [text = ""] = texts;
  if (!input.type?.startsWith("array")) return await scalar(text, input.type, input, read);
  if (texts.length === 1 && text.trimStart().startsWith("[")) {
    const list = parseJson(text);
    if (Array.isArray(list)) {
      if (fits(list, input)) return text;
      throw new WrongValue(typeOf(input));
    }
  }
  const elements = await Promise.all(
    texts.map((one) => scalar(one, input.elementType, input, read)),
  );
  return `[${elements.join(",")}]`;
}

async function scalar(
  text: string,
  type: string | undefined,
  input: Input,
  read: ContentReader,
): Promise<string> {
  switch (type) {
    case "string":
      if (input.values.length > 0 && !input.values.includes(text)) break;
      return JSON.stringify(text);
    case "integer":
      if (/^-?(?:0|[1-9]\d*)$/.test(text)) return text;
      break;
    case "number":
      if (/^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(text)) return text;
      break;
    case "boolean": {
      const state = readSwitch(text);
      if (state === "on") return "true";
      if (state === "off") return "false";
      break;
    }
    case "json": {
      const json = await read(text);
      if (parseJson(json) !== undefined) return json;
      break;
    }
    default: // a type that is newer than this program
      return parseJson(text) === undefined ? JSON.stringify(text) : text;
  }
  throw new WrongValue(typeOf(input));
}

/** Whether a value of JSON has the type of a parameter. */
function fits(value: unknown, { type, elementType, values, isRequired }: Input): boolean {
  if (value === null) return !isRequired;
  if (!type?.startsWith("array")) return fitsScalar(value, type, values);
  return Array.isArray(value) && value.every((one) => fitsScalar(one, elementType, values));
}

function fitsScalar(value: unknown, type: string | undefined, values: readonly string[]): boolean {
  switch (type) {
    case "string":
      return typeof value === "string" && (values.length === 0 || values.includes(value));
    case "integer":
      return Number.isInteger(value);
    case "number":
      return typeof value === "number";
    case "boolean":
      return typeof value === "boolean";
    default:
      return true;
  }
}

/** The expected type of a value. */
function typeOf({ type, values }: Input): string {
  const kind = type === "json"
    ? "JSON, @file, or - for stdin"
    : type === "boolean"
    ? "true or false"
    : type === "integer"
    ? "a whole number"
    : type === "number"
    ? "a number"
    : type === "string"
    ? "a string"
    : `an ${type ?? "unknown value"}`;
  return values.length > 0 ? `one of ${values.join(", ")}` : kind;
}
