/**
 * `credentials.yaml`, shared with the Python CLI (design, files on the user's machine).
 */

import * as v from "valibot";
import { Failure } from "../failure.ts";
import { Sensitive } from "../sensitive.ts";
import { withLock } from "./lock.ts";
import { readPlainYaml } from "./plain_yaml.ts";
import {
  ensurePrivateFolder,
  ensureWritable,
  readPrivateFile,
  removePrivateFile,
  setAside,
  writePrivateFile,
} from "./private_file.ts";

/** The organization and the project that commands work in. */
export interface ActiveContext {
  readonly orgId: string;
  readonly orgName: string;
  readonly projectId: string;
  readonly projectName: string;
}

/** A login through OAuth. */
export interface OAuthCredentials {
  readonly kind: "oauth";
  /** The coordinator that issued the tokens; undefined in files that do not say. */
  readonly coordinatorUrl: string | undefined;
  /** The engine that goes with it, which newer versions of the Python CLI store for an Arcade of one's own. */
  readonly engineUrl: string | undefined;
  readonly accessToken: Sensitive;
  readonly refreshToken: Sensitive | undefined;
  readonly expiresAt: Date;
  readonly email: string;
  readonly context: ActiveContext | undefined;
}

/** What older versions of the Python CLI stored: an API key instead of a login. */
export interface LegacyCredentials {
  readonly kind: "legacy";
}

export type Credentials = OAuthCredentials | LegacyCredentials;

const text = v.optional(v.nullable(v.string()));

/** One login. */
const section = {
  coordinator_url: text,
  engine_url: text,
  auth: v.optional(v.nullable(v.looseObject({
    access_token: v.string(),
    refresh_token: text,
    expires_at: v.string(),
  }))),
  api: v.optional(v.nullable(v.looseObject({ key: text }))),
  user: v.optional(v.nullable(v.looseObject({ email: text }))),
  context: v.optional(v.nullable(v.looseObject({
    org_id: v.string(),
    org_name: text,
    project_id: v.string(),
    project_name: text,
  }))),
};
const Section = v.looseObject(section);
type Section = v.InferOutput<typeof Section>;

/**
 * Newer versions of the Python CLI keep several logins by name in `contexts`, read the one that `active_context` names, and
 * repeat that one beside it for older versions.
 */
const CredentialsDocument = v.looseObject({
  cloud: v.looseObject({
    ...section,
    contexts: v.optional(v.nullable(v.record(v.string(), Section))),
    active_context: text,
  }),
});
type CredentialsDocument = v.InferOutput<typeof CredentialsDocument>;

/** Where the credentials are kept in an Arcade folder. */
export function credentialsPath(folder: string): string {
  return `${folder}/credentials.yaml`;
}

/**
 * The stored credentials, or undefined when nobody is logged in.
 *
 * @throws {Failure} of kind `file` when the file cannot be read or understood; its content is not in the message.
 */
export async function readCredentials(folder: string): Promise<Credentials | undefined> {
  const document = await readDocument(credentialsPath(folder));
  return document && interpret(document, credentialsPath(folder));
}

/** Runs `work` while no other arcade process can change the credentials. */
export function withCredentialsLock<T>(folder: string, work: () => Promise<T> | T): Promise<T> {
  return withLock(folder, ".credentials.lock", work);
}

/**
 * Stores credentials; keys of the file that are not known here are kept. The caller holds the credentials lock.
 *
 * @throws {Failure} of kind `file`; the old file is still there then.
 */
export async function writeCredentials(
  folder: string,
  credentials: OAuthCredentials,
): Promise<void> {
  const path = credentialsPath(folder);
  const { cloud, ...others } = (await readDocument(path)) ?? { cloud: {} };
  const { name, login } = activeLogin(cloud);
  const { context } = credentials;
  const written = {
    ...login,
    ...(credentials.coordinatorUrl && { coordinator_url: credentials.coordinatorUrl }),
    auth: {
      ...login.auth,
      access_token: credentials.accessToken.reveal(),
      refresh_token: credentials.refreshToken?.reveal() ?? null,
      expires_at: formatExpiry(credentials.expiresAt),
    },
    user: { ...login.user, email: credentials.email },
    context: context
      ? {
        ...login.context,
        org_id: context.orgId,
        org_name: context.orgName,
        project_id: context.projectId,
        project_name: context.projectName,
      }
      : null,
  };
  const named = name !== undefined &&
    { active_context: name, contexts: { ...cloud.contexts, [name]: written } };
  await writeDocument(path, { ...others, cloud: { ...cloud, ...written, ...named } });
}

/**
 * Removes the active login; other logins and other top-level keys of the file are kept, and of other logins the first
 * becomes active, as in the Python CLI. The caller holds the credentials lock.
 */
