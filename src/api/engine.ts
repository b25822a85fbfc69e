/** The engine, in one project (docs/contracts.md, Engine). */

import type { ActiveProject } from "../contract/active_project.ts";
import { pathSegment } from "../hosts/urls.ts";
import type { AuthorizedClient } from "./authorized_client.ts";
import type { DeploymentsClient } from "./deployments.ts";
import type { GatewaysClient } from "./gateways.ts";
import type { GrantsClient } from "./grants.ts";
import type { UserConnectionsClient } from "./user_connections.ts";
import type { LogsClient, ReadingLimits } from "./logs.ts";
import type { RunsClient } from "./runs.ts";
import { SecretsClient } from "./secrets.ts";
import { ServersClient } from "./servers.ts";
import type { ToolsClient } from "./tools.ts";

/** The engine, in one project. Rarely used resources are loaded on demand. */
export interface Engine {
  readonly secrets: SecretsClient;
  readonly servers: ServersClient;
  readonly tools: () => Promise<ToolsClient>;
  readonly gateways: () => Promise<GatewaysClient>;
  readonly runs: () => Promise<RunsClient>;
  readonly grants: () => Promise<GrantsClient>;
  readonly connections: () => Promise<UserConnectionsClient>;
  /** The log of a server. */
  readonly logs: (server: string, limits: ReadingLimits) => Promise<LogsClient>;
  /** @param limits.answerMs how long sending a release may take. */
  readonly deployments: (limits: { readonly answerMs: number }) => Promise<DeploymentsClient>;
}

/** An engine, and the project there. */
export interface EnginePlace {
  /** The address, without a final slash. */
  readonly address: string;
  /** Undefined when the credential decides it. */
  readonly project: ActiveProject | undefined;
}

/** Opens an engine. Sends nothing yet. */
export function openEngine(client: AuthorizedClient, { address, project }: EnginePlace): Engine {
  const root = projectUrl(address, project);
  return {
    // Without a project, use the older address.
    secrets: new SecretsClient(client, `${project ? root : `${root}/admin`}/secrets`),
    servers: new ServersClient(client, `${root}/workers`),
    async tools() {
      const { ToolsClient } = await import("./tools.ts");
      return new ToolsClient(client, `${root}/tools`);
    },
    async gateways() {
      const { GatewaysClient } = await import("./gateways.ts");
      return new GatewaysClient(client, `${root}/gateways`);
    },
    async runs() {
      const { RunsClient } = await import("./runs.ts");
      return new RunsClient(client, `${root}/scheduled_tools`);
    },
    async grants() {
      const { GrantsClient } = await import("./grants.ts");
      return new GrantsClient(client, root);
    },
    async connections() {
      const { UserConnectionsClient } = await import("./user_connections.ts");
      return new UserConnectionsClient(client, `${root}/admin/user_connections`);
    },
    async logs(server, limits) {
      const { LogsClient } = await import("./logs.ts");
      const url = `${root}/deployments/${pathSegment(server)}/logs`;
      return new LogsClient(client, { url, healthUrl: `${address}/v1/health` }, limits);
    },
    async deployments(limits) {
      const { DeploymentsClient } = await import("./deployments.ts");
      return new DeploymentsClient(client, `${root}/deployments`, limits);
    },
  };
}

/**
 * The start of the engine's addresses for a project. Without a project, of those that leave the choice of project to the
 * token.
 */
function projectUrl(address: string, project: ActiveProject | undefined): string {
  if (!project) return `${address}/v1`;
  const { orgId, projectId } = project;
  return `${address}/v1/orgs/${pathSegment(orgId)}/projects/${pathSegment(projectId)}`;
}
