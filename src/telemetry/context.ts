import type { AttendanceEnvironment } from "../system/attendance.ts";
import type { Clock } from "../system/clock.ts";
import type { Output } from "../terminal/streams.ts";
import type { Device } from "./event.ts";
import type { TrackingContext } from "./tracking.ts";

/** The context of a command that is reported. */
export interface TelemetryContext extends TrackingContext {
  readonly env: TrackingContext["env"] & AttendanceEnvironment & {
    readonly ARCADE_CONTEXT?: string | undefined;
    readonly HOME?: string | undefined;
    readonly USERPROFILE?: string | undefined;
    readonly ARCADE_IDENTITY_FILE?: string | undefined;
  };
  readonly io: { readonly stderr: Pick<Output, "isTerminal" | "columns" | "write"> };
  readonly clock: Pick<Clock, "now" | "elapsedMs">;
  readonly machine: {
    /** Reads the properties of the machine once, before that permission is dropped. */
    readonly device: () => Device;
  };
  readonly processes: {
    /** Starts the detached process that sends the event (JSON). */
    readonly startTelemetryChild: (event: string) => Promise<void>;
  };
}
