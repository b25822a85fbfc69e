/** Changes `credentials.yaml`. Separate from reading, because most commands only read it. */

import { Fields, isMapping, type Mapping } from "../contract/fields.ts";
import {
  CorruptFile,
  credentialsPath,
  DEFAULT_CONTEXT,
  type OAuthCredentials,
  readCredentials,
  readDocument,
  understand,
  unknownContext,
} from "./credentials.ts";
import { noteProof } from "../files/proven_logins.ts";
import { localSecond, utcOffset } from "../text/time.ts";
import { type LockOptions, withLock } from "../files/lock.ts";
import type { WindowsSystem } from "../files/owner_only.ts";
import {
  ensureWritable,
  moveAside,
  removePrivateFile,
  writePrivateFile,
} from "../files/private_file_changes.ts";

/** Where credentials are stored. */
export interface CredentialsPlace {
  /** The Arcade folder. */
  readonly folder: () => string;
  readonly windows?: WindowsSystem | undefined;
  /** Whether nothing on this machine is allowed to change: no token is renewed, and no login is removed. */
  readonly isReadOnly?: true;
}

/**
 * Runs `work` while holding the lock of the credentials.
 *
 * @param options.timeoutMs how long to wait for the lock.
 * @param options.isRemoval whether it removes a login.
 */
export function withCredentialsLock<T>(
  { folder, windows }: CredentialsPlace,
  work: () => Promise<T> | T,
  options: Omit<LockOptions, "windows"> = {},
): Promise<T> {
  return withLock(folder(), ".credentials.lock", work, { ...options, windows });
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
  ensureWritable(path, await serialize(path, updated(credentials)));
}

/**
 * Stores changed credentials in their context. Unknown keys of the file are kept. The caller holds the credentials lock.
 *
 * @throws {Failure} of kind `file`; the old file is kept then.
 */
export async function writeCredentials(
  folder: string,
  credentials: OAuthCredentials,
): Promise<void> {
  const path = credentialsPath(folder);
  writePrivateFile(path, await serialize(path, updated(credentials)));
}

/**
 * Stores a new login, and activates its context. Replaces everything in this context, and keeps the others. The caller holds
 * the credentials lock. Throws as {@link writeCredentials} does.
 *
 * @param options.isProven whether it is at a local Arcade that proved its identity.
 */
export async function storeLogin(
  folder: string,
  login: OAuthCredentials,
  { isProven }: { readonly isProven: boolean },
): Promise<void> {
  const path = credentialsPath(folder);
  const { contextName } = login;
  const change: Change = ({ contexts }) => ({
    contexts: contexts.set(contextName, contextOf(login, new Fields({}))),
    active: contextName,
  });
  const content = await serialize(path, change);
  noteProof(folder, login, isProven);
  writePrivateFile(path, content);
}

/**
 * Activates a context. The caller holds the credentials lock.
 *
 * @throws {Failure} of kind `usage` when there is no such context; of kind `file`.
 */
export async function activateContext(folder: string, name: string): Promise<void> {
  const path = credentialsPath(folder);
  const change: Change = ({ contexts }) => {
    if (!contexts.has(name)) throw unknownContext(name, contexts.keys());
    return { contexts, active: name };
  };
  writePrivateFile(path, await serialize(path, change));
}

/**
 * Removes the tokens of a context, and keeps the context. The caller holds the credentials lock.
 *
 * @throws {Failure} of kind `file`.
 */
export async function removeLogin(folder: string, name: string): Promise<void> {
  const path = credentialsPath(folder);
  const change: Change = ({ contexts, active }) => {
    const { auth: _ended, ...others } = contexts.get(name) ?? {};
    return { contexts: contexts.set(name, others), active };
  };
  writePrivateFile(path, await serialize(path, change));
}

/** Contexts as they are written. */
interface Contexts {
  readonly contexts: Map<string, Mapping>;
  readonly active: string;
}
type Change = (before: Contexts) => Contexts;

/** Updates the context of these credentials. */
function updated(credentials: OAuthCredentials): Change {
  const { contextName } = credentials;
  return ({ contexts, active }) => {
    const before = new Fields(contexts.get(contextName) ?? {}, `cloud.contexts.${contextName}`);
    return { contexts: contexts.set(contextName, contextOf(credentials, before)), active };
  };
}

