/**
 * Where this build reports to. scripts/build.ts puts the values in the place of these marks; run from source there is no
 * key, and without a key nothing is ever sent.
 */

/** The key of the PostHog project that was baked in, if one was. */
export const BUILD_KEY = bakedIn("%ARCADE_POSTHOG_KEY%");

/** The PostHog host that was baked in. */
export const BUILD_HOST = bakedIn("%ARCADE_POSTHOG_HOST%") ?? "https://us.i.posthog.com";

function bakedIn(text: string): string | undefined {
  return text.startsWith("%") ? undefined : text;
}
