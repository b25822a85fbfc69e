/** `usage-settings.json`: the telemetry decision of the user, in a file that no other program rewrites. */

import { isMapping } from "../contract/fields.ts";
import { pathIn } from "../system/paths.ts";
import { withLock } from "../files/lock.ts";
import { mayExist, moveAside, readPrivateFile, writePrivateFile } from "../files/private_file.ts";

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

/**
 * Stores the decision. Unknown keys of the file are kept; an invalid file is moved aside.
 *
 * @returns the path of the file that was moved aside, if any.
 * @throws {Failure} of kind `file`; the old decision is kept then.
 */
export function writeTelemetryDecision(
  folder: string,
  options: { readonly tracking: boolean; readonly now: Date },
): Promise<string | undefined> {
  const path = telemetrySettingsPath(folder);
  return withLock(folder, ".usage.lock", () => {
    const text = readPrivateFile(path);
    const settings = text === undefined ? {} : parse(text);
    const aside = settings ? undefined : moveAside(path, options.now);
    const document = { ...settings, tracking: options.tracking };
    writePrivateFile(path, `${JSON.stringify(document, null, 2)}\n`);
    return aside;
  }, { timeoutMs: LOCK_TIMEOUT_MS });
}

/** The lock is held only during a write, so a longer wait means that its holder hangs. */
const LOCK_TIMEOUT_MS = 5000;

function parse(text: string) {
  try {
    const settings: unknown = JSON.parse(text);
    return isMapping(settings) ? settings : undefined;
  } catch {
    return undefined;
  }
}
