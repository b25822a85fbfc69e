/** How the parameters of a tool are typed after `arcade tool call NAME`. */

import { GLOBAL_FLAGS, isFlag, namesOf } from "../../cli/parse.ts";
import type { Mapping } from "../../contract/fields.ts";
import type { Input, Tool } from "../../contract/tools.ts";
import { shellWord } from "../../text/shell_word.ts";
import { callFlags } from "./call_flags.ts";
import { canBeFlag } from "./parameters.ts";

/** The forms of a parameter on a command line. */
export interface Form {
  /** For help: `--name <string>`, `--[no-]name`. */
  readonly shown: string;
  /** For messages: `--name <string>`, `--name`. */
  readonly label: string;
  /** Without its value: `--name`. */
  readonly flag: string;
  /** Words for a shell, with a value. */
  readonly withValue: (value: string) => string;
}

/**
 * How a parameter is typed: as a flag with its name, unless arcade has that flag or the name needs quotes; then with `--arg`, or
 * with `--input` if `--arg` cannot express the name.
 */
export function formOf({ name, type }: Input): Form {
  const what = `<${type ?? "value"}>`;
  if (name.includes("=")) {
    const shown = `--input ${shellWord(`{${JSON.stringify(name)}:…}`)}`;
    return { shown, label: shown, flag: shown, withValue: () => shown };
  }
  const flag = `--${name}`;
  if (!canBeFlag(name) || OWN_FLAGS.has(flag)) {
    const arg = `--arg${isFlag(name) ? "=" : " "}${shellWord(name)}=`;
    const shown = arg + what;
    return { shown, label: shown, flag: shown, withValue: (value) => arg + shellWord(value) };
  }
  if (type === "boolean") {
    return { shown: `--[no-]${name}`, label: flag, flag, withValue: () => flag };
  }
  const shown = `${flag} ${what}`;
  const withValue = (value: string) => `${flag}${isFlag(value) ? "=" : " "}${shellWord(value)}`;
  return { shown, label: shown, flag, withValue };
}

/** The flags of arcade, which override those of a tool. */
const OWN_FLAGS = namesOf({ ...callFlags, ...GLOBAL_FLAGS });

/** A parameter with an example value. */
export function exampleOf(input: Input): string {
  const { type, elementType, values: [first] } = input;
  return formOf(input).withValue(first ?? sampleOf(elementType ?? type));
}

function sampleOf(type: string | undefined): string {
  switch (type) {
    case "integer":
    case "number":
      return "1";
    case "boolean":
      return "true";
    case "json":
      return "{}";
    default:
      return "text";
  }
}

/** A command line that calls a tool: with an input, or with values for everything that it requires. */
export function exampleLine(
  { name, inputs }: Pick<Tool, "name" | "inputs">,
  { input, user }: { readonly input?: Mapping; readonly user?: string | undefined } = {},
): string {
  const words = input === undefined
    ? inputs.filter(({ isRequired }) => isRequired).map(exampleOf)
    : wordsOf(input, inputs);
  const as = user === undefined ? [] : [`--user ${shellWord(user)}`];
  return [`arcade tool call ${shellWord(name)}`, ...words, ...as].join(" ");
}

/** An input as words for a shell. */
function wordsOf(input: Mapping, inputs: readonly Input[]): string[] {
  const words = Object.entries(input).map(([name, value]) => {
    const one = inputs.find((one) => one.name === name);
    return one === undefined ? undefined : wordOf(one, value);
  });
  const typed = words.filter((word) => word !== undefined);
  return typed.length === words.length ? typed : [`--input ${shellWord(JSON.stringify(input))}`];
}

/** A parameter with a value; undefined if only `--input` can have it. */
function wordOf(input: Input, value: unknown): string | undefined {
  const { name, type } = input;
  const text = typeof value === "string" && type !== "json" ? value : JSON.stringify(value);
  if (value === null || text === undefined || name.includes("=")) return undefined;
  const form = formOf(input);
  if (type !== "boolean" || form.flag !== `--${name}`) return form.withValue(text);
  if (typeof value !== "boolean") return undefined;
  return value ? form.flag : `--no-${name}`;
}
