/** The variables that choose a server, a credential, a context or a project. */
export const CHOOSING = [
  "ARCADE_API_KEY",
  "ARCADE_TOKEN",
  "ARCADE_URL",
  "ARCADE_ENGINE_URL",
  "ARCADE_COORDINATOR_URL",
  "ARCADE_CONTEXT",
  "ARCADE_ORG_ID",
  "ARCADE_PROJECT_ID",
  "ARCADE_IDENTITY_FILE",
] as const;
