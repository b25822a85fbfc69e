import { chooseDefault, fetchOrganizations, fetchProjects } from "../../api/coordinator.ts";
import { Failure } from "../../failure.ts";
import { openLogin } from "../../target/access.ts";
import { choose } from "../shared/choices.ts";
import { showChosen } from "../shared/chosen.ts";
import type { Context } from "../context.ts";
import type { ServiceFlags } from "../shared/flags.ts";
import { sameProject } from "../shared/same_project.ts";

/** Makes an organization the active one, with its default project. */
export async function setOrganization(
  context: Context,
  flags: ServiceFlags,
  wanted?: string,
): Promise<void> {
  // The choice is stored with the login, so no other credential works here.
  const session = await openLogin(context, flags);
  const list = `arcade org list${sameProject(flags)}`;
  const fetch = () => fetchOrganizations(session.access);
  const organization = await choose(context, {
    wanted,
    activeId: session.chosenProject?.orgId,
    fetch,
    kind: "organization",
    list,
  });
  const project = chooseDefault(await fetchProjects(session.access, organization.id));
  if (!project) {
    throw new Failure("not-found", `Organization "${organization.name}" has no projects`, {
      next: "Create one on the dashboard first; the active organization was not changed",
    });
  }
  await session.choose({
    orgId: organization.id,
    orgName: organization.name,
    projectId: project.id,
    projectName: project.name,
  });
  showChosen(context, flags, session.activeProject);
}
