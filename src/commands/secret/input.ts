/** The input of `secret set`: the command line, a `.env` file, a prompt, or standard input. */

import { Failure } from "../../failure.ts";
import { Sensitive } from "../../sensitive.ts";
import { printable } from "../../terminal/safe_text.ts";
import type { Context } from "../context.ts";
import { askForValue, decodeText, readNamedFile, readStandardInput } from "../shared/input.ts";
import { decodeEnvFile, type EnvNotice, parseEnvFile } from "./env_file.ts";

export interface InputFlags {
  readonly fromEnv?: boolean;
  readonly prune?: boolean;
  /** A path, or `-` for standard input. */
  readonly envFile?: string;
}

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
  flags: InputFlags,
  args: readonly string[],
): Promise<Input> {
  if (!takesFile(flags)) {
    const secrets = await fromArguments(context, args);
    return { secrets, notices: [], keys: new Set(secrets.map(({ key }) => key)) };
  }
  const path = pathOf(flags);
  const bytes = path === "-" ? await readStandardInput(context) : await readNamedFile(path);
  const { entries, notices, keys } = parseEnvFile(
    decodeEnvFile(bytes, path === "-" ? "Standard input" : path),
  );
  return { secrets: entries, notices, keys };
}

async function fromArguments(context: Context, args: readonly string[]): Promise<Given[]> {
  const secrets = new Map<string, Sensitive | undefined>();
  for (const arg of args) {
    const equals = arg.indexOf("=");
    const key = (equals === -1 ? arg : arg.slice(0, equals)).trim();
    const value = equals === -1 ? undefined : arg.slice(equals + 1);
    checkKey(key);
    if (value !== undefined && value.trim() === "") {
      throw new Failure("usage", `The value of "${printable(key)}" is empty`, {
        next: "Give a value, or remove the secret with `arcade secret unset`",
      });
    }
    if (secrets.has(key)) {
      throw new Failure("usage", `"${printable(key)}" is given twice`, {
        next: "Give each key once",
      });
    }
    secrets.set(key, value === undefined ? undefined : new Sensitive(value));
  }
  const open = [...secrets].filter(([, value]) => value === undefined).length;
  if (open > 1 && !context.stdin.isTerminal) {
    throw new Failure("usage", "Standard input can hold the value of only one key", {
      next: "Give the others as `KEY=VALUE`, or all of them with `--from-env --env-file -`",
    });
  }
  const given: Given[] = [];
  for (const [key, value] of secrets) {
    given.push({ key, value: value ?? await askFor(context, key) });
  }
  return given;
}

function checkKey(key: string): void {
  if (key === "" || /\s/.test(key)) {
    throw new Failure("usage", key === "" ? "A key is empty" : "A key contains a space", {
      next: "Write `KEY=VALUE`, in quotes if the value has spaces",
    });
  }
}

async function askFor(context: Context, key: string): Promise<Sensitive> {
  const text = context.stdin.isTerminal ? await promptFor(context, key) : await readValue(context);
  const value = text.replace(/\r?\n$/, "");
  if (value === "") {
    throw new Failure("usage", `The value of "${printable(key)}" is empty`, {
      next: "Type a value, or pipe one to standard input",
    });
  }
  return new Sensitive(value);
}

function promptFor(context: Context, key: string): Promise<string> {
  return askForValue(context, {
    text: `Value of ${printable(key)} (not shown while you type): `,
    otherwise: `use \`arcade secret set ${key} < file\``,
  });
}

async function readValue(context: Context): Promise<string> {
  return decodeText(await readStandardInput(context), {
    what: "The value on standard input",
    next: "Encode it, for example with base64, and try again",
    keepsMark: true,
  });
}
