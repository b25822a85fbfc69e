import type { ActiveProject } from "../../contract/active_project.ts";
import type { Context } from "../context.ts";
import type { JsonFlag } from "./flags.ts";
import { writeJson } from "./json.ts";

/** Reports the active organization and project after a switch. */
export function showChosen(context: Context, flags: JsonFlag, chosen: ActiveProject): void {
  if (flags.json) {
    writeJson(context, {
      organization: { id: chosen.orgId, name: chosen.orgName },
      project: { id: chosen.projectId, name: chosen.projectName },
    });
    return;
  }
  context.io.info(`Switched to ${chosen.orgName} / ${chosen.projectName}`);
}
