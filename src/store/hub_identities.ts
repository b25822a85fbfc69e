/**
 * `identity.toml`: the identities for hubs (docs/contracts.md, Files). Muse reads and writes the same file, under
 * the same lock.
 */

import { Failure } from "../failure.ts";
import { Sensitive } from "../secrecy/sensitive.ts";
import { parseExpiry } from "./expiry.ts";
import { Fields, InvalidField, isMapping, type Mapping } from "../contract/fields.ts";
import { hubOf } from "../hosts/hub.ts";
import { type HubIdentity, isToken } from "./hub_identity.ts";
import { readPrivateFile } from "../files/private_file.ts";
import { NotToml, parseToml } from "./toml.ts";

/** An invalid entry, written by another program. */
export interface UnusableEntry {
  readonly hub: string;
  /** The problem, such as `musehub.ai.token is missing or invalid`. */
  readonly problem: string;
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

/** The file is readable, but it is not TOML. */
export class CorruptIdentities extends Failure {
  constructor(path: string, what: string) {
    super("file", `${path} is corrupt (${what})`, {
      next: "Correct it, or move it aside and start a new one with `arcade identity add --reset`",
    });
  }
}

const FIELDS = ["type", "name", "id", "token", "capabilities", "expires_at"];

/** The entry of a hub in the file. */
interface Entry {
  readonly hub: string;
  readonly value: unknown;
}

/** The name of a hub's table. Muse may have written it in another case; the normalized name has precedence. */
export function keyOf(document: Mapping, hub: string): string {
  if (Object.hasOwn(document, hub)) return hub;
  return Object.keys(document).find((key) => hubOf(key) === hub) ?? hub;
}

export function findEntry(document: Mapping, hub: string): Entry | undefined {
  const key = keyOf(document, hub);
  const value = Object.hasOwn(document, key) ? document[key] : undefined;
  return isEntry(value) ? { hub, value } : undefined;
}

/** Whether a value is an entry. A table without any field of an identity belongs to something else. */
export function isEntry(value: unknown): boolean {
  return value !== undefined && (!isTable(value) || hasIdentity(value));
}

export function hasIdentity(value: unknown): boolean {
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

export function understand(path: string, entry: Entry | undefined): HubIdentity | undefined {
  try {
    return entry && interpret(entry);
  } catch (error) {
    if (!(error instanceof InvalidField)) throw error;
    throw new Failure("file", `${path} is corrupt (${error.message})`, {
      next: `Correct it, or remove the entry with \`arcade identity remove --hub ${entry?.hub}\``,
    });
  }
}

/** The tables of the file; none if it is missing. */
function readTables(path: string): Mapping {
  return parsing(path, () => parseToml(readSource(path) ?? ""));
}

/** Runs `work`, and reports invalid TOML with the path of the file. */
export function parsing<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof NotToml ? new CorruptIdentities(path, error.message) : error;
  }
}

export function readSource(path: string): string | undefined {
  try {
    return readPrivateFile(path);
  } catch (error) {
    const isNotText = error instanceof Failure && error.cause instanceof TypeError;
    throw isNotText ? new CorruptIdentities(path, "it is not UTF-8 text") : error;
  }
}
