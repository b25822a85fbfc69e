/** The settings baked into a build of arcade, which replace the placeholders in src/build.ts. */

import { output } from "./process.ts";
import { isReleaseKey } from "./release/keys.ts";
import { readRepository } from "./repository.ts";

export interface BuildSettings {
  /** `ARCADE_POSTHOG_KEY` and `ARCADE_POSTHOG_HOST`. */
  readonly postHogKey?: string | undefined;
  readonly postHogHost?: string | undefined;
  /** `ARCADE_REPOSITORY`. */
  readonly repository?: string | undefined;
  /** `ARCADE_RELEASE_KEYS`: the public keys that can sign releases, in OpenSSH format, separated by commas. */
  readonly releaseKeys?: readonly string[] | undefined;
  /** The commit of the source. */
  readonly commit?: string | undefined;
}

/** The settings from the environment and from git. */
export async function readSettings(): Promise<BuildSettings> {
  return {
    commit: await commitOf(`${import.meta.dirname}/..`),
    postHogKey: Deno.env.get("ARCADE_POSTHOG_KEY"),
    postHogHost: Deno.env.get("ARCADE_POSTHOG_HOST"),
    repository: Deno.env.get("ARCADE_REPOSITORY"),
    releaseKeys: Deno.env.get("ARCADE_RELEASE_KEYS")?.split(",").filter(Boolean),
  };
}

/**
 * The commit of a clone, followed by `-dirty` if its files differ from the commit; undefined without git, or if the folder
 * is not a clone, such as an unpacked source archive.
 */
export async function commitOf(folder: string): Promise<string | undefined> {
  const args = ["describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"];
  // An unpacked source archive may be within another repository.
  const env = { GIT_CEILING_DIRECTORIES: await Deno.realPath(`${folder}/..`) };
  try {
    return (await output("git", args, { cwd: folder, env })).trim();
  } catch {
    return undefined;
  }
}

/**
 * The placeholders and their replacements. Empty settings count as missing.
 *
 * @throws {Error} if a setting is invalid.
 */
export function replacementsOf(settings: BuildSettings): Record<string, string> {
  const { postHogKey, postHogHost, repository, releaseKeys = [], commit } = settings;
  if (!/^[\w-]*$/.test(postHogKey ?? "")) throw new Error("ARCADE_POSTHOG_KEY is not a key");
  if (postHogHost && !/^https?:$/.test(URL.parse(postHogHost)?.protocol ?? "")) {
    throw new Error("ARCADE_POSTHOG_HOST is not an http or https address");
  }
  if (!releaseKeys.every(isReleaseKey)) {
    throw new Error("ARCADE_RELEASE_KEYS is not a list of public keys of type ssh-ed25519");
  }
  return {
    ...(postHogKey && { "%ARCADE_POSTHOG_KEY%": postHogKey }),
    ...(postHogHost && { "%ARCADE_POSTHOG_HOST%": postHogHost.replace(/\/+$/, "") }),
    ...(repository && { "%ARCADE_REPOSITORY%": readRepository(repository).url }),
    ...(releaseKeys.length > 0 && { "%ARCADE_RELEASE_KEYS%": releaseKeys.join() }),
    ...(commit && { "%ARCADE_COMMIT%": commit }),
  };
}
