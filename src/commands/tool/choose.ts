/** The tool of a command line that names none. */

import type { ToolsClient } from "../../api/tools.ts";
import type { EngineFlags } from "../../target/target.ts";
import type { Context } from "../context.ts";
import { chooseListed, itemsOf, type ListedName } from "../shared/listed_name.ts";
import { sameProject } from "../shared/same_project.ts";

/** The choice of a tool of the project, and the command line that lists all. */
export function toolChoice(flags: EngineFlags): ListedName & { readonly list: string } {
  const list = `arcade tool list${sameProject(flags)}`;
  return {
    what: "tool",
    list,
    next: `Give its name; \`${list}\` shows yours`,
    ifNone: "Deploy a server with `arcade deploy`",
  };
}

/** The name of the tool that the user chooses. Throws as {@link chooseListed} does. */
export async function chooseTool(
  context: Context,
  tools: ToolsClient,
  choice: ListedName,
): Promise<string> {
  const listed = await tools.list();
  return await chooseListed(context, choice, itemsOf(listed.map(({ name }) => name)));
}
