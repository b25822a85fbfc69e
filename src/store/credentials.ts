/**
 * Reads `credentials.yaml`, shared with the Python CLI (docs/contracts.md, Files). credentials_changes.ts changes it.
 */

import type { ActiveProject } from "../contract/active_project.ts";
import type { InstallationKind } from "../hosts/cloud.ts";
import { Failure } from "../failure.ts";
import { pathIn } from "../system/paths.ts";
import { Sensitive } from "../secrecy/sensitive.ts";
import { parseExpiry } from "./expiry.ts";
import { Fields, InvalidField, isMapping, type Mapping } from "../contract/fields.ts";
import { readPlainYaml } from "./plain_yaml.ts";
import { readPrivateFile } from "../files/private_file.ts";

/** The default name of a context, also for a file without names. */
export const DEFAULT_CONTEXT = "default";

/** The login of a context, through OAuth. */
export interface OAuthCredentials {
  readonly kind: "oauth";
  /** The name of its context. */
  readonly contextName: string;
  readonly installation: InstallationKind;
  /** The coordinator that issued the tokens; undefined if the file does not contain it. */
  readonly coordinatorUrl: string | undefined;
  /** The engine of a self-hosted Arcade, which newer versions of the Python CLI store. */
  readonly engineUrl: string | undefined;
  readonly dashboardUrl: string | undefined;
  readonly accessToken: Sensitive;
  readonly refreshToken: Sensitive | undefined;
  readonly expiresAt: Date;
  /** The lifetime of the access token when it was issued; undefined if the file does not contain it. */
  readonly lifetimeSeconds: number | undefined;
  /** The origin of the server that issued the tokens; undefined if the file does not contain it. */
  readonly authorizationServer: string | undefined;
  readonly email: string;
  /** The principal; undefined in files of the Python CLI, which does not store it. */
  readonly accountId: string | undefined;
  readonly activeProject: ActiveProject | undefined;
}

/** Credentials of older versions of the Python CLI: an API key instead of a login. */
export interface LegacyCredentials {
  readonly kind: "legacy";
  readonly coordinatorUrl: string | undefined;
  readonly apiKey: Sensitive;
}

export type Credentials = OAuthCredentials | LegacyCredentials;

/** A context: an installation of Arcade, and the login there. */
export interface StoredContext {
  readonly contextName: string;
  readonly isActive: boolean;
  readonly installation: InstallationKind;
  readonly coordinatorUrl: string | undefined;
  readonly engineUrl: string | undefined;
  readonly dashboardUrl: string | undefined;
  /** Undefined when not logged in there. */
  readonly login: OAuthCredentials | undefined;
  /** Whether it has an API key of an older version of the Python CLI instead of a login. */
  readonly isLegacy: boolean;
}

/** The path of the credentials in an Arcade folder. */
export function credentialsPath(folder: string): string {
  return pathIn(folder, "credentials.yaml");
}

/**
 * The stored credentials of a context, or undefined if not logged in.
 *
 * @param name the context; undefined for the active one.
 * @throws {Failure} of kind `file` when the file is unreadable or invalid; the message does not quote it. Of kind `usage`
 * when there is no such context.
 */
export async function readCredentials(
  folder: string,
  name?: string,
): Promise<Credentials | undefined> {
  const path = credentialsPath(folder);
  const document = await readDocument(path);
  if (!document) return undefined;
  return understand(path, () => {
    const { contexts, active } = document;
    if (contexts.size === 0) return undefined;
    const wanted = name ?? active;
    const context = contexts.get(wanted);
    if (!context) throw unknownContext(wanted, contexts.keys());
    return interpret(wanted, context) ?? interpretLegacy(context);
  });
}

/** The stored contexts, in the order of the file. Throws a {@link Failure} of kind `file` as {@link readCredentials} does. */
export async function readContexts(folder: string): Promise<StoredContext[]> {
  const path = credentialsPath(folder);
  const document = await readDocument(path);
  if (!document) return [];
  return understand(path, () =>
    [...document.contexts].map(([contextName, context]) => ({
      contextName,
      isActive: contextName === document.active,
      ...addressesOf(context),
      login: interpret(contextName, context),
      isLegacy: interpretLegacy(context) !== undefined,
    })));
}

/**
 * A stored context; undefined when none is stored. Throws as {@link readCredentials} does.
 *
 * @param name the context; undefined for the active one.
 */
export async function findContext(
  folder: string,
  name: string | undefined,
): Promise<StoredContext | undefined> {
  const contexts = await readContexts(folder);
  const found = contexts.find((one) =>
    name === undefined ? one.isActive : one.contextName === name
  );
  if (!found && contexts.length > 0) {
    throw unknownContext(name ?? "", contexts.map((one) => one.contextName));
  }
  return found;
}

/**
 * The failure for a context that is not stored.
 *
 * @param near the stored name that was probably meant.
 */
