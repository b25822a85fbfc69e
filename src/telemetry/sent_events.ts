/** `usage-sent.json`: the last telemetry requests as they were sent, so that users can verify them. */

import { Fields } from "../contract/fields.ts";
import { pathIn } from "../system/paths.ts";
import { withLock } from "../files/lock.ts";
import { readPrivateFile } from "../files/private_file.ts";
import { writePrivateFile } from "../files/private_file_changes.ts";

/** How many requests are kept. */
const KEPT = 50;
/** The lock is held only during a write. */
const LOCK_MS = 3000;

export interface SentEvent {
  /** ISO 8601. */
  readonly sent_at: string;
  readonly url: string;
  /** The body as it was sent. */
  readonly body: string;
}

/** The path of the file in an Arcade folder. */
export function sentEventsPath(folder: string): string {
  return pathIn(folder, "usage-sent.json");
}

/** The recorded requests, oldest first. An invalid file counts as empty. */
export function readSentEvents(folder: string): SentEvent[] {
  try {
    const sent = JSON.parse(readPrivateFile(sentEventsPath(folder)) ?? "[]");
    return new Fields({ sent }).requiredList("sent").map((event) => ({
      sent_at: event.requiredText("sent_at"),
      url: event.requiredText("url"),
      body: event.requiredText("body"),
    }));
  } catch {
    return [];
  }
}

/**
 * Records a request right before it is sent, and drops the oldest one.
 *
 * @throws when the request cannot be recorded. It must not be sent then.
 */
export async function keepSentEvent(folder: string, event: SentEvent): Promise<void> {
  await withLock(folder, ".usage.lock", () => {
    const events = [...readSentEvents(folder), event].slice(-KEPT);
    writePrivateFile(sentEventsPath(folder), `${JSON.stringify(events, null, 2)}\n`);
  }, { timeoutMs: LOCK_MS });
}
