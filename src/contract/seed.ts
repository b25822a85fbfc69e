/** The local Arcade: what it would be seeded with to become the same. Arcade itself has no such request. */

import type { Fields } from "./fields.ts";
import { oneOf } from "./request.ts";

/** The path of the seed on a local Arcade, for one of its API keys. */
export const SEED_PATH = "/.well-known/arcade/seed";

/** An organization or a project. */
export interface SeedPart {
  readonly id: string;
  readonly name: string;
}

/** `GET /.well-known/arcade/seed`. */
export interface SeedResponse {
  readonly users: readonly { readonly id: string; readonly email: string }[];
  readonly organizations: readonly (SeedPart & { readonly projects: readonly SeedPart[] })[];
  /** The keys of the secrets of the default project. */
  readonly secrets: readonly { readonly key: string }[];
  /** Those that the default project has elsewhere, or that were started from a seed. */
  readonly servers: readonly SeedServerResponse[];
  /** Without their tokens. */
  readonly grants: readonly SeedGrantResponse[];
  /** Those of the default project. */
  readonly gateways: readonly SeedGatewayResponse[];
}

export interface SeedGatewayResponse {
  readonly name: string;
  readonly slug: string;
  readonly description?: string | undefined;
  readonly auth: "oauth" | "header";
  readonly status: "active" | "inactive";
  /** Undefined for all tools of the project. */
  readonly tools?: readonly string[] | undefined;
}

export interface SeedGrantResponse {
  readonly user: string;
  readonly provider: string;
  readonly scopes: readonly string[];
  readonly expires?: string | undefined;
  /** Whether the user has a token that is not fake. */
  readonly has_token?: boolean | undefined;
}

export interface SeedServerResponse {
  readonly name: string;
  readonly url?: string | undefined;
  readonly has_secret?: boolean | undefined;
  readonly folder?: string | undefined;
  readonly command?: readonly string[] | undefined;
}

export function readSeed(answer: Fields): SeedResponse {
  return {
    users: answer.requiredList("users").map((user) => ({
      id: user.id("id"),
      email: user.requiredText("email"),
    })),
    organizations: answer.requiredList("organizations").map((organization) => ({
      ...partOf(organization),
      projects: organization.requiredList("projects").map(partOf),
    })),
    secrets: answer.requiredList("secrets").map((secret) => ({ key: secret.requiredText("key") })),
    servers: answer.requiredList("servers").map((server) => ({
      name: server.requiredText("name"),
      url: server.text("url"),
      has_secret: server.flag("has_secret"),
      folder: server.text("folder"),
      command: server.mapping.command === undefined ? undefined : server.requiredTexts("command"),
    })),
    grants: answer.requiredList("grants").map((grant) => ({
      user: grant.requiredText("user"),
      provider: grant.requiredText("provider"),
      scopes: grant.requiredTexts("scopes"),
      expires: grant.text("expires"),
      has_token: grant.flag("has_token"),
    })),
    gateways: (answer.list("gateways") ?? []).map((gateway) => ({
      name: gateway.requiredText("name"),
      slug: gateway.id("slug"),
      description: gateway.text("description"),
      auth: oneOf(gateway, "auth", ["oauth", "header"]),
      status: oneOf(gateway, "status", ["active", "inactive"]),
      tools: gateway.texts("tools"),
    })),
  };
}

function partOf(part: Fields): SeedPart {
  return { id: part.id("id"), name: part.requiredText("name") };
}
