import { mayReport, trackingOf } from "../usage/tracking.ts";
import { VERSION } from "../version.ts";
import { normalizeFlags, takeOutputFlags } from "./command_line.ts";
import type { PlainFlags } from "./command.ts";
import type { Context } from "./context.ts";
import type { OutputOptions } from "./process_context.ts";
import { GROUPS, ROUTES } from "./routes.ts";

/**
 * Runs one command line and reports what became of it.
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
  const { outcome } = context;
  outcome.tracking = trackingOf(context);
  const usage = mayReport(context, outcome.tracking)
    ? await import("../usage/report.ts")
    : undefined;
  // The identity may change while a command runs.
  const begun = usage?.beginReport(context);
  outcome.reportPermissions = begun?.permissions ?? [];
  const code = await runNormalized(args, context);
  if (usage && begun && outcome.ended) {
    const words = await knownWords(args);
    await usage.reportCommand(context, outcome.tracking, {
      name: words.join(".") || "unknown",
      cliVersion: VERSION,
      failure: outcome.ended.kind === "failed" ? outcome.ended.message : undefined,
      typed: args.slice(words.length),
      anonId: begun.anonId,
      endedLogin: outcome.endedLogin,
    });
  }
  return code;
}

async function runNormalized(args: readonly string[], context: Context): Promise<number> {
  const plain = await findPlain(args);
  if (plain) {
    await plain(context);
    return Number(context.process.exitCode ?? 0);
  }
  const { runCommandTree } = await import("./command_tree.ts");
  return await runCommandTree(args, context);
}

/** A command line that has only the words of a command and plain flags needs no parser. */
async function findPlain(
  [first = "", ...rest]: readonly string[],
): Promise<((context: Context) => Promise<void>) | undefined> {
  const entry = await ROUTES.get(first)?.();
  const isGroup = entry?.kind === "group";
  const command = isGroup ? entry.commands[rest[0] ?? ""] : entry;
  const flags = readPlainFlags(isGroup ? rest.slice(1) : rest);
  const { plain } = command ?? {};
  const isPlain = plain && flags &&
    PLAIN_FLAGS.every((name) => flags[name] === undefined || plain.has.includes(name));
  return isPlain ? plain.runWith(flags) : undefined;
}

const PLAIN_FLAGS = ["json", "force", "hub"] as const;

/** Undefined when there is anything that a parser has to judge. */
function readPlainFlags(args: readonly string[]): PlainFlags | undefined {
  let flags: PlainFlags = {};
  for (let i = 0; i < args.length; i++) {
    const value = args[i + 1] ?? "";
    if (args[i] === "--json" && !flags.json) flags = { ...flags, json: true };
    else if (args[i] === "--force" && !flags.force) flags = { ...flags, force: true };
    else if (args[i] === "--hub" && flags.hub === undefined && /^[^-]/.test(value)) {
      flags = { ...flags, hub: value };
      i++;
    } else return undefined;
  }
  return flags;
}

/** The words at the start of a command line that name a command or a group of commands. */
async function knownWords([first = "", second = ""]: readonly string[]): Promise<string[]> {
  const entry = await ROUTES.get(first)?.();
  if (!entry) return [];
  return entry.kind === "group" && Object.hasOwn(entry.commands, second)
    ? [first, second]
    : [first];
}