export async function removeCredentials(folder: string): Promise<void> {
  const path = credentialsPath(folder);
  const document = await readDocument(path);
  if (!document) return removePrivateFile(path);
  const { cloud, ...others } = document;
  const { name: active } = activeLogin(cloud);
  const contexts = Object.entries(cloud.contexts ?? {}).filter(([name]) => name !== active);
  const [first] = contexts.sort(([a], [b]) => a < b ? -1 : 1);
  if (first) {
    const [name, login] = first;
    const ended = new Set([...Object.keys(activeLogin(cloud).login), "active_context", "contexts"]);
    const kept = Object.entries(cloud).filter(([key]) => !ended.has(key));
    const named = { active_context: name, contexts: Object.fromEntries(contexts) };
    await writeDocument(path, {
      ...others,
      cloud: { ...Object.fromEntries(kept), ...named, ...login },
    });
  } else if (Object.keys(others).length > 0) await writeDocument(path, others);
  else removePrivateFile(path);
}

/**
 * Makes sure before a login that its result can be stored. A file that cannot be understood is kept aside.
 *
 * @returns the path of the file that was moved aside, if one was.
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
      if (error instanceof UnintelligibleFile) return setAside(path, now);
      throw error;
    }
  });
}

/** The file is there and readable, but it is not a credentials file. */
export class UnintelligibleFile extends Failure {
  constructor(path: string, what: string) {
    super("file", `${path} cannot be understood (${what})`, {
      next: "Run arcade login, which keeps the file aside and makes a new one",
    });
  }
}

async function readDocument(path: string): Promise<CredentialsDocument | undefined> {
  const source = readPrivateFile(path);
  if (source === undefined || source.trim() === "") return undefined;
  const content = readPlainYaml(source) ?? await readAnyYaml(source, path);
  if (typeof content === "object" && content !== null && !Array.isArray(content)) {
    if (!("cloud" in content)) return undefined;
  }
  const parsed = v.safeParse(CredentialsDocument, content);
  if (!parsed.success) {
    const key = parsed.issues[0].path?.map((item) => String(item.key)).join(".");
    throw new UnintelligibleFile(path, key ? `${key} is missing or wrong` : "it is not a mapping");
  }
  return parsed.output;
}

async function readAnyYaml(source: string, path: string): Promise<unknown> {
  const { load } = await import("js-yaml");
  try {
    return load(source);
  } catch {
    // The parser's message quotes the line, which can hold a token, so it goes no further.
    throw new UnintelligibleFile(path, "it is not YAML");
  }
}

async function writeDocument(path: string, document: Record<string, unknown>): Promise<void> {
  const { dump } = await import("js-yaml");
  writePrivateFile(path, dump(document, { lineWidth: -1, noRefs: true }));
}

/** The login that commands use, and its name where logins have names. */
function activeLogin(cloud: CredentialsDocument["cloud"]): { name?: string; login: Section } {
  const contexts = cloud.contexts ?? {};
  const active = cloud.active_context;
  const name = typeof active === "string" && active in contexts ? active : Object.keys(contexts)[0];
  const login = name === undefined ? undefined : contexts[name];
  return name !== undefined && login ? { name, login } : { login: cloud };
}

function interpret(document: CredentialsDocument, path: string): Credentials | undefined {
  const cloud = activeLogin(document.cloud).login;
  if (!cloud.auth) return document.cloud.api?.key ? { kind: "legacy" } : undefined;
  const expiresAt = parseExpiry(cloud.auth.expires_at);
  if (!expiresAt) throw new UnintelligibleFile(path, "cloud.auth.expires_at is not a time");
  return {
    kind: "oauth",
    coordinatorUrl: cloud.coordinator_url ?? undefined,
    engineUrl: cloud.engine_url ?? undefined,
    accessToken: new Sensitive(cloud.auth.access_token),
    refreshToken: cloud.auth.refresh_token ? new Sensitive(cloud.auth.refresh_token) : undefined,
    expiresAt,
    email: cloud.user?.email ?? "",
    context: cloud.context
      ? {
        orgId: cloud.context.org_id,
        orgName: cloud.context.org_name ?? cloud.context.org_id,
        projectId: cloud.context.project_id,
        projectName: cloud.context.project_name ?? cloud.context.project_id,
      }
      : undefined,
  };
}

/**
 * `2026-11-20T15:04:05.123000+01:00`: local time with its offset. The Python CLI drops the offset and compares with
 * local time, so the time before the offset has to be the local one.
 */
export function formatExpiry(date: Date): string {
  const two = (n: number) => String(n).padStart(2, "0");
  const offset = -date.getTimezoneOffset();
  const distance = Math.abs(offset);
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}` +
    `T${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}` +
    `.${String(date.getMilliseconds()).padStart(3, "0")}000` +
    `${offset < 0 ? "-" : "+"}${two(Math.floor(distance / 60))}:${two(distance % 60)}`;
}

/** Reads the naive local time of the Python CLI, and times with an offset or `Z`; undefined when it is not a time. */
export function parseExpiry(written: string): Date | undefined {
  const match = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d)?)(\.\d+)?\s*(Z|[+-]\d\d:?\d\d)?$/.exec(
    written.trim(),
  );
  if (!match) return undefined;
  const [, day, time, fraction = "", zone = ""] = match;
  const offset = /^[+-]\d{4}$/.test(zone) ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone;
  const date = new Date(`${day}T${time}${fraction.slice(0, 4)}${offset}`);
  return Number.isNaN(date.getTime()) ? undefined : date;
}
