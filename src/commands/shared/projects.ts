import { chooseDefault, fetchOrganizations, fetchProjects } from "../../api/coordinator.ts";
import type { ContextFlag } from "../../auth/stored_login.ts";
import { Failure } from "../../failure.ts";
import type { AddressFlags } from "../../hosts/urls.ts";
import { accessCoordinator } from "../../target/access.ts";
import type { Context } from "../context.ts";
import { namedOrganization, namesOfProject, type ProjectFlags } from "../../target/project.ts";
import { sameProject } from "./same_project.ts";

/** The projects of the organization that a flag or a variable names, or else of the active one, or else of the default one. */
export async function projectsFor(
  context: Context,
  flags: AddressFlags & ContextFlag & Pick<ProjectFlags, "org">,
) {
  const access = await accessCoordinator(context, flags);
  const organization = await organizationFor(context, flags, access);
  const projects = await fetchProjects(access, organization.id);
  return { organization, projects, chosen: access.chosen };
}

/** The organization that a flag or a variable names, or else the active one, or else the default one. */
async function organizationFor(
  { env }: Context,
  flags: AddressFlags & ContextFlag & Pick<ProjectFlags, "org">,
  access: Awaited<ReturnType<typeof accessCoordinator>>,
): Promise<{ readonly id: string; readonly name: string }> {
  const { org: _, ...others } = flags;
  const same = sameProject(others);
  if (access.session) {
    access.session.projectFrom = namesOfProject({ ARCADE_ORG_ID: env.ARCADE_ORG_ID }, flags);
  }
  const named = await namedOrganization(env, flags, { access, same });
  if (named) return named;
  const { chosen } = access;
  if (chosen) return { id: chosen.orgId, name: chosen.orgName };
  const organization = chooseDefault(await fetchOrganizations(access));
  if (organization) return organization;
  throw new Failure("not-found", "No organization is active", {
    next: `Run \`arcade org list${same}\` to see them`,
  });
}
