/** Discovery: the services of an installation (docs/contracts.md, Discovery). */

import { type Fields, InvalidField } from "./fields.ts";

/** `GET {base}/.well-known/arcade`. */
export interface DiscoveryResponse {
  readonly engine: string;
  readonly coordinator: string;
  readonly dashboard: string;
  readonly version: string;
  readonly deployments: { readonly enabled: boolean; readonly reason: string };
}

/** What a discovery document says. Its addresses are not checked yet. */
export interface Discovery {
  readonly coordinator: string | undefined;
  readonly engine: string | undefined;
  readonly dashboard: string | undefined;
  /** Why it accepts no deployments, which may be empty; undefined if it accepts them, or does not say. */
  readonly noDeployments: string | undefined;
}

export function readDiscovery(document: Fields): Discovery {
  const address = (name: string) =>
    document.text(name) || nestedAddress(document, name) || undefined;
  const deployments = document.fields("deployments");
  return {
    coordinator: address("coordinator"),
    engine: address("engine"),
    dashboard: address("dashboard"),
    noDeployments: deployments?.mapping.enabled === false
      ? deployments.text("reason") ?? ""
      : undefined,
  };
}

/** The address in `urls`, where other installations have it; undefined if that is not an object with addresses. */
function nestedAddress(document: Fields, name: string): string | undefined {
  try {
    return document.fields("urls")?.text(name);
  } catch (error) {
    if (error instanceof InvalidField) return undefined;
    throw error;
  }
}