/** The context with these credentials. Keeps unknown keys of the one before. */
function contextOf(credentials: OAuthCredentials, before: Fields): Mapping {
  const { coordinatorUrl, engineUrl, dashboardUrl, refreshToken, accountId, activeProject } =
    credentials;
  const { lifetimeSeconds, authorizationServer } = credentials;
  const { refresh_token: _spent, lifetime_seconds: _past, authorization_server: _before, ...auth } =
    before.fields("auth")?.mapping ?? {};
  const { account_id: _previous, ...user } = before.fields("user")?.mapping ?? {};
  const { context, ...others } = before.mapping;
  return {
    ...others,
    kind: credentials.installation,
    ...(coordinatorUrl !== undefined && { coordinator_url: coordinatorUrl }),
    ...(engineUrl !== undefined && { engine_url: engineUrl }),
    ...(dashboardUrl !== undefined && { dashboard_url: dashboardUrl }),
    auth: {
      ...auth,
      access_token: credentials.accessToken.reveal(),
      // The Python CLI rejects a file without one.
      refresh_token: refreshToken?.reveal() ?? "",
      expires_at: formatExpiry(credentials.expiresAt),
      ...(lifetimeSeconds !== undefined && { lifetime_seconds: lifetimeSeconds }),
      ...(authorizationServer !== undefined && { authorization_server: authorizationServer }),
    },
    user: {
      ...user,
      email: credentials.email,
      ...(accountId !== undefined && { account_id: accountId }),
    },
    ...(activeProject && {
      context: {
        ...(isMapping(context) && context),
        org_id: activeProject.orgId,
        org_name: activeProject.orgName,
        project_id: activeProject.projectId,
        project_name: activeProject.projectName,
      },
    }),
  };
}

/** The content of the file after a change. Older versions of the Python CLI read the active context outside of `contexts`. */
async function serialize(path: string, change: Change): Promise<string> {
  const document = await readDocument(path);
  const before: Contexts = {
    contexts: new Map(
      [...document?.contexts ?? []].map(([name, { mapping }]) => [name, mapping]),
    ),
    active: document?.active ?? DEFAULT_CONTEXT,
  };
  const { contexts, active } = understand(path, () => change(before));
  return await toYaml({
    ...document?.others,
    cloud: {
      ...document?.cloudOthers,
      ...structuredClone(contexts.get(active)),
      active_context: active,
      contexts: Object.fromEntries(contexts),
    },
  });
}

/**
 * Removes a context, and activates the first of the others if it was the active one, as the Python CLI does. Unknown
 * top-level keys are kept. The caller holds the credentials lock.
 *
 * @throws {Failure} of kind `usage` when there is no such context; of kind `file`.
 */
export async function removeContext(folder: string, name: string): Promise<void> {
  const path = credentialsPath(folder);
  const document = await readDocument(path);
  if (!document) return;
  const names = [...document.contexts.keys()];
  if (!names.includes(name)) throw unknownContext(name, names);
  const [next] = names.filter((one) => one !== name).sort();
  if (next === undefined) return await removeCredentials(folder);
  const change: Change = ({ contexts, active }) => {
    contexts.delete(name);
    return { contexts, active: name === active ? next : active };
  };
  writePrivateFile(path, await serialize(path, change));
}

/** Removes all contexts. Unknown top-level keys are kept. The caller holds the credentials lock. */
export async function removeCredentials(folder: string): Promise<void> {
  const path = credentialsPath(folder);
  const others = (await readDocument(path))?.others ?? {};
  if (Object.keys(others).length > 0) writePrivateFile(path, await toYaml(others));
  else removePrivateFile(path);
}

/**
 * Checks before a login that its result can be stored. Moves a corrupt file aside.
 *
 * @returns the path of the file that was moved aside, if any.
 * @throws {Failure} of kind `file`.
 */
export function prepareForLogin(place: CredentialsPlace, now: Date): Promise<string | undefined> {
  return withCredentialsLock(place, async () => {
    const folder = place.folder();
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

/** Serializes a document. Keeps anchors, because expanding them could make the file huge. */
async function toYaml(document: Mapping): Promise<string> {
  const { dump } = await import("js-yaml");
  return dump(document, { lineWidth: -1 });
}

/**
 * `2026-11-20T15:04:05.123000+01:00`: local time with its offset. The Python CLI drops the offset and compares with
 * local time, so the time before the offset must be the local one.
 */
export function formatExpiry(date: Date): string {
  const milliseconds = String(date.getMilliseconds()).padStart(3, "0");
  return `${localSecond(date).replace(" ", "T")}.${milliseconds}000${utcOffset(date)}`;
}
