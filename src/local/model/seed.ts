/** The content that a local Arcade starts with or exports. */

import type { SeedGatewayResponse, SeedGrantResponse, SeedResponse } from "../../contract/seed.ts";
import type { Sensitive } from "../../secrecy/sensitive.ts";
import type { UserGrants } from "../grants/user_grants.ts";
import type { RegisteredServers } from "../servers/registered.ts";
import type { SeedServer, SeedServers } from "../servers/seed_servers.ts";
import type { Account, Accounts, Planted } from "./accounts.ts";
import type { Gateways } from "./gateways.ts";
import type { Secrets } from "./secrets.ts";

export interface Seed {
  /** The first user is the user of logins, and owns the organizations. */
  readonly users: readonly SeedUser[];
  readonly organizations: readonly SeedOrganization[];
  /** The secrets of the default project, by key. */
  readonly secrets: ReadonlyMap<string, Sensitive>;
  /** The servers of the default project. */
  readonly servers: readonly SeedServer[];
  /** The grants of users in the default project. */
  readonly grants: readonly SeedGrant[];
  /** The gateways of the default project. */
  readonly gateways: readonly SeedGateway[];
}

export interface SeedGateway extends Omit<SeedGatewayResponse, "slug"> {
  /** Undefined to derive it from the id. */
  readonly slug?: string | undefined;
}

export interface SeedGrant extends Pick<SeedGrantResponse, "user" | "provider" | "scopes"> {
  /** Undefined for a fake one. */
  readonly token?: Sensitive | undefined;
  readonly expiresAt?: Date | undefined;
}

export interface SeedUser {
  readonly id?: string | undefined;
  readonly email: string;
}

export interface SeedOrganization extends Planted {
  readonly projects: readonly Planted[];
}

/**
 * Creates the content of a seed except its servers, and renames existing items with the same id.
 *
 * @returns the id of the default project.
 * @throws {Error} when an id belongs to something else. The message says which.
 */
export async function plant(
  { users, organizations, secrets, grants, gateways }: Seed,
  services: {
    readonly accounts: Accounts;
    readonly gateways: Gateways;
    readonly secrets: Secrets;
    readonly grants: UserGrants;
  },
): Promise<string> {
  const { accounts } = services;
  const account = accounts.plant(users, organizations);
  const project = accounts.defaultProject(account);
  for (const [key, value] of secrets) {
    await services.secrets.set(project.id, { key, value: value.reveal() });
  }
  for (const { user: userId, provider, scopes, token, expiresAt } of grants) {
    const providerId = services.grants.providers.resolve(project.id, {
      id: undefined,
      kind: provider,
    });
    const place = { projectId: project.id, userId, providerId };
    await services.grants.grant(place, { scopes, token: token?.reveal(), expiresAt });
  }
  for (const gateway of gateways) plantGateway(services.gateways, project.id, gateway);
  return project.id;
}

/** Creates a gateway, or changes the one with the same slug. */
function plantGateway(
  gateways: Gateways,
  projectId: string,
  { name, slug, description, auth, status, tools }: SeedGateway,
): void {
  const request = {
    name,
    slug,
    description: description ?? null,
    status,
    auth_type: auth === "oauth" ? "arcade" : "arcade_header",
    tool_filter: tools ? { allowed_tools: tools } : null,
  } as const;
  const found = gateways.of(projectId).find((one) => one.slug === slug);
  const planted = found ? gateways.change(found, request) : gateways.create(projectId, request);
  if (planted === undefined) throw new Error(`Another project has a gateway with the slug ${slug}`);
}

/** The content of a local Arcade as a seed, without values and tokens. */
export async function seedOf(
  account: Account,
  { accounts, secrets, registered, seedServers, grants, gateways }: {
    readonly accounts: Accounts;
    readonly gateways: Gateways;
    readonly secrets: Secrets;
    readonly registered: RegisteredServers;
    readonly seedServers: SeedServers;
    readonly grants: UserGrants;
  },
): Promise<SeedResponse> {
  const organizations = accounts.organizations(account.id).map(({ id, name }) => ({
    id,
    name,
    projects: accounts.projects(id).map((project) => ({ id: project.id, name: project.name })),
  }));
  const others = accounts.all().filter(({ id }) => id !== account.id);
  const { id: projectId } = accounts.defaultProject(account);
  return {
    users: [account, ...others].map(({ id, email }) => ({ id, email })),
    organizations,
    secrets: secrets.list(projectId).map(({ key }) => ({ key })),
    servers: registered.of(projectId).map(({ name, settings }) =>
      seedServers.projectServer(name) ??
        (settings.type === "mcp"
          ? { name, url: settings.mcp.uri }
          : { name, url: settings.http.uri, has_secret: true })
    ),
    grants: await Promise.all(
      grants.connections.of(projectId).map(async (connection) => ({
        user: connection.userId,
        provider: connection.providerId,
        scopes: connection.scopes,
        expires: connection.expiresAt?.toISOString(),
        has_token: !await grants.connections.isFake(connection),
      })),
    ),
    gateways: gateways.of(projectId).map((
      { name, slug, description, authType, status, tools },
    ) => ({
      name,
      slug,
      description,
      auth: authType === "arcade" ? "oauth" : "header",
      status,
      tools,
    })),
  };
}
