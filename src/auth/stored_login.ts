import { Failure } from "../failure.ts";
import {
  type Credentials,
  credentialsPath,
  type OAuthCredentials,
  readCredentials,
} from "../store/credentials.ts";

/** The stored login; undefined without one, or with an API key from an older version. Throws as {@link readCredentials} does. */
export async function findLogin(folder: string): Promise<OAuthCredentials | undefined> {
  const credentials = await readCredentials(folder);
  return credentials?.kind === "oauth" ? credentials : undefined;
}

/**
 * The stored login.
 *
 * @param missing the failure when nothing is stored.
 * @throws {Failure} of kind `login` without a login, or with an API key from an older version; of kind `file` when the
 * file is unreadable.
 */
export async function readLogin(folder: string, missing = notLoggedIn): Promise<OAuthCredentials> {
  const credentials = await readCredentials(folder);
  if (!credentials) throw missing();
  return requireLogin(credentials, folder);
}

/** The failure without a login. */
export function notLoggedIn(next = "Run `arcade login`"): Failure {
  return new Failure("login", "Not logged in", { next });
}

/** Refuses credentials of an older version, with a {@link Failure} of kind `login`. */
export function requireLogin(credentials: Credentials, folder: string): OAuthCredentials {
  if (credentials.kind === "oauth") return credentials;
  throw new Failure("login", `${credentialsPath(folder)} holds an API key from an older version`, {
    next:
      "Run `arcade logout` (it deletes the key, so copy it first if you need it), then `arcade login`",
  });
}
