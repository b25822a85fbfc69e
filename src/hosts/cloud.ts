/** Arcade Cloud, the default. */
export const CLOUD_COORDINATOR_HOST = "cloud.arcade.dev";
export const CLOUD_COORDINATOR = `https://${CLOUD_COORDINATOR_HOST}`;
export const CLOUD_ENGINE_HOST = "api.arcade.dev";

/** Whether an installation is Arcade Cloud. The field in credentials.yaml is called `kind`. */
export type InstallationKind = "cloud" | "self_hosted";

/** Whether an address belongs to Arcade Cloud. */
export function isCloudAddress(address: string): boolean {
  const host = URL.parse(address)?.hostname.replace(/\.$/, "") ?? "";
  return host === "arcade.dev" || host.endsWith(".arcade.dev");
}

/** Whether two addresses belong to one server: both belong to Arcade Cloud, or they have the same origin. */
export function isSameServer(one: string, other: string): boolean {
  if (isCloudAddress(one) || isCloudAddress(other)) {
    return isCloudAddress(one) && isCloudAddress(other);
  }
  const origin = URL.parse(one)?.origin;
  return origin !== undefined && origin !== "null" && origin === URL.parse(other)?.origin;
}
