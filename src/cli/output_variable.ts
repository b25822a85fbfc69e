import type { CommandLine } from "./command_line.ts";
import { typed } from "./declaration.ts";

/** An environment variable that chooses the output of the commands with `--json`. */
export interface OutputVariable {
  readonly name: string;
  readonly value: string | undefined;
}

/**
 * A command line as the variable completes it: `json` stands for `--json` where a command has that flag, and where nothing
 * that was typed chooses another output. Without a command, it counts for help and errors.
 */
export function withOutput<C>(
  line: CommandLine<C>,
  { name, value }: OutputVariable,
): CommandLine<C> {
  const { global } = line;
  if (value === undefined || global.typedJson || !canBeJson(line)) return line;
  switch (value.trim().toLowerCase()) {
    case "json": {
      const asJson = { ...global, json: true };
      return line.kind === "command"
        ? { ...line, values: { ...line.values, json: true }, global: asJson }
        : { ...line, global: asJson };
    }
    case "text":
      return line;
  }
  if (line.kind !== "command") return line;
  const { words, rest, command } = line;
  const mistake = { kind: "wrong-variable", variable: name, expected: "json or text" } as const;
  return { kind: "mistake", mistake, words, rest, global, subject: command };
}

/** Whether the command has `--json`, and no typed flag excludes it. */
function canBeJson<C>(line: CommandLine<C>): boolean {
  if (line.kind === "help") return true;
  const command = line.kind === "command" ? line.command : line.subject;
  if (command?.kind !== "command") return true;
  if (!command.flags.json) return false;
  if (line.kind === "mistake") return true;
  const json = typed("json");
  return !command.exclusions.some(({ flag, excludes }) =>
    flag === json
      ? excludes.some((one) => line.given.has(one))
      : excludes.includes(json) && line.given.has(flag)
  );
}
