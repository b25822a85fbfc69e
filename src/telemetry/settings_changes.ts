/** Stores the telemetry decision of the user. Separate from reading it, which every command does. */

import { isMapping } from "../contract/fields.ts";
import { withLock } from "../files/lock.ts";
import { readPrivateFile } from "../files/private_file.ts";
import { moveAside, writePrivateFile } from "../files/private_file_changes.ts";
import { telemetrySettingsPath } from "./settings.ts";

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
