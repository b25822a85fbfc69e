/**
 * Every environment variable that arcade reads. The binary may read these and no others, so this list is also its
 * `--allow-env` flag (scripts/build.ts, the tasks in deno.json).
 */
export const ENVIRONMENT_VARIABLES = [
  "ARCADE_API_KEY",
  "ARCADE_COORDINATOR_URL",
  "ARCADE_DEBUG",
  "ARCADE_ENGINE_URL",
  "ARCADE_IDENTITY_FILE",
  "ARCADE_LOGIN_TIMEOUT_SECONDS",
  "ARCADE_POSTHOG_HOST",
  "ARCADE_POSTHOG_KEY",
  "ARCADE_TIMEOUT_SECONDS",
  "ARCADE_TOKEN",
  "ARCADE_USAGE_DEBUG",
  "ARCADE_USAGE_EVENT_DATA",
  "ARCADE_USAGE_TRACKING",
  "ARCADE_WORK_DIR",
  "BROWSER",
  "DENO_SERVE_ADDRESS",
  "DISPLAY",
  "DO_NOT_TRACK",
  "HOME",
  "NO_COLOR",
  "NO_PROXY",
  "SSH_CONNECTION",
  "SSH_TTY",
  "TERM",
  "USERPROFILE",
  "WAYLAND_DISPLAY",
  "WSL_DISTRO_NAME",
  "container",
  "no_proxy",
] as const;

export type Environment = Readonly<Partial<Record<typeof ENVIRONMENT_VARIABLES[number], string>>>;
