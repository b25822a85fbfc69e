/** Arcade Cloud, the default. */
export const CLOUD_COORDINATOR_HOST = "cloud.arcade.dev";
export const CLOUD_COORDINATOR = `https://${CLOUD_COORDINATOR_HOST}`;
export const CLOUD_ENGINE_HOST = "api.arcade.dev";
