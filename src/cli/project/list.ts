import { fetchProjects } from "../../arcade/coordinator.ts";
import { Session } from "../../arcade/session.ts";
import { choiceToJson, writeChoices } from "../choices.ts";
import type { Context } from "../context.ts";
import { type ServiceFlags, writeJson } from "../flags.ts";

/** Lists the projects of the active organization. */
export async function listProjects(context: Context, flags: ServiceFlags): Promise<void> {
  const session = await Session.open(context, flags);
  const { orgId, orgName, projectId } = session.activeContext;
  const projects = await fetchProjects(session, orgId);
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
