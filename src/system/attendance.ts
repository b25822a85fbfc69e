/** Whether a user is present to answer a prompt or see a browser. All prompts and browsers use this. */

import { AGENT_VARIABLES } from "../contract/variables.ts";
import { isOn } from "./environment.ts";

/** The variables that say that a program runs the command, whatever its streams are. */
const OF_PROGRAMS = ["CI", ...AGENT_VARIABLES] as const;
type OfProgram = typeof OF_PROGRAMS[number];

/** The environment of the command. */
export type AttendanceEnvironment = { readonly [name in OfProgram]?: string | undefined };

/**
 * Why no user is present, as the end of a sentence; undefined if one is.
 *
 * @param streams the user's streams. All of them must be terminals.
 *
 * @example
 * ```ts
 * whyUnattended(env, stdin, stderr); // "this is not a terminal", "CLAUDECODE is set" or undefined
 * ```
 */
export function whyUnattended(
  env: AttendanceEnvironment,
  ...streams: readonly { readonly isTerminal: boolean }[]
): string | undefined {
  if (!streams.every(({ isTerminal }) => isTerminal)) return "this is not a terminal";
  const program = programOf(env);
  return program === undefined ? undefined : `${program} is set`;
}

/** The variable which says that CI or a coding agent runs the command; undefined without one. */
export function programOf(env: AttendanceEnvironment): OfProgram | undefined {
  return OF_PROGRAMS.find((name) => isOn(env[name]));
}
