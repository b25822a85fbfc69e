import { fetchOrganizations } from "../../api/coordinator.ts";
import { choiceToJson, writeChoices } from "../shared/choices.ts";
import type { Context } from "../context.ts";
import { accessCoordinator } from "../../target/access.ts";
import type { ServiceFlags } from "../shared/flags.ts";
import { writeJson } from "../shared/json.ts";

/** Lists the organizations of the current user. */
export async function listOrganizations(context: Context, flags: ServiceFlags): Promise<void> {
  const access = await accessCoordinator(context, flags);
  const organizations = await fetchOrganizations(access);
  const activeId = access.chosen?.orgId;
  if (flags.json) {
    writeJson(context, { organizations: organizations.map((one) => choiceToJson(one, activeId)) });
  } else if (organizations.length === 0) {
    context.io.stderr.write("No organizations yet\n");
  } else {
    await writeChoices(context, organizations, activeId);
  }
}
