/** The input of `secret set`: the command line, a `.env` file, a prompt, or standard input. */

import { Failure } from "../../failure.ts";
import { Sensitive } from "../../secrecy/sensitive.ts";
import { printable } from "../../terminal/safe_text.ts";
import { shellWord } from "../../text/shell_word.ts";
import type { Context } from "../context.ts";
import { sameProject } from "../shared/same_project.ts";
import {
  askForValue,
  decodeText,
  readNamedFile,
  readStandardInput,
  whyNoPrompt,
  withoutLineEnd,
  withoutNul,
} from "../shared/input.ts";
import { decodeEnvFile, type EnvNotice, isBase64, parseEnvFile } from "../shared/env_file.ts";
import { requireLength } from "../shared/secrets.ts";

export interface InputFlags {
  readonly fromEnv?: boolean;
  readonly prune?: boolean;
  /** A path, or `-` for standard input. */
  readonly envFile?: string;
}

/** The flags of the input, and those that name the project. */
type Flags = InputFlags & Parameters<typeof sameProject>[0];

/** Whether the values come from a `.env` file, which each of these flags implies. */
export function takesFile({ fromEnv, envFile, prune }: InputFlags): boolean {
  return fromEnv === true || envFile !== undefined || prune === true;
}

/** The `.env` file, or `-` for standard input. */
export function pathOf({ envFile = ".env" }: InputFlags): string {
  return envFile;
}

export interface Given {
  readonly key: string;
  readonly value: Sensitive;
}

export interface Input {
  readonly secrets: readonly Given[];
  readonly notices: readonly EnvNotice[];
  /** All keys of the input, including those without a value. */
  readonly keys: ReadonlySet<string>;
}

/**
 * Collects the secrets to store.
 *
 * @throws {Failure} of kind `usage` when the input is incomplete or invalid; nothing has been stored then.
 */
export async function readInput(
  context: Context,
  flags: Flags,
  args: readonly string[],
): Promise<Input> {
  if (!takesFile(flags)) {
    const secrets = await fromArguments(context, args, sameProject(flags));
    return { secrets, notices: [], keys: new Set(secrets.map(({ key }) => key)) };
  }
  const path = pathOf(flags);

  const bytes = path === "-" ? await readStandardInput(context) : await readNamedFile(path);
  const { entries, notices, keys } = parseEnvFile(
    decodeEnvFile(bytes, path === "-" ? "Standard input" : path),
  );
  for (const { value, line } of entries) requireLength(value, `Line ${line}: the value`);
  return { secrets: entries, notices, keys };
}

/** @param same the flags that name the project, for hints. */
async function fromArguments(
  context: Context,
  args: readonly string[],
  same: string,
): Promise<Given[]> {
  const secrets = new Map<string, Sensitive | undefined>();
  requireKeys(args);
  for (const arg of args) {
    const equals = arg.indexOf("=");
    const key = (equals === -1 ? arg : arg.slice(0, equals)).trim();
    const value = equals === -1 ? undefined : arg.slice(equals + 1);
    checkKey(key);
    if (value !== undefined && value.trim() === "") {
      throw new Failure("usage", `The value of "${printable(key)}" is empty`, {
        next: `Give a value, or remove the secret with \`arcade secret unset ${
          shellWord(key)
        }${same}\``,
      });
    }
    if (secrets.has(key)) {
      throw new Failure("usage", `"${printable(key)}" is given twice`, {
        next: "Give each key once",
      });
    }
    secrets.set(key, value === undefined ? undefined : valueOf(key, value));
  }
  const open = [...secrets].filter(([, value]) => value === undefined).length;
  if (open > 1 && whyNoPrompt(context) !== undefined) {
    throw new Failure("usage", "Standard input can hold the value of only one key", {
      next: "Give the others as `KEY=VALUE`, or all of them with `--from-env --env-file -`",
    });
  }
  const given: Given[] = [];
  for (const [key, value] of secrets) {
    given.push({ key, value: value ?? await askFor(context, key, same) });
  }
  return given;
}

/**
 * Refuses a key that is probably a value. `secret set API_KEY sk_live_x` would store a value as a name.
 *
 * @throws {Failure} of kind `usage`, which does not repeat the word.
 */
function requireKeys(args: readonly string[]): void {
  const isValue = (arg: string, i: number) =>
    isBase64(arg) || i > 0 && !arg.includes("=") && !/^[A-Z][A-Z0-9_]*$/.test(arg);
  if (!args.some(isValue)) return;
  throw new Failure("usage", "Expected a key, but this looks like a value", {
    next:
      "Write `KEY=VALUE`, or give `KEY` alone and type the value at the prompt; nothing was stored",
  });
}

function checkKey(key: string): void {
  const wrong = key === ""
    ? "is empty"
    : /\s/.test(key)
    ? "contains a space"
    : /[\p{Cc}\p{Cs}]/u.test(key)
    ? "contains a control character"
    : key === "." || key === ".." // would change the path of a request
    ? "consists of dots"
    : undefined;
  if (wrong === undefined) return;
  throw new Failure("usage", `A key ${wrong}`, {
    next: "Write `KEY=VALUE`, in quotes if the value has spaces",
  });
}

/** A value that is neither too long nor has a NUL. */
function valueOf(key: string, text: string): Sensitive {
  const what = `The value of "${printable(key)}"`;
  const value = new Sensitive(withoutNul(text, what), "value");
  requireLength(value, what);
  return value;
}

async function askFor(context: Context, key: string, same: string): Promise<Sensitive> {
  const text = context.io.stdin.isTerminal
    ? await promptFor(context, key, same)
    : await readValue(context);
  const value = withoutLineEnd(text);
  if (value === "") {
    throw new Failure("usage", `The value of "${printable(key)}" is empty`, {
      next: "Type a value, or pipe one to standard input",
    });
  }
  return valueOf(key, value);
}

/**
 * How to give a value that cannot be typed.
 *
 * @param same the flags that name the project.
 */
export function fromFile(key: string, same: string): string {
  return `use \`arcade secret set ${shellWord(printable(key))}${same} < file\``;
}

function promptFor(context: Context, key: string, same: string): Promise<string> {
  return askForValue(context, {
    text: `Value of ${printable(key)} (not shown while you type): `,
    otherwise: fromFile(key, same),
  });
}

async function readValue(context: Context): Promise<string> {
  return decodeText(await readStandardInput(context), {
    what: "The value on standard input",
    next: "Encode it, for example with base64, and try again",
    keepsMark: true,
  });
}
