import type { AuthorizationRequirement } from "../../contract/tools.ts";
import type { Calls } from "../calls/calls.ts";

/** The grants that the tools of a project require from users. */
export async function requirementsIn(
  calls: Calls,
  projectId: string,
): Promise<AuthorizationRequirement[]> {
  const tools = await calls.list(projectId, {});
  return tools.flatMap(({ requirements }) => requirements.authorization ?? []);
}
