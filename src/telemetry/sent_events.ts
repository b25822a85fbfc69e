/** `usage-sent.json`: the last requests of telemetry as they were sent, so that its promises can be checked. */

import { Fields } from "../fields.ts";
import { withLock } from "../store/lock.ts";
import { readPrivateFile, writePrivateFile } from "../store/private_file.ts";

/** So many are kept. */
const KEPT = 50;
/** The lock is held for a write only. */
const LOCK_MS = 3000;

export interface SentEvent {
  /** ISO 8601. */
  readonly sent_at: string;
  readonly url: string;
  /** The body as it was sent. */
  readonly body: string;
}

/** Where they are kept in an Arcade folder. */
export function sentEventsPath(folder: string): string {
  return `${folder}/usage-sent.json`;
}

/** The requests that are kept, the oldest first. A file that cannot be understood has none. */
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
 * Keeps one more request, which is sent right after, and forgets the oldest.
 *
 * @param options.isCurrent asked while nobody can change the identity; the request may not be sent if it says no.
 * @throws when it cannot be kept, and so may not be sent either.
 */
export async function keepSentEvent(
  folder: string,
  event: SentEvent,
  options: { readonly isCurrent: () => boolean },
): Promise<void> {
  await withLock(folder, ".usage.lock", () => {
    if (!options.isCurrent()) throw new Error("Somebody else is at the machine by now");
    const events = [...readSentEvents(folder), event].slice(-KEPT);
    writePrivateFile(sentEventsPath(folder), `${JSON.stringify(events, null, 2)}\n`);
  }, { timeoutMs: LOCK_MS });
}
