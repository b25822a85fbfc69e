/** What is done to the command line before the command tree reads it. */

import { readSwitch } from "../environment.ts";
import type { OutputOptions } from "./process_context.ts";

/** Flags of a command that may also stand between a group and its command, as in the Python CLI, and take a value. */
const VALUE_FLAGS = new Set(["--hub", "--host", "--port"]);
const ENDS_HERE = new Set(["-h", "--help", "-v", "--version"]);

/**
 * Takes out the flags that every command has, wherever they stand before `--`.
 *
 * @example
 * ```ts
 * takeOutputFlags(["--debug", "whoami"]); // { args: ["whoami"], options: { debug: true, color: true } }
 * ```
 */
export function takeOutputFlags(
  args: readonly string[],
): { args: string[]; options: OutputOptions } {
  const end = args.includes("--") ? args.indexOf("--") : args.length;
  let options: OutputOptions = { debug: false, color: true };
  const kept = args.filter((arg, i) => {
    const [, debug, negation, value] = i < end ? OUTPUT_FLAG.exec(arg) ?? [] : [];
    const state = value === undefined ? "on" : readSwitch(value);
    // What is neither on nor off is left to the parser, which says so.
    const isOurs = debug !== undefined || negation !== undefined;
    if (!isOurs || state === undefined || state === "unclear") return true;
    options = debug === undefined
      ? { ...options, color: (state === "on") === (negation === "") }
      : { ...options, debug: state === "on" };
    return false;
  });
  return { args: kept, options };
}

/** `--debug`, `--color` and `--no-color`, each with a value or without. */
const OUTPUT_FLAG = /^--(?:(debug)|(no-|)color)(?:=(.*))?$/;

/**
 * Moves flags that stand before the command behind it (`secret --host x list` becomes `secret list --host x`), and keeps
 * only the last of `--tls` and `--no-tls`.
 */
export function normalizeFlags(args: readonly string[], groups: ReadonlySet<string>): string[] {
  const words: string[] = [];
  const moved: string[] = [];
  let i = 0;
  for (; i < args.length; i++) {
    const arg = args[i] ?? "";
    const complete = words.length === 2 || (words.length === 1 && !groups.has(words[0] ?? ""));
    if (complete || arg === "--") break;
    if (ENDS_HERE.has(arg)) return [...args];
    if (!arg.startsWith("-")) words.push(arg);
    else {
      moved.push(arg);
      const value = args[i + 1];
      if (VALUE_FLAGS.has(arg) && value !== undefined) {
        moved.push(value);
        i++;
      }
    }
  }
  return lastOfTls([...words, ...moved, ...args.slice(i)]);
}

function lastOfTls(args: string[]): string[] {
  const end = args.includes("--") ? args.indexOf("--") : args.length;
  const isTls = (arg: string) => arg === "--tls" || arg === "--no-tls";
  const last = args.slice(0, end).findLastIndex(isTls);
  return args.filter((arg, i) => i >= end || i === last || !isTls(arg));
}

/** The words of the command at the start of a normalized command line, for `arcade … --help` in a message. */
export function commandWords(args: readonly string[], groups: ReadonlySet<string>): string[] {
  const words = args.slice(0, groups.has(args[0] ?? "") ? 2 : 1);
  return words.filter((word) => /^[a-z]+$/.test(word));
}
