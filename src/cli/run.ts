import { normalizeFlags, takeOutputFlags } from "./command_line.ts";
import type { Context } from "./context.ts";
import type { OutputOptions } from "./process_context.ts";
import { GROUPS, ROUTES } from "./routes.ts";

/**
 * Runs one command line.
 *
 * @returns the exit code (src/cli/exit_code.ts).
 */
export async function run(
  commandLine: readonly string[],
  makeContext: (options: OutputOptions) => Context,
): Promise<number> {
  const { args: given, options } = takeOutputFlags(commandLine);
  const args = normalizeFlags(given, GROUPS);
  const context = makeContext(options);
  const plain = await findPlain(args);
  if (plain) {
    await plain(context);
    return Number(context.process.exitCode ?? 0);
  }
  const { runCommandTree } = await import("./command_tree.ts");
  return await runCommandTree(args, context);
}

/** A command line that has only the words of a command and perhaps `--json` needs no parser. */
async function findPlain(
  [first = "", ...rest]: readonly string[],
): Promise<((context: Context) => Promise<void>) | undefined> {
  const entry = await ROUTES.get(first)?.();
  const isGroup = entry?.kind === "group";
  const command = isGroup ? entry.commands[rest[0] ?? ""] : entry;
  const [flag, ...others] = isGroup ? rest.slice(1) : rest;
  const { runPlain } = command ?? {};
  if (!runPlain || others.length > 0 || (flag !== undefined && flag !== "--json")) return undefined;
  return (context) => runPlain(context, flag ? { json: true } : {});
}
