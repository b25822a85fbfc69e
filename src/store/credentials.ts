/**
 * `credentials.yaml`, shared with the Python CLI (docs/contracts.md, Files).
 */

import type { ActiveProject } from "../active_project.ts";
import { Failure } from "../failure.ts";
import { Sensitive } from "../sensitive.ts";
import { formatExpiry, parseExpiry } from "./expiry.ts";
import { Fields, InvalidField, isMapping, type Mapping } from "../fields.ts";
import { withLock } from "./lock.ts";
import { readPlainYaml } from "./plain_yaml.ts";
import {
  ensurePrivateFolder,
  ensureWritable,
  moveAside,
  readPrivateFile,
  removePrivateFile,
  writePrivateFile,
} from "./private_file.ts";

/** A login through OAuth. */
export interface OAuthCredentials {
  readonly kind: "oauth";
  /** The coordinator that issued the tokens; undefined if the file does not contain it. */
  readonly coordinatorUrl: string | undefined;
  /** The engine of a self-hosted Arcade, which newer versions of the Python CLI store. */
  readonly engineUrl: string | undefined;
  readonly accessToken: Sensitive;
  readonly refreshToken: Sensitive | undefined;
  readonly expiresAt: Date;
  readonly email: string;
  /** The principal; undefined in files of the Python CLI, which does not store it. */
  readonly accountId: string | undefined;
  readonly context: ActiveProject | undefined;
}

/** Credentials of older versions of the Python CLI: an API key instead of a login. */
export interface LegacyCredentials {
  readonly kind: "legacy";
  readonly coordinatorUrl: string | undefined;
  readonly apiKey: Sensitive;
}

export type Credentials = OAuthCredentials | LegacyCredentials;

/** The path of the credentials in an Arcade folder. */
export function credentialsPath(folder: string): string {
  return `${folder}/credentials.yaml`;
}

/**
 * The stored credentials, or undefined if not logged in.
 *
 * @throws {Failure} of kind `file` when the file is unreadable or invalid. The message does not quote it.
 */
export async function readCredentials(folder: string): Promise<Credentials | undefined> {
  const path = credentialsPath(folder);
  const document = await readDocument(path);
  return document && understand(path, () => interpret(document.cloud));
}

/**
 * Runs `work` while holding the lock of the credentials.
 *
 * @param options.timeoutMs how long to wait for the lock.
 */
export function withCredentialsLock<T>(
  folder: string,
  work: () => Promise<T> | T,
  options: { readonly timeoutMs?: number } = {},
): Promise<T> {
  return withLock(folder, ".credentials.lock", work, options);
}

/**
 * Checks that credentials like these can be stored, before new tokens are requested. The caller holds the credentials lock.
 *
 * @throws {Failure} of kind `file`.
 */
export async function ensureStorable(
  folder: string,
  credentials: OAuthCredentials,
): Promise<void> {
  const path = credentialsPath(folder);
  ensureWritable(path, await serialize(path, credentials));
}

/**
 * Stores credentials. Unknown keys of the file are kept. The caller holds the credentials lock.
 *
 * @throws {Failure} of kind `file`; the old file is kept then.
 */
export async function writeCredentials(
  folder: string,
  credentials: OAuthCredentials,
): Promise<void> {
  const path = credentialsPath(folder);
  writePrivateFile(path, await serialize(path, credentials));
}

/** The content of the file with these credentials. */
async function serialize(path: string, credentials: OAuthCredentials): Promise<string> {
  const { others, cloud } = await readDocument(path) ?? { others: {}, cloud: new Fields({}) };
  const { name, login } = understand(path, () => activeLogin(cloud));
  const { context } = credentials;
  const within = (key: string) => understand(path, () => login.fields(key))?.mapping;
  // These fields may belong to another account or another Arcade.
  const { account_id: _previous, ...user } = within("user") ?? {};
  const { engine_url: _previousEngine, ...kept } = login.mapping;
  const written = {
    ...kept,
    ...(credentials.coordinatorUrl && { coordinator_url: credentials.coordinatorUrl }),
    ...(credentials.engineUrl && { engine_url: credentials.engineUrl }),
    auth: {
      ...within("auth"),
      access_token: credentials.accessToken.reveal(),
      refresh_token: credentials.refreshToken?.reveal() ?? null,
      expires_at: formatExpiry(credentials.expiresAt),
    },
    user: {
      ...user,
      email: credentials.email,
      ...(credentials.accountId !== undefined && { account_id: credentials.accountId }),
    },
    context: context
      ? {
        ...within("context"),
        org_id: context.orgId,
        org_name: context.orgName,
        project_id: context.projectId,
        project_name: context.projectName,
      }
      : null,
  };
  const named = name !== undefined && {
    active_context: name,
    contexts: { ...cloud.fields("contexts")?.mapping, [name]: written },
  };
  const { engine_url: _beside, ...cloudKept } = cloud.mapping;
  return await toYaml({
    ...others,
    cloud: { ...cloudKept, ...structuredClone(written), ...named },
  });
}

/**
 * Removes the active login and activates the first of the others, as the Python CLI does. Other top-level keys are kept. The
 * caller holds the credentials lock.
 */
