import { Failure } from "../failure.ts";
import { hasRunning } from "../files/arcade_folder.ts";
import { issuerOf, type LoginAddresses } from "../hosts/urls.ts";
import {
  type Credentials,
  credentialsPath,
  DEFAULT_CONTEXT,
  type OAuthCredentials,
  readCredentials,
} from "../store/credentials.ts";
import { shellWord } from "../text/shell_word.ts";

/** The flag `--context` of commands that use or show a login. */
export interface ContextFlag {
  /** The name of a stored context; undefined for `ARCADE_CONTEXT`, or else for the active one. */
  readonly context?: string | undefined;
}

/** Where a login is looked up. */
export interface LoginContext {
  readonly files: {
    /** The Arcade folder. Throws a {@link Failure} when it is unknown; a function because not every command needs it. */
    readonly folder: () => string;
  };
  readonly env: { readonly ARCADE_CONTEXT?: string | undefined };
}

/** The name of the context that a flag or the environment names; undefined for the active one. */
export function namedContext(
  { env }: Pick<LoginContext, "env">,
  flags: ContextFlag,
): string | undefined {
  return flags.context ?? (env.ARCADE_CONTEXT || undefined);
}

/** The flag that names a context again, for the command line of a hint; empty for the active one, which is undefined. */
export function sameContext(name: string | undefined): string {
  return name === undefined ? "" : ` --context ${shellWord(name)}`;
}

/** The command line that logs in again where the login of a context is from, since `login` remembers its addresses. */
export function loginCommand({ env }: Pick<LoginContext, "env">, contextName: string): string {
  const isDefault = contextName === DEFAULT_CONTEXT && !env.ARCADE_CONTEXT;
  return isDefault ? "`arcade login`" : `\`arcade login --context ${shellWord(contextName)}\``;
}

/** The stored login; undefined without one, or with an API key from an older version. Throws as {@link readCredentials} does. */
export async function findLogin(
  context: LoginContext,
  flags: ContextFlag,
): Promise<OAuthCredentials | undefined> {
  const credentials = await readCredentials(context.files.folder(), namedContext(context, flags));
  return credentials?.kind === "oauth" ? credentials : undefined;
}

/**
 * The stored login.
 *
 * @param missing the failure when nothing is stored; by default {@link notLoggedIn}.
 * @throws {Failure} of kind `login` without a login, or with an API key from an older version; of kind `file` when the
 * file is unreadable; of kind `usage` when there is no such context.
 */
export async function readLogin(
  context: LoginContext,
  flags: ContextFlag,
  missing?: () => Failure,
): Promise<OAuthCredentials> {
  const folder = context.files.folder();
  const name = namedContext(context, flags);
  const credentials = await readCredentials(folder, name);
  if (!credentials) throw missing?.() ?? notLoggedIn(context, name);
  return requireLogin(credentials, folder);
}

/**
 * The failure without a login.
 *
 * @param name the context that the command names; undefined for the active one.
 * @param otherwise what helps, too, unless a local Arcade of the user does.
 */
export function notLoggedIn(
  context: LoginContext,
  name?: string,
  otherwise = "",
): Failure {
  const login = loginCommand(context, name ?? DEFAULT_CONTEXT);
  const more = name === undefined && hasRunning(context.files.folder())
    ? ", or `arcade login --local` for the local Arcade"
    : otherwise;
  return new Failure("login", "Not logged in", { next: `Run ${login}${more}` });
}

/** Refuses credentials of an older version, with a {@link Failure} of kind `login`. */
export function requireLogin(credentials: Credentials, folder: string): OAuthCredentials {
  if (credentials.kind === "oauth") return credentials;
  throw olderVersion(folder);
}

/** The failure for a stored API key instead of a login. */
export function olderVersion(folder: string): Failure {
  return new Failure("login", `${credentialsPath(folder)} holds an API key from an older version`, {
    next:
      "Run `arcade logout` (it deletes the key, so copy it first if you need it), then `arcade login`",
  });
}

/**
 * Whether the access token must be renewed: early, by a tenth of its lifetime and at most 300 seconds, or when it has
 * expired if it cannot be renewed (docs/contracts.md, Files).
 */
export function isDue(credentials: OAuthCredentials, now: Date): boolean {
  const { expiresAt, lifetimeSeconds = 600, refreshToken } = credentials;
  const earlySeconds = refreshToken ? Math.min(lifetimeSeconds / 10, 300) : 0;
  return expiresAt.getTime() - now.getTime() <= earlySeconds * 1000;
}

/** The error for an expired login. */
export function loginEnded(
  context: Pick<LoginContext, "env">,
  login: LoginAddresses,
  cause?: Failure,
): Failure {
  return new Failure(
    "login",
    `The login at ${issuerOf(login)} has expired and could not be renewed`,
    { next: `Run ${loginCommand(context, login.contextName)}`, cause },
  );
}