export function unknownContext(name: string, names: Iterable<string>, near?: string): Failure {
  const meant = near === undefined ? "" : `Did you mean "${near}"? `;
  return new Failure("usage", `No context called "${name}"`, {
    next: `${meant}Choose one of these: ${[...names].join(", ")}`,
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

/** The file: its contexts, and other keys that are kept. */
export interface CredentialsDocument {
  readonly contexts: ReadonlyMap<string, Fields>;
  /** The name of the active context; a file without contexts has no context with that name. */
  readonly active: string;
  /** Unknown keys next to `contexts`. */
  readonly cloudOthers: Mapping;
  /** Unknown keys next to `cloud`. */
  readonly others: Mapping;
}

/** Reads the file; undefined if it does not exist or has no login. Throws as {@link readCredentials} does. */
export async function readDocument(path: string): Promise<CredentialsDocument | undefined> {
  const source = readPrivateFile(path);
  if (source === undefined || source.trim() === "") return undefined;
  const content = readPlainYaml(source) ?? await readAnyYaml(source, path);
  if (!isMapping(content)) throw new CorruptFile(path, "it is not a mapping");
  if (!("cloud" in content)) return undefined;
  const { cloud: _ours, ...others } = content;
  return understand(path, () => {
    const cloud = new Fields(content).requiredFields("cloud");
    const unknown = Object.entries(cloud.mapping).filter(([key]) => !CONTEXT_KEYS.has(key));
    const { active_context: _active, contexts: _contexts, ...cloudOthers } = Object.fromEntries(
      unknown,
    );
    return { ...contextsOf(cloud), cloudOthers, others };
  });
}

/** The keys of a context. */
const CONTEXT_KEYS = new Set([
  "kind",
  "coordinator_url",
  "engine_url",
  "dashboard_url",
  "api_key",
  "api",
  "auth",
  "user",
  "context",
]);

/**
 * The contexts, and the name of the active one. Older versions of the Python CLI have one context without a name, whose
 * fields are those of `cloud`.
 */
function contextsOf(cloud: Fields): Pick<CredentialsDocument, "contexts" | "active"> {
  const stored = cloud.fields("contexts");
  const names = Object.keys(stored?.mapping ?? {});
  if (!stored || names.length === 0) {
    const known = Object.entries(cloud.mapping).filter(([key]) => CONTEXT_KEYS.has(key));
    const context = new Fields(Object.fromEntries(known), "cloud");
    const isLogin = "auth" in context.mapping || "api" in context.mapping;
    return {
      contexts: new Map(isLogin ? [[DEFAULT_CONTEXT, context]] : []),
      active: DEFAULT_CONTEXT,
    };
  }
  const active = cloud.text("active_context");
  return {
    contexts: new Map(names.map((name) => [name, stored.requiredFields(name)])),
    active: active !== undefined && names.includes(active) ? active : names[0] ?? DEFAULT_CONTEXT,
  };
}

/** Reads fields of a document. Throws a {@link CorruptFile} for an invalid one. */
export function understand<T>(path: string, read: () => T): T {
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

function interpret(name: string, context: Fields): OAuthCredentials | undefined {
  const auth = context.fields("auth");
  if (!auth) return undefined;
  const expiresAt = parseExpiry(auth.requiredText("expires_at"));
  if (!expiresAt) throw new InvalidField(auth.pathOf("expires_at"));
  const refreshToken = auth.text("refresh_token");
  const user = context.fields("user");
  const project = context.fields("context");
  return {
    kind: "oauth",
    contextName: name,
    ...addressesOf(context),
    accessToken: new Sensitive(auth.requiredText("access_token")),
    refreshToken: refreshToken ? new Sensitive(refreshToken) : undefined,
    expiresAt,
    lifetimeSeconds: lifetimeOf(auth),
    authorizationServer: auth.text("authorization_server"),
    email: user?.text("email") ?? "",
    accountId: user?.text("account_id"),
    activeProject: project && {
      orgId: project.requiredText("org_id"),
      orgName: project.text("org_name") ?? project.requiredText("org_id"),
      projectId: project.requiredText("project_id"),
      projectName: project.text("project_name") ?? project.requiredText("project_id"),
    },
  };
}

/** Undefined for anything but a positive number, because an invalid lifetime does not make the file unusable. */
function lifetimeOf({ mapping: { lifetime_seconds } }: Fields): number | undefined {
  return typeof lifetime_seconds === "number" && lifetime_seconds > 0
    ? lifetime_seconds
    : undefined;
}

function addressesOf(context: Fields) {
  return {
    installation: installationOf(context),
    coordinatorUrl: context.text("coordinator_url"),
    engineUrl: context.text("engine_url"),
    dashboardUrl: context.text("dashboard_url"),
  };
}

/** The kind of an installation. Older versions do not store it and support only the cloud. */
function installationOf(context: Fields): InstallationKind {
  const kind = context.text("kind") ?? "cloud";
  if (kind === "cloud" || kind === "self_hosted") return kind;
  throw new InvalidField(context.pathOf("kind"));
}

function interpretLegacy(context: Fields): LegacyCredentials | undefined {
  const apiKey = context.fields("api")?.text("key");
  if (!apiKey) return undefined;
  return {
    kind: "legacy",
    coordinatorUrl: context.text("coordinator_url"),
    apiKey: new Sensitive(apiKey),
  };
}
