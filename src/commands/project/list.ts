import { choiceToJson, writeChoices } from "../shared/choices.ts";
import type { Context } from "../context.ts";
import type { ServiceFlags } from "../shared/flags.ts";
import { writeJson } from "../shared/json.ts";
import type { ProjectFlags } from "../../target/project.ts";
import { projectsFor } from "../shared/projects.ts";

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
    context.io.stderr.write("No projects in this organization yet\n");
  } else {
    await writeChoices(context, projects, chosen?.projectId);
  }
}
