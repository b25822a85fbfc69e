import { Failure } from "../failure.ts";
import { credentialsPath, type OAuthCredentials, readCredentials } from "../store/credentials.ts";

/** The stored login, if there is one; an API key of an older version is none. Throws as {@link readCredentials} does. */
export async function findLogin(folder: string): Promise<OAuthCredentials | undefined> {
  const credentials = await readCredentials(folder);
  return credentials?.kind === "oauth" ? credentials : undefined;
}

/**
 * The stored login.
 *
 * @param options.hint the next step when nobody is logged in.
 * @throws {Failure} of kind `login` when there is none, or when it is one of the older kind; of kind `file` when the
 * file is in the way.
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
