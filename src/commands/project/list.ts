import {
  chooseDefault,
  type CoordinatorAccess,
  fetchOrganizations,
  fetchProjects,
} from "../../api/coordinator.ts";
import { Failure } from "../../failure.ts";
import { accessCoordinator } from "../../auth/access.ts";
import { choiceToJson, writeChoices } from "../shared/choices.ts";
import type { Context } from "../context.ts";
import { type ServiceFlags, writeJson } from "../shared/flags.ts";

/** Lists the projects of the active organization, or of the default one without an active one. */
export async function listProjects(context: Context, flags: ServiceFlags): Promise<void> {
  const access = await accessCoordinator(context, flags);
  const { chosen } = access;
  const organization = chosen
    ? { id: chosen.orgId, name: chosen.orgName }
    : await defaultOrganization(access);
  const projects = await fetchProjects(access, organization.id);
  if (flags.json) {
    writeJson(context, {
      organization: { id: organization.id, name: organization.name },
      projects: projects.map((one) => choiceToJson(one, chosen?.projectId)),
    });
  } else if (projects.length === 0) {
    context.stderr.write("No projects in the active organization yet\n");
  } else {
    await writeChoices(context, projects, chosen?.projectId);
  }
}

async function defaultOrganization(access: CoordinatorAccess) {
  const organization = chooseDefault(await fetchOrganizations(access));
  if (organization) return organization;
  throw new Failure("not-found", "No organization to list projects of", {
    next: "Run `arcade org list` to see yours",
  });
}
