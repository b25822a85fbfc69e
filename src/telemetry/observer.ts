import type { BegunReport, EndedCommand } from "./command_report.ts";
import type { TelemetryContext } from "./context.ts";
import { mayReport, trackingOf } from "./tracking.ts";

/** Prepares the report of a command, if telemetry is on. The result reports it when it has ended. */
export async function observeCommand(
  context: TelemetryContext,
): Promise<
  {
    readonly permissions: BegunReport["permissions"];
    readonly ended: (command: Omit<EndedCommand, keyof BegunReport["use"]>) => Promise<void>;
  } | undefined
> {
  if (!mayReport(context, trackingOf(context))) return undefined;
  const { beginReport, reportCommand } = await import("./command_report.ts");
  const begun = beginReport(context);
  if (!begun) return undefined;
  const { use, permissions } = begun;
  return { permissions, ended: (command) => reportCommand(context, { ...command, ...use }) };
}
