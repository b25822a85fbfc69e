/**
 * The settings of this build. scripts/build_settings.ts replaces these placeholders. When arcade runs from source, it has
 * none of them.
 */

/** The key of the PostHog project. Without it, nothing is sent. */
export const BUILD_KEY = bakedIn("%ARCADE_POSTHOG_KEY%");

/** The PostHog host. */
export const BUILD_HOST = bakedIn("%ARCADE_POSTHOG_HOST%") ?? "https://us.i.posthog.com";

/** The address of the repository with the releases and the reports of problems, without a slash at its end. */
export const REPOSITORY = bakedIn("%ARCADE_REPOSITORY%");

/**
 * The public keys that may sign the checksums of a release, in the form of OpenSSH: `ssh-ed25519 AAAA…`. There are two while
 * one follows the other.
 */
export const RELEASE_KEYS = bakedIn("%ARCADE_RELEASE_KEYS%")?.split(",") ?? [];

/** The commit that this build was made from; with `-dirty`, its files had been changed. */
export const COMMIT = bakedIn("%ARCADE_COMMIT%");

function bakedIn(text: string): string | undefined {
  return text.startsWith("%") ? undefined : text;
}
