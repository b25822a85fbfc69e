/** Generates the command reference from the declarations. */

import { allCommands, type Command, type Flags, typed } from "../src/cli/declaration.ts";
import { formOf, usageOf, whatIs } from "../src/cli/help.ts";
import { GLOBAL_FLAGS } from "../src/cli/parse.ts";
import { TOPIC_TEXTS } from "../src/commands/topics.ts";
import { ROUTES } from "../src/commands/routes.ts";
import { block, formatted, table } from "./markdown.ts";
import { markdownOf } from "./topic_blocks.ts";

/** The page as Markdown, formatted. */
export async function commandReference(): Promise<string> {
  return await formatted(await page());
}

async function page(): Promise<string> {
  const commands = await allCommands(ROUTES);
  return `${
    [
      "# Commands",
      "This page is made by `deno task docs`. `arcade help COMMAND` shows the same in the terminal.",
      commands.map(({ words, command }) =>
        `- [\`arcade ${words.join(" ")}\`](#arcade-${words.join("-")}): ${command.brief}`
      ).join("\n"),
      ...commands.map(({ words, command }) => section(words, command)),
      "## Global flags",
      flagTable(GLOBAL_FLAGS),
      "## Topics",
      "`arcade help` also explains these. [Scripts and CI](scripts.md#errors-and-warnings) has " +
      "`errors`, [Security](security.md) has `files` and `permissions`, and " +
      "[Telemetry](telemetry.md) has `telemetry`.",
      ...(["exit-codes", "environment", "licenses"] as const).map((topic) => {
        const text = TOPIC_TEXTS[topic];
        return `### ${text.title}\n\n${markdownOf(text)}`;
      }),
    ].join("\n\n")
  }\n`;
}

function section(words: readonly string[], command: Command<never>): string {
  const { description, brief, argument, flags, examples, notes } = command;
  return [
    `## arcade ${words.join(" ")}`,
    description ?? `${brief}.`,
    block([usageOf(["arcade", ...words], command)]),
    ...argument ? [`\`${[argument.placeholder].flat().join(" ")}\`: ${argument.brief}.`] : [],
    ...Object.keys(flags).length > 0 ? [flagTable(flags)] : [],
    block(examples.flatMap(([line, what]) => [`# ${what}`, `arcade ${line}`])),
    [["Permissions", permissionsOf(command)] as const, ...notes]
      .map(([title, text]) => `${title}: ${text}.`).join(" "),
  ].join("\n\n");
}

function flagTable(flags: Flags): string {
  return table(
    ["flag", "meaning"],
    Object.entries(flags).map(([name, flag]) => [
      `\`${formOf(name, flag).trim()}\``,
      whatIs(flag),
    ]),
  );
}

/** The permissions that a command keeps, and those that only a flag needs. */
export function permissionsOf({ needs, flags }: Command<never>): string {
  const ofFlags = Object.entries(flags).flatMap(([name, flag]) =>
    flag.needs ? [`; with ${typed(name)} also ${flag.needs.join(", ")}`] : []
  );
  return (needs.join(", ") || "none") + ofFlags.join("");
}
