import { mayReport, trackingOf } from "../telemetry/tracking.ts";
import { VERSION } from "../version.ts";
import { type CommandLine, readCommandLine } from "./command_line.ts";
import type { Context } from "./context.ts";
import type { ExitCode } from "./exit_code.ts";
import { unneeded } from "./permissions.ts";
import type { OutputOptions } from "./process_context.ts";
import { report, toFailure } from "./report.ts";
import { ROUTES } from "../commands/routes.ts";

/**
 * Runs one command line and reports its result.
 *
 * @returns the exit code (src/cli/exit_code.ts).
 */
export async function run(
  args: readonly string[],
  makeContext: (options: OutputOptions) => Context,
): Promise<ExitCode> {
  const line = await readCommandLine(args, ROUTES);
  const context = makeContext(line.global);
  if (line.kind !== "command" && line.kind !== "mistake") {
    return await reportFailure(context, () => writeText(context, line));
  }
  const { outcome } = context;
  outcome.tracking = trackingOf(context);
  const usage = mayReport(context, outcome.tracking)
    ? await import("../telemetry/report.ts")
    : undefined;
  // The identity may change while a command runs.
  const begun = usage?.beginReport(context);
  outcome.reportPermissions = begun?.permissions ?? [];
  const code = line.kind === "command"
    ? await runCommand(context, line)
    : await reportFailure(context, () => refuse(line));
  if (usage && begun && outcome.ended) {
    await usage.reportCommand(context, outcome.tracking, {
      name: line.words.join(".") || "unknown",
      cliVersion: VERSION,
      failure: outcome.ended.kind === "failed" ? outcome.ended.message : undefined,
      typed: line.rest,
      anonId: begun.anonId,
      endedLogin: outcome.endedLogin,
    });
  }
  return code;
}

async function runCommand(
  context: Context,
  { command, values, args }: Extract<CommandLine, { kind: "command" }>,
): Promise<ExitCode> {
  const { outcome } = context;
  outcome.capabilities = command.capabilities;
  return await reportFailure(context, async () => {
    if (command.isLong) context.expectHangup();
    context.giveUp(unneeded([...command.needs, ...outcome.reportPermissions ?? []]));
    await command.run(context, values, args);
    outcome.ended = { kind: "succeeded" };
  });
}

/** Runs `work`, and turns what it throws into text and an exit code. */
async function reportFailure(context: Context, work: () => Promise<void>): Promise<ExitCode> {
  try {
    await work();
    return context.outcome.exitCode ?? 0;
  } catch (error) {
    const failure = toFailure(error);
    context.outcome.ended = { kind: "failed", message: failure.message };
    return report(context, failure);
  }
}

async function writeText(
  context: Context,
  line: Extract<CommandLine, { kind: "help" | "version" }>,
): Promise<void> {
  if (line.kind === "version") context.stdout.write(`${VERSION}\n`);
  else await (await import("./help.ts")).writeHelp(context.stdout, line, ROUTES);
}

async function refuse(line: Extract<CommandLine, { kind: "mistake" }>): Promise<never> {
  const { explain } = await import("./mistakes.ts");
  throw explain(line, ROUTES);
}
