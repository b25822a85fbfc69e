/** `usage.json`, shared with the Python CLI (docs/contracts.md, Files): the identity that events are sent as. */

import { isMapping, type Mapping } from "../contract/fields.ts";
import { pathIn } from "../system/paths.ts";
import { withLock } from "../files/lock.ts";
import { readPrivateFile } from "../files/private_file.ts";
import { writePrivateFile } from "../files/private_file_changes.ts";
import { fileFailure } from "../system/system_failure.ts";

/** The identity that telemetry uses on this machine. */
export interface TelemetryIdentity {
  /** A random UUID. */
  readonly anonId: string;
  /** The principal that {@link anonId} was aliased to, if it was. */
  readonly linkedPrincipalId: string | undefined;
}

/** The path of the identity in an Arcade folder. */
export function telemetryIdentityPath(folder: string): string {
  return pathIn(folder, "usage.json");
}

/** A new, unlinked identity. */
export function newTelemetryIdentity(): TelemetryIdentity {
  return { anonId: crypto.randomUUID(), linkedPrincipalId: undefined };
}

/** The stored identity; undefined when it is missing or invalid. Creates nothing. */
export function readTelemetryIdentity(folder: string): TelemetryIdentity | undefined {
  return read(folder)?.identity;
}

/** The stored identity, and whether the notice about telemetry was shown on this machine. */
export function readTelemetryUse(
  folder: string,
): { readonly identity: TelemetryIdentity | undefined; readonly isAnnounced: boolean } {
  const stored = read(folder);
  return { identity: stored?.identity, isAnnounced: stored?.document[NOTICE_SHOWN] === true };
}

/** Our own key of the file; the Python CLI drops it, so that the notice is shown again. */
const NOTICE_SHOWN = "notice_shown";

/**
 * Changes the stored identity under its lock. If it is missing or invalid, `change` gets a new one. Unknown keys of the file
 * are kept.
 *
 * @param options.timeoutMs how long to wait for the lock.
 * @param options.isAnnounced whether to note that the notice about telemetry was shown.
 * @returns the identity before and after.
 * @throws {Failure} of kind `file`; the old identity is kept then.
 */
export async function changeTelemetryIdentity(
  folder: string,
  change: (current: TelemetryIdentity) => TelemetryIdentity,
  options: { readonly timeoutMs: number; readonly isAnnounced?: boolean },
): Promise<{ before: TelemetryIdentity; after: TelemetryIdentity }> {
  ensureFolderInHome(folder);
  return await withLock(folder, ".usage.lock", () => {
    const stored = read(folder);
    const before = stored?.identity ?? newTelemetryIdentity();
    const after = change(before);
    if (after !== stored?.identity || options.isAnnounced) {
      const document = {
        ...stored?.document,
        anon_id: after.anonId,
        linked_principal_id: after.linkedPrincipalId ?? null,
        ...(options.isAnnounced && { [NOTICE_SHOWN]: true }),
      };
      writePrivateFile(telemetryIdentityPath(folder), `${JSON.stringify(document, null, 2)}\n`);
    }
    return { before, after };
  }, options);
}

/** Creates the Arcade folder if it is missing, but never the home folder. */
function ensureFolderInHome(folder: string): void {
  try {
    Deno.mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw fileFailure("create", folder, error);
  }
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** Longer than any id. */
const MAX_ID_LENGTH = 200;

/** Reads the file. An invalid file counts as missing, because it holds nothing worth keeping. */
function read(folder: string): { identity: TelemetryIdentity; document: Mapping } | undefined {
  let document: unknown;
  try {
    document = JSON.parse(readPrivateFile(telemetryIdentityPath(folder)) ?? "");
  } catch {
    return undefined;
  }
  if (!isMapping(document)) return undefined;
  const { anon_id: anonId, linked_principal_id: linked = null } = document;
  if (typeof anonId !== "string" || !UUID.test(anonId)) return undefined;
  if (linked === null) return { identity: { anonId, linkedPrincipalId: undefined }, document };
  if (typeof linked !== "string" || linked === "" || linked.length > MAX_ID_LENGTH) {
    return undefined;
  }
  return { identity: { anonId, linkedPrincipalId: linked }, document };
}
