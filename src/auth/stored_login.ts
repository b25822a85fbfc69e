import { Failure } from "../failure.ts";
import { credentialsPath, type OAuthCredentials, readCredentials } from "../store/credentials.ts";

/** The stored login; undefined without one, or with an API key from an older version. Throws as {@link readCredentials} does. */
export async function findLogin(folder: string): Promise<OAuthCredentials | undefined> {
  const credentials = await readCredentials(folder);
  return credentials?.kind === "oauth" ? credentials : undefined;
}

/**
 * The stored login.
 *
 * @param options.hint the next step when not logged in.
 * @throws {Failure} of kind `login` without a login, or with an API key from an older version; of kind `file` when the
 * file is unreadable.
 */
export async function readLogin(
  folder: string,
  { hint = "Run `arcade login`" }: { readonly hint?: string | undefined } = {},
): Promise<OAuthCredentials> {
  const credentials = await readCredentials(folder);
  if (!credentials) {
    throw new Failure("login", "Not logged in", { next: hint });
  }
  if (credentials.kind === "legacy") {
    throw new Failure(
      "login",
      `${credentialsPath(folder)} holds an API key from an older version`,
      {
        next:
          "Run `arcade logout` (it deletes the key, so copy it first if you need it), then `arcade login`",
      },
    );
  }
  return credentials;
}
