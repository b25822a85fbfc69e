/** `usage-settings.json`: the telemetry decision of the user, in a file that no other program rewrites. */

import { isMapping } from "../contract/fields.ts";
import { pathIn } from "../system/paths.ts";
import { mayExist, readPrivateFile } from "../files/private_file.ts";

/** The path of the decision in an Arcade folder. */
export function telemetrySettingsPath(folder: string): string {
  return pathIn(folder, "usage-settings.json");
}

/**
 * The decision of the user: `undecided` without a file, `unreadable` for an invalid file, which may have been an opt-out.
 */
export type TelemetryDecision = "enabled" | "disabled" | "undecided" | "unreadable";

/** Reads the decision. */
export function readTelemetryDecision(folder: string): TelemetryDecision {
  const path = telemetrySettingsPath(folder);
  try {
    if (!mayExist(path)) return "undecided";
    const text = readPrivateFile(path);
    if (text === undefined) return "undecided";
    const settings: unknown = JSON.parse(text);
    const tracking = isMapping(settings) ? settings.tracking : undefined;
    return tracking === true ? "enabled" : tracking === false ? "disabled" : "unreadable";
  } catch {
    return "unreadable";
  }
}
