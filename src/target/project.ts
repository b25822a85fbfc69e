/** The project that a command works in: flags, then variables, then the active one. */

import type { Membership } from "../contract/coordinator.ts";
import type { ActiveProject } from "../contract/active_project.ts";
import type { CoordinatorAccess } from "../api/coordinator.ts";
import type { Session } from "../auth/session.ts";
import { type ContextFlag, namedContext, sameContext } from "../auth/stored_login.ts";
import { Failure } from "../failure.ts";
import type { Environment } from "../contract/variables.ts";
import { shellWord } from "../text/shell_word.ts";
import type { AuthContext } from "../auth/context.ts";

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
  context: AuthContext,
  flags: ProjectFlags & ContextFlag,
  session: Session | undefined,
): Promise<ActiveProject | undefined> {
  const { env } = context;
  if (!session) {
    if (flags.org === undefined && flags.project === undefined) return undefined;
    throw new Failure("usage", "An API key or token belongs to one project", {
      next: "Leave out `--org` and `--project`, or use your login",
    });
  }
  const names = namesOfProject(env, flags);
  if (names === undefined) return session.activeProject;
  session.projectFrom = names;
  const same = sameContext(namedContext(context, flags));
  const { id: orgId, name: orgName } = await organizationOf(env, flags, { session, same });
  const place = { env, flags, session, same };
  const { id: projectId, name: projectName } = await projectIn(orgId, place);
  return { orgId, orgName, projectId, projectName };
}

/** The flags or variables that name an organization or a project; undefined if none does. */
export function namesOfProject(
  { ARCADE_ORG_ID, ARCADE_PROJECT_ID }: {
    readonly ARCADE_ORG_ID?: string | undefined;
    readonly ARCADE_PROJECT_ID?: string | undefined;
  },
  { org, project }: ProjectFlags,
): string | undefined {
  const names = [
    org !== undefined ? "`--org`" : ARCADE_ORG_ID ? "ARCADE_ORG_ID" : [],
    project !== undefined ? "`--project`" : ARCADE_PROJECT_ID ? "ARCADE_PROJECT_ID" : [],
  ];
  return names.flat().join(" and ") || undefined;
}

type IdAndName = Omit<Membership, "isDefault">;

async function organizationOf(
  env: Environment,
  flags: ProjectFlags,
  { session, same }: { readonly session: Session; readonly same: string },
): Promise<IdAndName> {
  const named = await namedOrganization(env, flags, { access: session.access, same });
  if (named) return named;
  const { orgId, orgName } = session.activeProject;
  return { id: orgId, name: orgName };
}

/**
 * The organization that the flag or the variable names; undefined if neither does.
 *
 * @param options.same the flags that name the same coordinator and login again, for hints.
 * @throws {Failure} as {@link projectOf} does.
 */
export async function namedOrganization(
  { ARCADE_ORG_ID: id }: Environment,
  { org }: Pick<ProjectFlags, "org">,
  { access, same }: { readonly access: CoordinatorAccess; readonly same: string },
): Promise<IdAndName | undefined> {
  if (org !== undefined) {
    const [{ fetchOrganizations }, { findChoice }] = await lookup();
    const list = `arcade org list${same}`;
    return findChoice(await fetchOrganizations(access), org, { kind: "organization", list });
  }
  return id ? { id, name: id } : undefined;
}

async function projectIn(
  orgId: string,
  { env: { ARCADE_PROJECT_ID: id }, flags: { org, project: wanted }, session, same }: {
    readonly env: Environment;
    readonly flags: ProjectFlags;
    readonly session: Session;
    readonly same: string;
  },
): Promise<IdAndName> {
  if (wanted === undefined && id) return { id, name: id };
  const active = session.chosenProject;
  if (wanted === undefined && active?.orgId === orgId) {
    return { id: active.projectId, name: active.projectName };
  }
  const [{ chooseDefault, fetchProjects }, { findChoice }] = await lookup();
  const projects = await fetchProjects(session.access, orgId);
  if (wanted !== undefined) {
    const list = `arcade project list${same}${org === undefined ? "" : ` --org ${shellWord(org)}`}`;
    return findChoice(projects, wanted, { kind: "project", list });
  }
  const project = chooseDefault(projects);
  if (project) return project;
  throw new Failure("not-found", "This organization has no projects", {
    next: "Create one on the dashboard first",
  });
}

/** Loads the code for a lookup by name. */
function lookup() {
  return Promise.all([import("../api/coordinator.ts"), import("./choices.ts")]);
}
