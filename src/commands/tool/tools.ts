/** Shared by `tool` and `show`. */

import { fetchTools, type ListedTool, type Tool } from "../../api/tools.ts";
import { projectUrl } from "../../hosts/urls.ts";
import type { Context } from "../context.ts";
import { type EngineFlags, engineProject } from "../shared/engine.ts";

/** Lists the tools of the active project, or those of one server. */
export type ToolsOf = (server?: string) => Promise<ListedTool[]>;

/** Access to the tools of a project. Throws as {@link engineProject} does. */
export async function toolsIn(context: Context, flags: EngineFlags): Promise<ToolsOf> {
  const { client, engine, project } = await engineProject(context, flags);
  return (server) => fetchTools(client, projectUrl(engine, project), { server });
}

/** A tool as `--json` shows it. */
export function toolToJson(tool: Tool) {
  const { authorization } = tool;
  return {
    name: tool.name || null,
    version: tool.version ?? null,
    server: tool.server ?? null,
    description: tool.description ?? null,
    inputs: tool.inputs.map(({ name, type, isRequired, description, values }) => ({
      name,
      type: type ?? null,
      required: isRequired,
      description: description ?? null,
      values,
    })),
    output: { type: tool.output.type ?? null, description: tool.output.description ?? null },
    secrets: tool.secrets,
    authorization: authorization
      ? {
        provider: authorization.provider ?? null,
        type: authorization.type ?? null,
        scopes: authorization.scopes,
      }
      : null,
    deprecation: tool.deprecation ?? null,
  };
}

/** A text of several lines on one. */
export function onOneLine(text: string | undefined): string {
  return (text ?? "").replace(/\s+/g, " ").trim();
}
