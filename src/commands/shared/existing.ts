/**
 * `--if-not-exists` and `--ignore-missing`: a command that creates or removes something succeeds if there is nothing to do. It says so
 * on stderr, and with `--json` in the lists `existing` and `missing`.
 */

import { flag } from "../../cli/declaration.ts";
import { Failure } from "../../failure.ts";
import type { Context } from "../context.ts";

export interface IfNotExistsFlag {
  readonly ifNotExists?: boolean;
}

export const ifNotExistsFlag = {
  ifNotExists: flag("If it exists, leave it unchanged and succeed"),
};

export interface IgnoreMissingFlag {
  readonly ignoreMissing?: boolean;
}

export const ignoreMissingFlag = {
  ignoreMissing: flag("Succeed if there is nothing to remove"),
};

/** Reports that something exists and was left unchanged. */
export function tellExisting({ io }: Context, what: string): void {
  io.info(`Left ${what} unchanged, because it already exists`);
}

/** Reports that something does not exist, so nothing was removed. */
export function tellMissing({ io }: Context, what: string): void {
  io.info(`There is no ${what}; nothing to remove`);
}

/** Whether the object of a removal does not exist, which `--ignore-missing` allows. Throws as the removal does. */
export async function isGone(
  { ignoreMissing }: IgnoreMissingFlag,
  remove: () => Promise<unknown>,
): Promise<boolean> {
  try {
    await remove();
    return false;
  } catch (error) {
    if (ignoreMissing && error instanceof Failure && error.kind === "not-found") return true;
    throw error;
  }
}
