/**
 * `credentials.yaml`, shared with the Python CLI (design, files on the user's machine).
 */

import { dump, load } from "js-yaml";
import * as v from "valibot";
import { Failure } from "../failure.ts";
import { Sensitive } from "../sensitive.ts";
import { withLock } from "./lock.ts";
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

const CredentialsDocument = v.looseObject({
  cloud: v.looseObject({
    coordinator_url: text,
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
export function readCredentials(folder: string): Credentials | undefined {
  const document = readDocument(credentialsPath(folder));
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
export function writeCredentials(folder: string, credentials: OAuthCredentials): void {
  const path = credentialsPath(folder);
  const { cloud, ...others } = readDocument(path) ?? { cloud: {} };
  const { context } = credentials;
  writePrivateFile(
    path,
    dump({
      ...others,
      cloud: {
        ...cloud,
        ...(credentials.coordinatorUrl && { coordinator_url: credentials.coordinatorUrl }),
        auth: {
          ...cloud.auth,
          access_token: credentials.accessToken.reveal(),
          refresh_token: credentials.refreshToken?.reveal() ?? null,
          expires_at: formatExpiry(credentials.expiresAt),
        },
        user: { ...cloud.user, email: credentials.email },
        context: context
          ? {
            ...cloud.context,
            org_id: context.orgId,
            org_name: context.orgName,
            project_id: context.projectId,
            project_name: context.projectName,
          }
          : null,
      },
    }, { lineWidth: -1 }),
  );
}

/** Removes the credentials; other top-level keys of the file are kept. The caller holds the credentials lock. */
export function removeCredentials(folder: string): void {
  const path = credentialsPath(folder);
  const document = readDocument(path);
  if (!document) return removePrivateFile(path);
  const { cloud: _removed, ...others } = document;
  if (Object.keys(others).length === 0) removePrivateFile(path);
  else writePrivateFile(path, dump(others, { lineWidth: -1 }));
}

/**
 * Makes sure before a login that its result can be stored. A file that cannot be understood is kept aside.
 *
 * @returns the path of the file that was moved aside, if one was.
 * @throws {Failure} of kind `file`.
 */
export function prepareForLogin(folder: string, now: Date): Promise<string | undefined> {
  return withCredentialsLock(folder, () => {
    ensurePrivateFolder(folder);
    const path = credentialsPath(folder);
    ensureWritable(path);
    try {
      readCredentials(folder);
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

function readDocument(path: string): CredentialsDocument | undefined {
  const source = readPrivateFile(path);
  if (source === undefined || source.trim() === "") return undefined;
  let content: unknown;
  try {
    content = load(source);
  } catch {
    // The parser's message quotes the line, which can hold a token, so it goes no further.
    throw new UnintelligibleFile(path, "it is not YAML");
  }
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

function interpret({ cloud }: CredentialsDocument, path: string): Credentials | undefined {
  if (!cloud.auth) return cloud.api?.key ? { kind: "legacy" } : undefined;
  const expiresAt = parseExpiry(cloud.auth.expires_at);
  if (!expiresAt) throw new UnintelligibleFile(path, "cloud.auth.expires_at is not a time");
  return {
    kind: "oauth",
    coordinatorUrl: cloud.coordinator_url ?? undefined,
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
