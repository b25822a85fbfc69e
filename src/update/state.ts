/** `update-check.json`: the state of checks for newer versions (docs/contracts.md, Files). */

import { Fields, InvalidField, isMapping, parseJson } from "../contract/fields.ts";
import { pathIn } from "../system/paths.ts";
import { withLock } from "../files/lock.ts";
import { mayExist, readPrivateFile } from "../files/private_file.ts";
import { writePrivateFile } from "../files/private_file_changes.ts";
import { isVersion } from "./versions.ts";

export interface UpdateState {
  /** When the last check for a newer version started. */
  readonly checkedAt?: Date | undefined;
  /** When the user last saw the notice. */
  readonly toldAt?: Date | undefined;
  /** The newest version that was found. */
  readonly newest?: string | undefined;
}

const NAME = "update-check.json";
/** The lock is held only during a write. */
const LOCK_MS = 2000;

/** The state in an Arcade folder; empty without a valid file. Throws a {@link Failure} when it cannot be read. */
export function readUpdateState(folder: string): UpdateState {
  const path = pathIn(folder, NAME);
  const text = mayExist(path) ? readPrivateFile(path) : undefined;
  const content = text === undefined ? undefined : parseJson(text);
  if (!isMapping(content)) return {};
  try {
    const fields = new Fields(content);
    const newest = fields.text("newest");
    return {
      checkedAt: dateOf(fields.text("checked_at")),
      toldAt: dateOf(fields.text("told_at")),
      newest: newest !== undefined && isVersion(newest) ? newest : undefined,
    };
  } catch (error) {
    if (error instanceof InvalidField) return {};
    throw error;
  }
}

/** Changes some of the state. */
export async function changeUpdateState(folder: string, change: UpdateState): Promise<void> {
  await withLock(folder, ".update-check.lock", () => {
    const { checkedAt, toldAt, newest } = { ...readUpdateState(folder), ...change };
    const content = { checked_at: checkedAt, told_at: toldAt, newest };
    writePrivateFile(pathIn(folder, NAME), `${JSON.stringify(content, null, 2)}\n`);
  }, { timeoutMs: LOCK_MS });
}

function dateOf(text: string | undefined): Date | undefined {
  const date = new Date(text ?? "");
  return Number.isNaN(date.getTime()) ? undefined : date;
}
