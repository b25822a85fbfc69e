import type { Tool } from "../../contract/tools.ts";
import type { Context } from "../context.ts";
import type { ServiceFlags } from "../shared/flags.ts";
import type { ProjectFlags } from "../../target/project.ts";
import { openTarget } from "../../target/target.ts";
import { byName, writeTools } from "./list.ts";

/** Lists the tools whose names and descriptions have these words, the best first. */
export async function searchTools(
  context: Context,
  flags: ServiceFlags & ProjectFlags,
  ...words: string[]
): Promise<void> {
  const { engine } = await openTarget(context, flags);
  const tools = matching(await (await engine.tools()).list(), words);
  await writeTools(context, flags, tools);
  if (tools.length === 0 && !flags.json) context.io.info("No tool has these words");
}

/**
 * The tools with all of the words, in any case; without such a tool, those with most of them. A word in the name counts more
 * than one in the description.
 */
export function matching<T extends Pick<Tool, "name" | "description">>(
  tools: readonly T[],
  words: readonly string[],
): T[] {
  const wanted = words.flatMap((one) => one.toLowerCase().split(/\s+/)).filter((one) => one !== "");
  const found = tools.map((tool) => {
    const name = tool.name.toLowerCase().replace(".", "_");
    const description = tool.description?.toLowerCase() ?? "";
    const inName = wanted.filter((word) => name.includes(word.replace(".", "_"))).length;
    const inBoth = wanted.filter((word) => `${name} ${description}`.includes(word)).length;
    return { tool, inName, inBoth: Math.max(inName, inBoth) };
  }).filter(({ inBoth }) => inBoth > 0);
  const most = found.reduce((best, { inBoth }) => Math.max(best, inBoth), 0);
  return found.filter(({ inBoth }) => inBoth === most)
    .sort((a, b) => b.inName - a.inName || byName(a.tool, b.tool))
    .map(({ tool }) => tool);
}
