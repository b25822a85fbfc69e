/** The report of a command. */

import { VERSION } from "../version.ts";
import type { TelemetryContext } from "./context.ts";
import { COMMAND_FAILED, COMMAND_SUCCEEDED, deviceProperties } from "./event.ts";
import { EndedLogin } from "./logout.ts";
import { mayBeReported, readUse, type Use, writesIdentity } from "./notice.ts";
import { report } from "./report.ts";
import { isDebugging } from "./tracking.ts";

/** A command line that has ended. */
export interface EndedCommand extends Use {
  /** The words of the command: `["secret", "set"]`. */
  readonly words: readonly string[];
  /** What the user typed after the words of the command. */
  readonly rest: readonly string[];
  /** The values of its flags. */
  readonly flags: Readonly<Record<string, unknown>>;
  /** The error message that the user saw, if the command failed. */
  readonly failure: string | undefined;
  /** How the command ended if it did not fail; an {@link EndedLogin} after a logout. */
  readonly outcome: unknown;
}

/** What the report of a command needs before the command drops its permissions. */
export interface BegunReport {
  /** The identity may change while a command runs. */
  readonly use: Use;
  /** The permissions that the report needs after the command. */
  readonly permissions: readonly ("run" | "write")[];
}

/** Prepares the report of a command before it runs; undefined if it is not reported. */
export function beginReport(context: TelemetryContext): BegunReport | undefined {
  const use = readUse(context);
  if (!mayBeReported(context, use)) return undefined;
  const permissions: ("run" | "write")[] = [];
  try {
    context.machine.device();
    if (!isDebugging(context.env)) permissions.push("run");
    if (writesIdentity(context, use)) permissions.push("write");
  } catch {
    // The report will fail for the same reason.
  }
  return { use, permissions };
}

/** Reports a command that has ended. */
export function reportCommand(
  context: TelemetryContext,
  command: EndedCommand,
): Promise<void> {
  const { words, rest, flags, failure, outcome } = command;
  const circumstances = {
    anonId: command.anonId,
    isAnnounced: command.isAnnounced,
    endedLogin: outcome instanceof EndedLogin ? outcome : undefined,
    contextName: typeof flags.context === "string"
      ? flags.context
      : context.env.ARCADE_CONTEXT || undefined,
  };
  return report(context, circumstances, async (device) => {
    const ms = context.clock.elapsedMs();
    const failed = failure !== undefined && {
      error_message: await redactFailure(context, failure, rest),
    };
    return {
      name: failed ? COMMAND_FAILED : COMMAND_SUCCEEDED,
      properties: {
        command_name: words.join(".") || "unknown",
        cli_version: VERSION,
        ...deviceProperties(device),
        duration_ms: Math.round(ms),
        device_start_timestamp: device.uptimeAtStart,
        device_end_timestamp: device.uptimeAtStart + ms / 1000,
        ...failed,
      },
    };
  });
}

async function redactFailure(
  context: TelemetryContext,
  failure: string,
  typed: readonly string[],
): Promise<string> {
  const [{ hidePrivate }, { privateTexts }] = await Promise.all([
    import("./error_text.ts"),
    import("./private_texts.ts"),
  ]);
  return hidePrivate(failure, await privateTexts(context, typed));
}
