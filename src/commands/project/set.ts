import { fetchProjects } from "../../api/coordinator.ts";
import { openLogin } from "../../target/access.ts";
import { choose } from "../shared/choices.ts";
import { showChosen } from "../shared/chosen.ts";
import type { Context } from "../context.ts";
import type { ServiceFlags } from "../shared/flags.ts";
import { sameProject } from "../shared/same_project.ts";

/** Makes a project of the active organization the active one. */
export async function setProject(
  context: Context,
  flags: ServiceFlags,
  wanted?: string,
): Promise<void> {
  // The choice is stored with the login, so no other credential works here.
  const session = await openLogin(context, flags);
  const { orgId, orgName, projectId: activeId } = session.activeProject;
  const list = `arcade project list${sameProject(flags)}`;
  const fetch = () => fetchProjects(session.access, orgId);
  const project = await choose(context, { wanted, activeId, fetch, kind: "project", list });
  await session.choose({ orgId, orgName, projectId: project.id, projectName: project.name });
  showChosen(context, flags, session.activeProject);
}
