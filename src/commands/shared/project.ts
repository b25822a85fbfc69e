/** The project that a command works in: flags, then variables, then the active one. */

import type { Membership } from "../../contract/coordinator.ts";
import type { ActiveProject } from "../../contract/active_project.ts";
import type { CoordinatorAccess } from "../../api/coordinator.ts";
import type { Session } from "../../auth/session.ts";
import { Failure } from "../../failure.ts";
import type { Environment } from "../../contract/variables.ts";
import type { Context } from "../context.ts";

/** `--org` and `--project`: the project of one command, by id or name. */
export interface ProjectFlags {
  readonly org?: string;
  readonly project?: string;
}

/**
 * The project of a command; undefined when the credential decides it. Variables have ids, which need no request.
 *
 * @param session the login; undefined with another credential.
 * @throws {Failure} of kind `usage` when flags name a project and the credential decides it, or when none is active; of kind
 * `not-found` when there is no such organization or project.
 */
export async function projectOf(
  { env }: Context,
  flags: ProjectFlags,
  session: Session | undefined,
): Promise<ActiveProject | undefined> {
  if (!session) {
    if (flags.org === undefined && flags.project === undefined) return undefined;
    throw new Failure("usage", "An API key or a token belongs to one project", {
      next: "Leave out `--org` and `--project`, or use your login",
    });
  }
  const { org = env.ARCADE_ORG_ID, project = env.ARCADE_PROJECT_ID } = flags;
  if (flags.org === undefined && flags.project === undefined && !org && !project) {
    return session.activeProject;
  }
  const { id: orgId, name: orgName } = await organizationOf(env, flags, session);
  const { id: projectId, name: projectName } = await projectIn(orgId, { env, flags, session });
  return { orgId, orgName, projectId, projectName };
}

type IdAndName = Omit<Membership, "isDefault">;

async function organizationOf(
  env: Environment,
  flags: ProjectFlags,
  session: Session,
): Promise<IdAndName> {
  const named = await namedOrganization(env, flags, session.access);
  if (named) return named;
  const { orgId, orgName } = session.activeProject;
  return { id: orgId, name: orgName };
}

/**
 * The organization that the flag or the variable names; undefined if neither does.
 *
 * @throws {Failure} as {@link projectOf} does.
 */
export async function namedOrganization(
  { ARCADE_ORG_ID: id }: Environment,
  { org }: Pick<ProjectFlags, "org">,
  access: CoordinatorAccess,
): Promise<IdAndName | undefined> {
  if (org !== undefined) {
    const [{ fetchOrganizations }, { findChoice }] = await lookup();
    return findChoice("organization", await fetchOrganizations(access), org);
  }
  return id ? { id, name: id } : undefined;
}

async function projectIn(
  orgId: string,
  { env: { ARCADE_PROJECT_ID: id }, flags: { project: wanted }, session }: {
    readonly env: Environment;
    readonly flags: ProjectFlags;
    readonly session: Session;
  },
): Promise<IdAndName> {
  if (wanted === undefined && id) return { id, name: id };
  const active = session.chosenProject;
  if (wanted === undefined && active?.orgId === orgId) {
    return { id: active.projectId, name: active.projectName };
  }
  const [{ chooseDefault, fetchProjects }, { findChoice }] = await lookup();
  const projects = await fetchProjects(session.access, orgId);
  if (wanted !== undefined) return findChoice("project", projects, wanted);
  const project = chooseDefault(projects);
  if (project) return project;
  throw new Failure("not-found", "This organization has no projects", {
    next: "Create one on the dashboard first",
  });
}

/** Loads what only a lookup by name needs. */
function lookup() {
  return Promise.all([import("../../api/coordinator.ts"), import("./choices.ts")]);
}
