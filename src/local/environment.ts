/**
 * The environment variables that point programs to a local Arcade. A file stores them for its owner, because the database has only
 * hashes of API keys.
 */

import { isMapping, parseJson } from "../contract/fields.ts";
import { readPrivateFile } from "../files/private_file.ts";
import { writePrivateFile } from "../files/private_file_changes.ts";
import { dataFiles, homeFolder } from "./model/data_folder.ts";

/** The account for automatic approval. */
export const DEFAULT_EMAIL = "developer@arcade.local";

/** Environment variables by name. */
export type LocalEnvironment = Readonly<Record<string, string>>;

/**
 * The variables for SDKs, servers and commands.
 *
 * @param options.url the address of the local Arcade, without a final slash.
 * @param options.apiKey a key of the project that programs work in.
 * @param options.userId the user that tools act for.
 * @param options.data the data folder.
 */
export function environmentOf(
  { url, apiKey, userId, data }: {
    readonly url: string;
    readonly apiKey: string;
    readonly userId: string;
    readonly data: string;
  },
): LocalEnvironment {
  return {
    ARCADE_API_KEY: apiKey,
    ARCADE_API_URL: url,
    ARCADE_BASE_URL: url,
    ARCADE_COORDINATOR_URL: url,
    ARCADE_ENGINE_URL: url,
    // Sends telemetry there too, so that it stays on this machine.
    ARCADE_POSTHOG_HOST: url,
    ARCADE_POSTHOG_KEY: "local",
    ARCADE_USER_ID: userId,
    // Separate from the user's own folder, so that a login here does not replace the one for Arcade Cloud.
    ARCADE_WORK_DIR: homeFolder(data),
  };
}

/**
 * The variables of the local Arcade that uses a data folder, or has used it; undefined if no usable file has them.
 *
 * @throws {Failure} of kind `file`, as {@link readPrivateFile} does.
 */
export function readLocalEnvironment(data: string): LocalEnvironment | undefined {
  const text = readPrivateFile(dataFiles(data).environment);
  const content = text === undefined ? undefined : parseJson(text);
  if (!isMapping(content)) return undefined;
  const entries = Object.entries(content);
  const isUsable = entries.every((entry): entry is [string, string] =>
    /^ARCADE_\w+$/.test(entry[0]) && typeof entry[1] === "string"
  );
  return isUsable ? Object.fromEntries(entries) : undefined;
}

/** Stores the variables. The caller holds the lock of the data folder. Throws a {@link Failure} of kind `file`. */
export function storeLocalEnvironment(
  data: string,
  environment: LocalEnvironment,
  options: { readonly isSynced?: boolean } = {},
): void {
  writePrivateFile(dataFiles(data).environment, `${JSON.stringify(environment)}\n`, options);
}
