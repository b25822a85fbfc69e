/**
 * The shapes that travel between the command line and the two Arcade services (design, contracts of the services).
 * The clients parse every answer with these schemas; the local Arcade produces the same types.
 */

import * as v from "valibot";

/** `GET {coordinator}/api/v1/auth/cli_config`: what OAuth needs to know about the coordinator. */
export const OAuthSettings = v.object({
  client_id: v.pipe(v.string(), v.nonEmpty()),
  authorization_endpoint: v.pipe(v.string(), v.url()),
  token_endpoint: v.pipe(v.string(), v.url()),
  device_authorization_endpoint: v.optional(v.nullable(v.pipe(v.string(), v.url()))),
  revocation_endpoint: v.optional(v.nullable(v.pipe(v.string(), v.url()))),
});
export type OAuthSettings = v.InferOutput<typeof OAuthSettings>;

const id = v.pipe(v.string(), v.nonEmpty());

/** One organization; the coordinator names its id `organization_id` in some answers and `org_id` in others. */
export const Organization = v.pipe(
  v.union([
    v.object({ organization_id: id, name: v.string(), is_default: v.optional(v.boolean(), false) }),
    v.object({ org_id: id, name: v.string(), is_default: v.optional(v.boolean(), false) }),
  ]),
  v.transform((organization) => ({
    id: "org_id" in organization ? organization.org_id : organization.organization_id,
    name: organization.name,
    isDefault: organization.is_default,
  })),
);
export type Organization = v.InferOutput<typeof Organization>;
export type OrganizationOnTheWire = v.InferInput<typeof Organization>;

export const Project = v.pipe(
  v.object({ project_id: id, name: v.string(), is_default: v.optional(v.boolean(), false) }),
  v.transform((project) => ({
    id: project.project_id,
    name: project.name,
    isDefault: project.is_default,
  })),
);
export type Project = v.InferOutput<typeof Project>;
export type ProjectOnTheWire = v.InferInput<typeof Project>;

/** `GET {coordinator}/api/v1/auth/whoami`. */
export const WhoAmI = v.object({
  data: v.object({
    account_id: v.string(),
    email: v.string(),
    organizations: v.optional(v.array(Organization), []),
    projects: v.optional(v.array(Project), []),
  }),
});
export type WhoAmIOnTheWire = v.InferInput<typeof WhoAmI>;

/** `GET {coordinator}/api/v1/auth/validate`. */
export const ValidApiKey = v.object({ data: v.object({ principal_id: id }) });

/** `GET {coordinator}/api/v1/orgs`. */
export const OrganizationList = v.object({ data: v.object({ items: v.array(Organization) }) });

/** `GET {coordinator}/api/v1/orgs/{org}/projects`. */
export const ProjectList = v.object({ data: v.object({ items: v.array(Project) }) });

/** A stored secret without its value. Times are ISO 8601 strings. */
export const SecretEntry = v.object({
  id,
  key: v.string(),
  binding: v.object({ type: v.string() }),
  description: v.optional(v.nullable(v.string())),
  hint: v.optional(v.nullable(v.string())),
  last_accessed_at: v.optional(v.nullable(v.string())),
  created_at: v.string(),
});
export type SecretEntry = v.InferOutput<typeof SecretEntry>;

/** `GET {engine}/v1/orgs/{org}/projects/{project}/secrets`. */
export const SecretList = v.object({ items: v.array(SecretEntry) });
