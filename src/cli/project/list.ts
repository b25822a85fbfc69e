import { fetchProjects } from "../../arcade/coordinator.ts";
import { requireChosen } from "../../arcade/session.ts";
import { choiceToJson, writeChoices } from "../choices.ts";
import type { Context } from "../context.ts";
import { accessCoordinator } from "../access.ts";
import { type ServiceFlags, writeJson } from "../flags.ts";

/** Lists the projects of the active organization. */
export async function listProjects(context: Context, flags: ServiceFlags): Promise<void> {
  const access = await accessCoordinator(context, flags, ["projects:read"]);
  const { orgId, orgName, projectId } = requireChosen(access.chosen);
  const projects = await fetchProjects(access, orgId);
  if (flags.json) {
    writeJson(context, {
      organization: { id: orgId, name: orgName },
      projects: projects.map((one) => choiceToJson(one, projectId)),
    });
  } else if (projects.length === 0) {
    context.stderr.write("The active organization has no project yet\n");
  } else {
    await writeChoices(context, projects, projectId);
  }
}
