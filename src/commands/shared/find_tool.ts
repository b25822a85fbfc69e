/** Finds tools by the names that users type. */

import type { ListedTool, ToolsClient } from "../../api/tools.ts";
import { Failure } from "../../failure.ts";
import { firstMatches, unknownName } from "../../target/choices.ts";

/**
 * The tool with this name, with its version or without. `Kit.Tool` and `Kit_Tool` are the same. A name in another case
 * counts if none is equal, and then one without its server.
 *
 * @param list the command line that lists all, for hints.
 * @throws {Failure} of kind `not-found`, or `usage` when several match.
 */
export async function findListed(
  client: ToolsClient,
  wanted: string,
  list: string,
): Promise<ListedTool> {
  const [server = "", own] = wanted.split(".");
  // One server has few tools, and a project may have thousands.
  const found = own === undefined ? undefined : matchTool(await client.list(server), wanted);
  if (found) return found;
  const tools = await client.list();
  const tool = matchTool(tools, wanted);
  if (tool) return tool;
  const names = [...new Set(tools.map(({ name }) => name))];
  throw unknownName("tool", wanted, { names, list });
}

/** The tool of a list that a name means; undefined without one. Throws as {@link findListed} does when several match. */
export function matchTool(tools: readonly ListedTool[], wanted: string): ListedTool | undefined {
  const names = ({ name, version }: ListedTool) =>
    [name, name.replace(".", "_")].flatMap((one) => [one, `${one}@${version}`]);
  const lower = wanted.toLowerCase();
  const [found, another] = firstMatches(tools, [
    (tool) => names(tool).includes(wanted),
    (tool) => names(tool).some((name) => name.toLowerCase() === lower),
    (tool) => names(tool).some((name) => name.toLowerCase().endsWith(`.${lower}`)),
  ]);
  if (!found || !another) return found;
  const isSameName = found.name === another.name;
  throw new Failure("usage", `More than one tool is called "${wanted}"`, {
    next: isSameName
      ? `Give its version too, like ${found.name}@${found.version ?? another.version}`
      : `Give its whole name, like ${found.name}`,
  });
}
