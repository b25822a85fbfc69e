/**
 * `identity.toml`: the identities for hubs (docs/contracts.md, Files). Muse reads and writes the same file, under
 * the same lock.
 */

import { Failure } from "../failure.ts";
import { Sensitive } from "../secrecy/sensitive.ts";
import { parseExpiry } from "./expiry.ts";
import { Fields, InvalidField, isMapping, type Mapping } from "../contract/fields.ts";
import { hubOf } from "../hosts/hub.ts";
import { type IdentityFile, withIdentityLock } from "./identity_file.ts";
import { moveAside, readPrivateFile, writePrivateFile } from "../files/private_file.ts";
import { NotToml, parseToml } from "./toml.ts";

/** The identity for one hub. */
export interface HubIdentity {
  /** The key of the hub (src/hosts/hub.ts). */
  readonly hub: string;
  readonly type: "human" | "agent";
  readonly name: string | undefined;
  readonly id: string | undefined;
  /** Undefined when none is stored. Check {@link expiresAt} before use. */
  readonly token: Sensitive | undefined;
  /** What the token allows an agent to do. Does not restrict people. */
  readonly capabilities: readonly string[];
  /** When the token expires; undefined if unknown. Muse does not preserve it. */
  readonly expiresAt: Date | undefined;
}

/** An invalid entry, written by another program. */
export interface UnusableEntry {
  readonly hub: string;
  /** What is wrong, such as `musehub.ai.token is missing or wrong`. */
  readonly problem: string;
}

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
 * The identity for a hub, or undefined if it does not exist.
 *
 * @param hub its key (src/hosts/hub.ts).
 * @throws {Failure} of kind `file` when the file or the entry is invalid; the message quotes neither.
 */
export function findIdentity(path: string, hub: string): HubIdentity | undefined {
  return understand(path, findEntry(readTables(path), hub));
}

/** All identities, in the order of the file. Throws as {@link findIdentity} does when the whole file is corrupt. */
export function listIdentities(path: string): {
  readonly identities: readonly HubIdentity[];
  readonly unusable: readonly UnusableEntry[];
} {
  const document = readTables(path);
  const identities: HubIdentity[] = [];
  const unusable: UnusableEntry[] = [];
  for (const hub of new Set(Object.keys(document).flatMap((key) => hubOf(key) ?? []))) {
    const entry = findEntry(document, hub);
    if (!entry || !isTable(entry.value)) continue; // another table with a name like a host
    try {
      identities.push(interpret(entry));
    } catch (error) {
      if (!(error instanceof InvalidField)) throw error;
      unusable.push({ hub, problem: error.message });
    }
  }
  return { identities, unusable };
}

/**
 * Creates or updates the identity for a hub. The rest of the file is kept.
 *
 * @returns the new state of the identity, and whether it is new.
 * @throws {Failure} as {@link findIdentity} does, and when the file cannot be written; it is unchanged then.
 */
