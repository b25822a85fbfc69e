/** How main.ts recognizes that arcade was started by itself or by a shell's script, not by a user. */

/** The variable that passes a telemetry event to the process that sends it. */
export const EVENT_VARIABLE = "ARCADE_USAGE_EVENT_DATA";

/** That process exits after this time in any case, so that it is gone within ten seconds of its command. */
export const CHILD_MS = 9_500;

/** The first word of the command line of the process that looks for a newer version. The next one is the Arcade folder. */
export const CHECK = "__check-for-update";

/** How long that process lives at most. */
export const CHECK_MS = 10_000;

/** The first word of the command lines that the scripts of shells run. */
export const COMPLETE = "__complete";
