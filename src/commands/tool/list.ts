import type { Tool } from "../../contract/tools.ts";
import { writeTable } from "../../terminal/table.ts";
import type { Context } from "../context.ts";
import { Failure } from "../../failure.ts";
import type { JsonFlag, ServiceFlags } from "../shared/flags.ts";
import { writeJson } from "../shared/json.ts";
import { sameProject } from "../shared/same_project.ts";
import type { ProjectFlags } from "../../target/project.ts";
import { openTarget } from "../../target/target.ts";
import { toolToJson } from "./tools.ts";

/** Lists the tools of the active project or of one server. */
export async function listTools(
  context: Context,
  flags: ServiceFlags & ProjectFlags & { readonly server?: string },
): Promise<void> {
  const { engine } = await openTarget(context, flags);
  const tools = (await (await engine.tools()).list(flags.server)).sort(byName);
  if (tools.length === 0 && flags.server !== undefined) {
    throw new Failure("not-found", `No tools of a server called "${flags.server}"`, {
      next: `\`arcade tool list${sameProject(flags)}\` lists the tools of all servers`,
    });
  }
  await writeTools(context, flags, tools);
  if (tools.length === 0 && !flags.json) context.io.info("No tools in this project yet");
}

/** Writes tools as a table, or as JSON. */
export async function writeTools(
  context: Context,
  { json }: JsonFlag,
  tools: readonly Tool[],
): Promise<void> {
  if (json) return writeJson(context, { tools: tools.map(toolToJson) });
  if (tools.length === 0) return;
  await writeTable(
    context.io.stdout,
    [
      { heading: "Name", isWhole: true },
      { heading: "Version" },
      { heading: "Needs" },
      { heading: "Description" },
    ],
    tools.map((tool) => [
      tool.name || "-",
      tool.version ?? "-",
      needsOf(tool),
      tool.description?.trim().split("\n")[0] ?? "",
    ]),
  );
}

/** The order of tools. */
export function byName(a: Pick<Tool, "name">, b: Pick<Tool, "name">): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}

/** What a tool needs to be called: an authorization, and secrets. */
function needsOf({ authorization, secrets }: Tool): string {
  const provider = authorization && (authorization.provider ?? authorization.type ?? "login");
  return [provider ?? [], ...secrets].flat().join(", ") || "-";
}
