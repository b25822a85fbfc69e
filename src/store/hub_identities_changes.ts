/** Changes `identity.toml`. Separate from reading, because most commands only read it. */

import { moveAside, writePrivateFile } from "../files/private_file_changes.ts";
import { hubOf } from "../hosts/hub.ts";
import type { Sensitive } from "../secrecy/sensitive.ts";
import {
  CorruptIdentities,
  findEntry,
  findIdentity,
  hasIdentity,
  isEntry,
  keyOf,
  parsing,
  readSource,
  understand,
} from "./hub_identities.ts";
import type { HubIdentity } from "./hub_identity.ts";
import type { IdentityFile } from "./identity_file.ts";
import { withIdentityLock } from "./identity_lock.ts";
import { parseToml } from "./toml.ts";

/** An update of an identity. Omitted fields are kept, and an empty text removes a field. */
export interface IdentityChange {
  readonly type?: HubIdentity["type"];
  readonly name?: string;
  readonly id?: string;
  readonly token?: Sensitive;
  readonly capabilities?: readonly string[];
  /** The expiry of the token. A new token without it has none. */
  readonly expiresAt?: Date;
}

/**
 * Creates or updates the identity for a hub. The rest of the file is kept.
 *
 * @param options.keepsExisting whether an existing identity is left unchanged.
 * @returns the new state of the identity, whether it is new, and whether it was left unchanged.
 * @throws {Failure} as {@link findIdentity} does, and when the file cannot be written; it is unchanged then.
 */
export function saveIdentity(
  file: IdentityFile,
  hub: string,
  change: IdentityChange,
  { keepsExisting = false }: { readonly keepsExisting?: boolean } = {},
): Promise<
  { readonly identity: HubIdentity; readonly isNew: boolean; readonly isKept: boolean }
> {
  return withIdentityLock(file, async () => {
    const read = await readDocument(file.path);
    const current = understand(file.path, findEntry(read.document, hub));
    if (current && keepsExisting) return { identity: current, isNew: false, isKept: true };
    const identity = write(file, read, { hub, current, change });
    return { identity, isNew: !current, isKept: false };
  });
}

/**
 * Updates the identity for a hub, if it exists. Throws as {@link saveIdentity} does.
 *
 * @param decide returns the change for the current identity, or undefined for none; called under the lock.
 * @param options.isRemoval whether the change removes a token.
 */
export async function updateIdentity(
  file: IdentityFile,
  hub: string,
  decide: (current: HubIdentity) => IdentityChange | undefined,
  options: { readonly isRemoval?: boolean } = {},
): Promise<void> {
  if (!findIdentity(file.path, hub)) return;
  await withIdentityLock(file, async () => {
    const read = await readDocument(file.path);
    const current = understand(file.path, findEntry(read.document, hub));
    const change = current && decide(current);
    if (change) write(file, read, { hub, current, change });
  }, options);
}

function write(
  file: IdentityFile,
  { document, edit }: Awaited<ReturnType<typeof readDocument>>,
  { hub, current, change }: {
    readonly hub: string;
    readonly current: HubIdentity | undefined;
    readonly change: IdentityChange;
  },
): HubIdentity {
  const edited = edit(keyOf(document, hub), toValues(change, current));
  const identity = understand(file.path, findEntry(edited.document, hub));
  if (!identity) throw new Error("An identity that was changed is not there");
  writePrivateFile(file.path, edited.source);
  return identity;
}

/**
 * Removes the identities for these hubs, or for all. The rest of the file is kept. Throws as {@link saveIdentity} does.
 *
 * @returns the hubs whose identities were removed.
 */
export async function removeIdentities(
  file: IdentityFile,
  hubs: ReadonlySet<string> | "all",
): Promise<string[]> {
  if (readSource(file.path) === undefined) return [];
  return await withIdentityLock(file, async () => {
    const { document, remove } = await readDocument(file.path);
    const found = Object.keys(document).flatMap((key) => {
      const hub = hubOf(key);
      const isMeant = hub !== undefined &&
        (hubs === "all" ? hasIdentity(document[key]) : hubs.has(hub) && isEntry(document[key]));
      return isMeant ? [{ hub, key }] : [];
    });
    if (found.length > 0) {
      writePrivateFile(file.path, remove(new Set(found.map(({ key }) => key))));
    }
    return [...new Set(found.map(({ hub }) => hub))];
  }, { isRemoval: true });
}

/**
 * Moves the file aside if it is corrupt.
 *
 * @returns the new path, if it was moved.
 */
export function moveCorruptAside(
  file: IdentityFile,
  now: Date,
): Promise<string | undefined> {
  return withIdentityLock(file, async () => {
    try {
      await readDocument(file.path);
      return undefined;
    } catch (error) {
      if (error instanceof CorruptIdentities) return moveAside(file.path, now);
      throw error;
    }
  });
}

/** The values of the changed fields; undefined removes a field. */
function toValues(change: IdentityChange, current: HubIdentity | undefined) {
  const { type = current ? undefined : "human", name, id, token, capabilities, expiresAt } = change;
  const isOtherToken = token !== undefined && token.reveal() !== (current?.token?.reveal() ?? "");
  return {
    ...(type && { type }),
    ...(name !== undefined && { name: name || undefined }),
    ...(id !== undefined && { id: id || undefined }),
    ...(token && { token: token.reveal() }),
    ...(capabilities && { capabilities: [...capabilities] }),
    ...((expiresAt || isOtherToken) && { expires_at: expiresAt?.toISOString() }),
  };
}

/** The parsed file, with functions that edit it. All throw {@link CorruptIdentities}. */
async function readDocument(path: string) {
  const source = readSource(path) ?? "";
  const { editTable, removeTables } = await import("./toml_tables.ts");
  return {
    document: parsing(path, () => parseToml(source)),
    edit: (name: string, changes: Parameters<typeof editTable>[2]) =>
      parsing(path, () => {
        const edited = editTable(source, name, changes);
        return { source: edited, document: parseToml(edited) };
      }),
    remove: (names: ReadonlySet<string>) => parsing(path, () => removeTables(source, names)),
  };
}
