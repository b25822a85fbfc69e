/** What a project has, for the dashboard. */

import type { ApiKey } from "./model/accounts.ts";
import type { Connection } from "./model/connections.ts";
import type { Gateway } from "./model/gateways.ts";
import type { Listed } from "./model/secrets.ts";
import { type AnyServer, serversOf } from "./named_server.ts";
import type { Services } from "./services.ts";

export interface ProjectContent {
  readonly secrets: readonly Listed[];
  readonly servers: readonly AnyServer[];
  readonly gateways: readonly Gateway[];
  readonly connections: readonly Connection[];
  readonly apiKeys: readonly ApiKey[];
}

export function contentOf(services: Services, projectId: string): ProjectContent {
  const { accounts, secrets, gateways, grants } = services;
  return {
    secrets: secrets.list(projectId),
    servers: serversOf(services, projectId),
    gateways: gateways.of(projectId),
    connections: grants.connections.of(projectId),
    apiKeys: accounts.apiKeys(projectId),
  };
}

/** Whether one of these texts contains what the user looks for, in any case. */
export type Has = (...texts: string[]) => boolean;

export function containing(filter: string): Has {
  const wanted = filter.toLowerCase();
  return (...texts) => texts.some((text) => text.toLowerCase().includes(wanted));
}

/** The part of a content that a user looks for. */
export function matching(content: ProjectContent, has: Has): ProjectContent {
  return {
    secrets: content.secrets.filter(({ key }) => has(key)),
    servers: content.servers.filter(({ name }) => has(name)),
    gateways: content.gateways.filter(({ name, slug }) => has(name, slug)),
    connections: content.connections.filter(({ userId, providerId }) => has(userId, providerId)),
    apiKeys: content.apiKeys.filter(({ fingerprint }) => has(fingerprint)),
  };
}

/** What a content has, each with its noun: `secret`, `API_KEY`. */
export function namesIn(
  { secrets, servers, gateways, connections, apiKeys }: ProjectContent,
): (readonly [noun: string, name: string])[] {
  return [
    ...servers.map(({ name }) => ["server", name] as const),
    ...secrets.map(({ key }) => ["secret", key] as const),
    ...gateways.map(({ name }) => ["gateway", name] as const),
    ...connections.map(({ userId, providerId }) => [`${providerId} grant of`, userId] as const),
    ...apiKeys.map(({ fingerprint }) => ["API key", fingerprint] as const),
  ];
}