export function saveIdentity(
  file: IdentityFile,
  hub: string,
  change: IdentityChange,
): Promise<{ readonly identity: HubIdentity; readonly isNew: boolean }> {
  return withIdentityLock(file, async () => {
    const read = await readDocument(file.path);
    const current = understand(file.path, findEntry(read.document, hub));
    return { identity: write(file, read, { hub, current, change }), isNew: !current };
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

/** The file is readable, but it is not TOML. */
class CorruptIdentities extends Failure {
  constructor(path: string, what: string) {
    super("file", `${path} is corrupt (${what})`, {
      next: "Correct it, or move it aside and start over with `arcade identity add --reset`",
    });
  }
}

/**
 * Whether a text can be a token: not empty, and without white space, control characters, and U+FFFD, which replaces what is
 * not UTF-8.
 */
export function isToken(text: string): boolean {
  return /^[!-~]+$/.test(text) || /^[^\s\p{Cc}\p{Cs}\uFFFD]+$/u.test(text);
}

/**
 * Whether capabilities cover a required one: `*` covers all, `read:*` covers `read:anything`, and any other covers only
 * itself.
 */
export function covers(capabilities: readonly string[], needed: string): boolean {
  return capabilities.some((one) =>
    one === needed || one === "*" || (one.endsWith(":*") && needed.startsWith(one.slice(0, -1)))
  );
}

/** Whether the token of an identity has expired. */
export function isExpired({ expiresAt }: HubIdentity, now: Date): boolean {
  return expiresAt !== undefined && expiresAt <= now;
}

const FIELDS = ["type", "name", "id", "token", "capabilities", "expires_at"];

/** The entry of a hub in the file. */
interface Entry {
  readonly hub: string;
  readonly value: unknown;
}

/** The name of a hub's table. Muse may have written it in another case; the normalized name has precedence. */
function keyOf(document: Mapping, hub: string): string {
  if (Object.hasOwn(document, hub)) return hub;
  return Object.keys(document).find((key) => hubOf(key) === hub) ?? hub;
}

function findEntry(document: Mapping, hub: string): Entry | undefined {
  const key = keyOf(document, hub);
  const value = Object.hasOwn(document, key) ? document[key] : undefined;
  return isEntry(value) ? { hub, value } : undefined;
}

/** Whether a value is an entry. A table without any field of an identity belongs to something else. */
function isEntry(value: unknown): boolean {
  return value !== undefined && (!isTable(value) || hasIdentity(value));
}

function hasIdentity(value: unknown): boolean {
  return isTable(value) && FIELDS.some((field) => Object.hasOwn(value, field));
}

function isTable(value: unknown): value is Mapping {
  return isMapping(value) && !(value instanceof Date);
}

function interpret({ hub, value }: Entry): HubIdentity {
  if (!isTable(value)) throw new InvalidField(hub);
  const fields = new Fields(value, hub);
  const type = fields.text("type") ?? "human";
  if (type !== "human" && type !== "agent") throw new InvalidField(`${hub}.type`);
  const token = fields.text("token");
  if (token && !isToken(token)) throw new InvalidField(`${hub}.token`);
  const { capabilities = [], expires_at: expiry } = value;
  if (!isTexts(capabilities)) throw new InvalidField(`${hub}.capabilities`);
  // A native TOML date is allowed too.
  const expiryText = expiry instanceof Date ? expiry.toISOString() : fields.text("expires_at");
  const expiresAt = expiryText === undefined ? undefined : parseExpiry(expiryText);
  if (expiryText !== undefined && !expiresAt) throw new InvalidField(`${hub}.expires_at`);
  return {
    hub,
    type,
    name: fields.text("name") || undefined,
    id: fields.text("id") || undefined,
    token: token ? new Sensitive(token) : undefined,
    capabilities,
    expiresAt,
  };
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((one) => typeof one === "string");
}

function understand(path: string, entry: Entry | undefined): HubIdentity | undefined {
  try {
    return entry && interpret(entry);
  } catch (error) {
    if (!(error instanceof InvalidField)) throw error;
    throw new Failure("file", `${path} is corrupt (${error.message})`, {
      next: `Correct it, or remove the entry with \`arcade identity remove --hub ${entry?.hub}\``,
    });
  }
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

/** The tables of the file; none if it is missing. */
function readTables(path: string): Mapping {
  return parsing(path, () => parseToml(readSource(path) ?? ""));
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

/** Runs `work`, and reports invalid TOML with the path of the file. */
function parsing<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof NotToml ? new CorruptIdentities(path, error.message) : error;
  }
}

function readSource(path: string): string | undefined {
  try {
    return readPrivateFile(path);
  } catch (error) {
    const isNotText = error instanceof Failure && error.cause instanceof TypeError;
    throw isNotText ? new CorruptIdentities(path, "it is not UTF-8 text") : error;
  }
}
