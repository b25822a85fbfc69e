import { fetchOrganizations } from "../../arcade/coordinator.ts";
import { Session } from "../../arcade/session.ts";
import { choiceToJson, writeChoices } from "../choices.ts";
import type { Context } from "../context.ts";
import { type ServiceFlags, writeJson } from "../flags.ts";

/** Lists the organizations of the logged-in person. */
export async function listOrganizations(context: Context, flags: ServiceFlags): Promise<void> {
  const session = await Session.open(context, flags);
  const organizations = await fetchOrganizations(session);
  const activeId = session.chosenContext?.orgId;
  if (flags.json) {
    writeJson(context, { organizations: organizations.map((one) => choiceToJson(one, activeId)) });
  } else if (organizations.length === 0) {
    context.stderr.write("You belong to no organization yet\n");
  } else {
    await writeChoices(context, organizations, activeId);
  }
}
