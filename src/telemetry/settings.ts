/** `usage-settings.json`: what the user decided about telemetry, in a file that no other program rewrites. */

import { isMapping } from "../fields.ts";
import { withLock } from "../store/lock.ts";
import { mayExist, moveAside, readPrivateFile, writePrivateFile } from "../store/private_file.ts";

/** Where the decision is kept in an Arcade folder. */
export function telemetrySettingsPath(folder: string): string {
  return `${folder}/usage-settings.json`;
}

/**
 * What the user decided: `undecided` when there is no file, `unreadable` when there is one that does not tell, which may
 * have said no.
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
 * Stores the decision; unknown keys of the file are kept. A file that cannot be understood is kept aside.
 *
 * @returns the path of the file that was moved aside, if one was.
 * @throws {Failure} of kind `file`; the old decision still holds then.
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

/** The lock is only held for a write, so whoever holds it for longer hangs. */
const LOCK_TIMEOUT_MS = 5000;

function parse(text: string) {
  try {
    const settings: unknown = JSON.parse(text);
    return isMapping(settings) ? settings : undefined;
  } catch {
    return undefined;
  }
}