export async function removeCredentials(folder: string): Promise<void> {
  const path = credentialsPath(folder);
  const document = await readDocument(path);
  if (!document) return removePrivateFile(path);
  const { others, cloud } = document;
  const { name: active, login } = understand(path, () => activeLogin(cloud));
  const contexts = Object.entries(cloud.fields("contexts")?.mapping ?? {})
    .filter(([name]) => name !== active);
  const [first] = contexts.sort(([a], [b]) => a < b ? -1 : 1);
  if (first) {
    const [name, next] = first;
    const ended = new Set([...Object.keys(login.mapping), "active_context", "contexts"]);
    const kept = Object.entries(cloud.mapping).filter(([key]) => !ended.has(key));
    const named = { active_context: name, contexts: Object.fromEntries(contexts) };
    const successor = isMapping(next) ? structuredClone(next) : {};
    const document = { ...others, cloud: { ...Object.fromEntries(kept), ...named, ...successor } };
    writePrivateFile(path, await toYaml(document));
  } else if (Object.keys(others).length > 0) writePrivateFile(path, await toYaml(others));
  else removePrivateFile(path);
}

/**
 * Checks before a login that its result can be stored. Moves a corrupt file aside.
 *
 * @returns the path of the file that was moved aside, if any.
 * @throws {Failure} of kind `file`.
 */
export function prepareForLogin(folder: string, now: Date): Promise<string | undefined> {
  return withCredentialsLock(folder, async () => {
    ensurePrivateFolder(folder);
    const path = credentialsPath(folder);
    ensureWritable(path);
    try {
      await readCredentials(folder);
      return undefined;
    } catch (error) {
      if (error instanceof CorruptFile) return moveAside(path, now);
      throw error;
    }
  });
}

/** The file is readable, but it is not a valid credentials file. */
export class CorruptFile extends Failure {
  constructor(path: string, what: string) {
    super("file", `${path} is corrupt (${what})`, {
      next: "Run `arcade login`, which moves the file aside and starts a new one",
    });
  }
}

/** The file in two parts: our data, and other keys that are kept. */
interface CredentialsDocument {
  readonly cloud: Fields;
  readonly others: Mapping;
}

async function readDocument(path: string): Promise<CredentialsDocument | undefined> {
  const source = readPrivateFile(path);
  if (source === undefined || source.trim() === "") return undefined;
  const content = readPlainYaml(source) ?? await readAnyYaml(source, path);
  if (!isMapping(content)) throw new CorruptFile(path, "it is not a mapping");
  if (!("cloud" in content)) return undefined;
  const { cloud: _ours, ...others } = content;
  const cloud = understand(path, () => new Fields(content).fields("cloud"));
  if (!cloud) throw new CorruptFile(path, "cloud is missing or wrong");
  return { cloud, others };
}

function understand<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof InvalidField ? new CorruptFile(path, error.message) : error;
  }
}

async function readAnyYaml(source: string, path: string): Promise<unknown> {
  const { load } = await import("js-yaml");
  try {
    return load(source);
  } catch {
    // The message of the parser quotes the line, which may contain a token, so it is dropped.
    throw new CorruptFile(path, "it is not YAML");
  }
}

/** Serializes a document. Keeps anchors, because expanding them could make the file huge. */
async function toYaml(document: Mapping): Promise<string> {
  const { dump } = await import("js-yaml");
  return dump(document, { lineWidth: -1 });
}

/**
 * The active login. Newer versions of the Python CLI store several logins by name in `contexts`, use the one that
 * `active_context` names, and duplicate it at the top level for older versions.
 */
function activeLogin(cloud: Fields): { name?: string; login: Fields } {
  const contexts = cloud.fields("contexts");
  const active = cloud.text("active_context");
  const names = Object.keys(contexts?.mapping ?? {});
  const name = active !== undefined && names.includes(active) ? active : names[0];
  const login = name === undefined ? undefined : contexts?.fields(name);
  return name !== undefined && login ? { name, login } : { login: cloud };
}

function interpret(cloud: Fields): Credentials | undefined {
  const { login } = activeLogin(cloud);
  const auth = login.fields("auth");
  if (!auth) return interpretLegacy(cloud);
  const expiresAt = parseExpiry(auth.requiredText("expires_at"));
  if (!expiresAt) throw new InvalidField("cloud.auth.expires_at");
  const refreshToken = auth.text("refresh_token");
  const user = login.fields("user");
  const context = login.fields("context");
  return {
    kind: "oauth",
    coordinatorUrl: login.text("coordinator_url"),
    engineUrl: login.text("engine_url"),
    accessToken: new Sensitive(auth.requiredText("access_token")),
    refreshToken: refreshToken ? new Sensitive(refreshToken) : undefined,
    expiresAt,
    email: user?.text("email") ?? "",
    accountId: user?.text("account_id"),
    context: context && {
      orgId: context.requiredText("org_id"),
      orgName: context.text("org_name") ?? context.requiredText("org_id"),
      projectId: context.requiredText("project_id"),
      projectName: context.text("project_name") ?? context.requiredText("project_id"),
    },
  };
}

function interpretLegacy(cloud: Fields): LegacyCredentials | undefined {
  const apiKey = cloud.fields("api")?.text("key");
  if (!apiKey) return undefined;
  return {
    kind: "legacy",
    coordinatorUrl: cloud.text("coordinator_url"),
    apiKey: new Sensitive(apiKey),
  };
}
