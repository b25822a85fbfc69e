import {
  type BaseArgs,
  buildCommand,
  type Command,
  type TypedCommandParameters,
} from "@stricli/core";
import type { Context } from "./context.ts";
import { type Permission, unneeded } from "./permissions.ts";
import { report } from "./report.ts";

/** What runs when the command line has been understood. */
export type Run<
  FLAGS extends Readonly<Partial<Record<keyof FLAGS, unknown>>>,
  ARGS extends BaseArgs,
> = (
  context: Context,
  flags: FLAGS,
  ...args: ARGS
) => Promise<void> | void;

/** A command as its group declares it. */
export interface CommandSpecification<
  FLAGS extends Readonly<Partial<Record<keyof FLAGS, unknown>>>,
  ARGS extends BaseArgs,
> {
  readonly brief: string;
  /** Paragraphs below the usage line. */
  readonly description?: string;
  /** Each as it is typed, without the leading `arcade`, and what it does. */
  readonly examples: readonly (readonly [commandLine: string, brief: string])[];
  readonly parameters: TypedCommandParameters<FLAGS, ARGS, Context>;
  /** What the command needs; everything else is given up before its code is loaded. */
  readonly needs: readonly Permission[];
  readonly load: () => Promise<Run<FLAGS, ARGS>>;
}

/** A command whose code is loaded when it runs, and whose failures are reported in one way. */
export function command<
  const FLAGS extends Readonly<Partial<Record<keyof FLAGS, unknown>>>,
  const ARGS extends BaseArgs,
>(specification: CommandSpecification<FLAGS, ARGS>): Command<Context> {
  const { brief, description, examples, parameters, needs, load } = specification;
  const lines = examples.map(([commandLine, what]) => `  arcade ${commandLine}\n      ${what}`);
  return buildCommand<FLAGS, ARGS, Context>({
    docs: {
      brief,
      fullDescription: `${wrap(description ?? brief)}\n\nEXAMPLES\n${lines.join("\n")}`,
    },
    parameters,
    async func(flags, ...args) {
      try {
        this.giveUp(unneeded(needs));
        const run = await load();
        await run(this, flags, ...args);
      } catch (error) {
        this.process.exitCode = report(this, error);
      }
    },
  });
}

/** Breaks a text into lines that fit any terminal. */
function wrap(text: string, width = 80): string {
  const lines = [""];
  for (const word of text.split(" ")) {
    const line = lines.at(-1) ?? "";
    if (line === "") lines[lines.length - 1] = word;
    else if (line.length + 1 + word.length <= width) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines.join("\n");
}
