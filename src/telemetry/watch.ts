import { VERSION } from "../version.ts";
import type { EndedLogin } from "./event.ts";
import type { BegunReport, TelemetryContext } from "./report.ts";
import { mayReport, type Tracking, trackingOf } from "./tracking.ts";

/** What commands tell telemetry about themselves. */
export interface TelemetryRecord {
  /** Whether the command is reported: decided before it runs, and again by the commands that change that. */
  tracking?: Tracking;
  /** The login that the command ended, if it did. */
  endedLogin?: EndedLogin | undefined;
}

/** Watches a command that is about to run, if it is reported, and reports it in the end. */
export async function watchCommand(
  context: TelemetryContext & { readonly telemetry: TelemetryRecord },
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
  const { anonId, permissions } = beginReport(context);
  return {
    permissions,
    ended: ({ words, rest, failure }) =>
      reportCommand(context, telemetry.tracking ?? trackingOf(context), {
        name: words.join(".") || "unknown",
        cliVersion: VERSION,
        failure,
        typed: rest,
        anonId,
        endedLogin: telemetry.endedLogin,
      }),
  };
}
