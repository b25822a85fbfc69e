/**
 * The logins at local Arcades that proved their identity. In a separate file, because the Python CLI drops
 * unknown keys of credentials.yaml.
 */

import { isMapping, parseJson } from "../contract/fields.ts";
import { pathIn } from "../system/paths.ts";
import { mayExist, readPrivateFile, requireOwnFolder } from "./private_file.ts";
import { writePrivateFile } from "./private_file_changes.ts";
import { runningFolder } from "./arcade_folder.ts";
import { ensureRunningFolder } from "./running.ts";

/** The parts of a login that its proof needs. */
export interface LoginAt {
  readonly contextName: string;
  /** Its coordinator, without a final slash. */
  readonly coordinatorUrl: string | undefined;
}

/** Whether a login is at a local Arcade that proved its identity. Throws a {@link Failure} of kind `file`. */
export function isProven(folder: string, { contextName, coordinatorUrl }: LoginAt): boolean {
  return coordinatorUrl !== undefined && readProven(folder).get(contextName) === coordinatorUrl;
}

/**
 * Notes whether a new login was proven. The caller holds the credentials lock.
 *
 * @throws {Failure} of kind `file`.
 */
export function noteProof(
  folder: string,
  { contextName, coordinatorUrl }: LoginAt,
  wasProven: boolean,
): void {
  const proven = readProven(folder);
  const isNoted = proven.has(contextName);
  if (!wasProven && !isNoted) return;
  if (wasProven && coordinatorUrl !== undefined) proven.set(contextName, coordinatorUrl);
  else proven.delete(contextName);
  ensureRunningFolder(folder);
  writePrivateFile(pathOf(folder), `${JSON.stringify(Object.fromEntries(proven), null, 2)}\n`);
}

/** The coordinator of each context whose login was proven. */
function readProven(folder: string): Map<string, string> {
  // Removing the file makes every login an unproven one.
  requireOwnFolder(runningFolder(folder));
  const path = pathOf(folder);
  const text = mayExist(path) ? readPrivateFile(path) : undefined;
  const content = text === undefined ? undefined : parseJson(text);
  const entries = isMapping(content) ? Object.entries(content) : [];
  return new Map(entries.flatMap(([name, url]) => typeof url === "string" ? [[name, url]] : []));
}

function pathOf(folder: string): string {
  return pathIn(runningFolder(folder), "logins.json");
}
