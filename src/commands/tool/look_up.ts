import type { ListedTool, ToolsClient } from "../../api/tools.ts";
import { findListed } from "../shared/find_tool.ts";

/**
 * The tool for a name that the engine does not find: in another case or spelling, or without its server.
 *
 * @param options.list the command line that lists all, for hints.
 * @throws {Failure} as {@linkcode findListed} does.
 */
export async function lookUp(
  client: ToolsClient,
  wanted: string,
  { userId, list }: { readonly userId: string | undefined; readonly list: string },
): Promise<ListedTool> {
  const listed = await findListed(client, wanted, list);
  const { name, version } = listed;
  const full = version !== undefined && wanted.includes("@") ? `${name}@${version}` : name;
  return await client.find(full, userId) ?? listed;
}
