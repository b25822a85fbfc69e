import {
  chooseDefault,
  type CoordinatorAccess,
  fetchOrganizations,
  fetchProjects,
} from "../../api/coordinator.ts";
import { Failure } from "../../failure.ts";
import type { AddressFlags } from "../../hosts/urls.ts";
import { accessCoordinator } from "../../target/access.ts";
import type { ContextFlag } from "../../auth/stored_login.ts";
import { choiceToJson, writeChoices } from "../shared/choices.ts";
import type { Context } from "../context.ts";
import { type ServiceFlags, writeJson } from "../shared/flags.ts";
import { namedOrganization, type ProjectFlags } from "../shared/project.ts";
import type { ActiveProject } from "../../contract/active_project.ts";

/** Lists the projects of the active organization, or of the default one without an active one. */
export async function listProjects(
  context: Context,
  flags: ServiceFlags & Pick<ProjectFlags, "org">,
): Promise<void> {
  const { organization, projects, chosen } = await projectsFor(context, flags);
  if (flags.json) {
    writeJson(context, {
      organization: { id: organization.id, name: organization.name },
      projects: projects.map((one) => choiceToJson(one, chosen?.projectId)),
    });
  } else if (projects.length === 0) {
    context.stderr.write("No projects in this organization yet\n");
  } else {
    await writeChoices(context, projects, chosen?.projectId);
  }
}

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
  flags: Pick<ProjectFlags, "org">,
  access: CoordinatorAccess & { readonly chosen: ActiveProject | undefined },
): Promise<{ readonly id: string; readonly name: string }> {
  const named = await namedOrganization(env, flags, access);
  if (named) return named;
  const { chosen } = access;
  if (chosen) return { id: chosen.orgId, name: chosen.orgName };
  const organization = chooseDefault(await fetchOrganizations(access));
  if (organization) return organization;
  throw new Failure("not-found", "No organization to list projects of", {
    next: "Run `arcade org list` to see yours",
  });
}
