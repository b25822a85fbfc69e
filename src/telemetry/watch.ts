import { VERSION } from "../version.ts";
import type { BegunReport, EndedLogin } from "./report.ts";
import type { TelemetryContext } from "./context.ts";
import { mayReport, type Tracking, trackingOf } from "./tracking.ts";

/** What commands record for telemetry. */
export interface TelemetryRecord {
  /** The state of telemetry: resolved before the command runs, and updated by commands that change it. */
  tracking?: Tracking;
  /** The login that the command ended, if any. */
  endedLogin?: EndedLogin | undefined;
}

/** Prepares the report of a command, if telemetry is on. The result reports it when it has ended. */
export async function watchCommand(
  context: TelemetryContext & {
    readonly telemetry: TelemetryRecord;
    readonly result: { readonly contextName?: string };
  },
): Promise<
  {
    readonly permissions: BegunReport["permissions"];
    readonly ended: (command: {
      readonly words: readonly string[];
      readonly rest: readonly string[];
      readonly failure: string | undefined;
    }) => Promise<void>;
  } | undefined
> {
  const { telemetry } = context;
  telemetry.tracking = trackingOf(context);
  if (!mayReport(context, telemetry.tracking)) return undefined;
  const { beginReport, reportCommand } = await import("./report.ts");
  // The identity may change while a command runs.
  const begun = beginReport(context);
  if (!begun) return undefined;
  const { anonId, isAnnounced, permissions } = begun;
  return {
    permissions,
    ended: ({ words, rest, failure }) =>
      reportCommand(context, telemetry.tracking ?? trackingOf(context), {
        name: words.join(".") || "unknown",
        cliVersion: VERSION,
        failure,
        typed: rest,
        anonId,
        isAnnounced,
        endedLogin: telemetry.endedLogin,
        contextName: context.result.contextName,
      }),
  };
}
