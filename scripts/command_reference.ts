/** The page about every command, made from the declarations. */

import { TOPICS } from "../src/cli/command_line.ts";
import { allCommands, type Command, type Flags } from "../src/cli/declaration.ts";
import { EXIT_CODES } from "../src/cli/exit_code.ts";
import { formOf, usageOf, whatIs } from "../src/cli/help.ts";
import { GLOBAL_FLAGS } from "../src/cli/parse.ts";
import { ROUTES } from "../src/commands/routes.ts";
import { VARIABLES } from "../src/variables.ts";

/** The page as Markdown, formatted. */
export async function commandReference(): Promise<string> {
  const formatter = new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--quiet", "--ext", "md", "--line-width", "100", "-"],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = formatter.stdin.getWriter();
  await writer.write(new TextEncoder().encode(await page()));
  await writer.close();
  const { success, stdout } = await formatter.output();
  if (!success) throw new Error("The page about the commands could not be formatted");
  return new TextDecoder().decode(stdout);
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
      `## Topics`,
      `\`arcade help\` also explains ${TOPICS.map((topic) => `\`${topic}\``).join(" and ")}.`,
      "### Exit codes",
      table(["code", "meaning"], EXIT_CODES.map(([code, meaning]) => [String(code), meaning])),
      "### Environment variables",
      table(
        ["variable", "meaning"],
        Object.entries(VARIABLES).map(([name, meaning]) => [`\`${name}\``, meaning]),
      ),
    ].join("\n\n")
  }\n`;
}

function section(words: readonly string[], command: Command<never>): string {
  const { description, brief, argument, flags, examples, capabilities, needs } = command;
  return [
    `## arcade ${words.join(" ")}`,
    description ?? `${brief}.`,
    block([usageOf(words, command)]),
    ...argument ? [`\`${argument.placeholder}\`: ${argument.brief}.`] : [],
    ...Object.keys(flags).length > 0 ? [flagTable(flags)] : [],
    block(examples.flatMap(([line, what]) => [`# ${what}`, `arcade ${line}`])),
    `Permissions: ${needs.join(", ")}.${
      capabilities.length > 0 ? ` Capabilities of agents: ${capabilities.join(", ")}.` : ""
    }`,
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

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

function block(lines: readonly string[]): string {
  return ["```shell", ...lines, "```"].join("\n");
}
