/**
 * The PostHog project of this build. scripts/build.ts replaces these marks. Running from source has no key, and without a
 * key nothing is sent.
 */

/** The key of the PostHog project, if this build has one. */
export const BUILD_KEY = bakedIn("%ARCADE_POSTHOG_KEY%");

/** The PostHog host of this build. */
export const BUILD_HOST = bakedIn("%ARCADE_POSTHOG_HOST%") ?? "https://us.i.posthog.com";

function bakedIn(text: string): string | undefined {
  return text.startsWith("%") ? undefined : text;
}
