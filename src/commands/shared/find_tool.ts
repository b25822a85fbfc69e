/** Finds tools by the names that users type. */

import type { ListedTool, ToolsClient } from "../../api/tools.ts";
import { Failure } from "../../failure.ts";
import { firstMatches, unknownName } from "../../target/choices.ts";
import { nearest } from "../../text/closest.ts";

/**
 * The tool with this name, with its version or without. `Kit.Tool` and `Kit_Tool` are the same. A name in another case
 * matches if no name is equal; after that, a name without its server.
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
  // One server has few tools, but a project can have thousands.
  const found = own === undefined ? undefined : matchTool(await client.list(server), wanted);
  if (found) return found;
  const tools = await client.list();
  const tool = matchTool(tools, wanted);
  if (tool) return tool;
  const names = [...new Set(tools.map(({ name }) => name))];
  throw unknownName("tool", wanted, { names, list, near: nearTools(wanted, names) });
}

/** How many names a hint suggests. */
const MOST_NEAR = 3;

/** The possible names of a tool, in both spellings, with and without the server. */
export function nearTools(wanted: string, names: readonly string[]): string[] {
  const plain = (text: string) => text.replace(".", "_");
  const meant = new Map<string, string[]>();
  for (const name of names) {
    const whole = plain(name);
    for (const form of new Set([whole, whole.replace(/^[^_]*_/, "")])) {
      meant.set(form, [...meant.get(form) ?? [], name]);
    }
  }
  const forms = nearest(plain(wanted), [...meant.keys()]);
  return [...new Set(forms.flatMap((form) => meant.get(form) ?? []))].slice(0, MOST_NEAR);
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
      : `Give its full name, like ${found.name}`,
  });
}
