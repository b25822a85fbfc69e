/** The tools of a gateway for MCP clients. */

import type { Mapping } from "../../contract/fields.ts";
import { hintsOf } from "../../contract/mcp_tools.ts";
import type { ToolResponse } from "../../contract/tools.ts";
import type { Calls } from "../calls/calls.ts";
import { namesOf } from "../calls/catalog.ts";
import { inputSchema } from "../calls/formats.ts";
import type { Gateway } from "../model/gateways.ts";

/** A tool as MCP lists it. */
export interface McpTool {
  readonly name: string;
  readonly description: string;
  readonly inputSchema: { readonly type: "object" } & Mapping;
  readonly annotations?: Mapping;
}

/** The tool names that MCP allows. Clients reject a whole list because of one invalid name. */
const MCP_NAME = /^[\w.-]{1,128}$/;

/** Whether a gateway has a tool. */
export function offering(
  { tools }: Pick<Gateway, "tools">,
): (tool: ToolResponse) => boolean {
  const allowed = tools && new Set(tools.map((name) => name.split("@", 1)[0]?.toLowerCase()));
  return (tool) => {
    const names = namesOf(tool);
    return MCP_NAME.test(names[1]) &&
      (allowed === undefined || names.some((name) => allowed.has(name.toLowerCase())));
  };
}

/** The tools of a gateway in the order of their names, each name once. */
export async function toolsOf(gateway: Gateway, calls: Calls): Promise<McpTool[]> {
  const { projectId } = gateway;
  const isOffered = offering(gateway);
  const listed = new Map<string, ToolResponse>();
  for (const tool of await calls.list(projectId, {})) {
    if (!isOffered(tool)) continue;
    const [, name] = namesOf(tool);
    // `A_B.C` and `A.B_C` have the same name here; list the tool that a call finds.
    const isTaken = listed.has(name);
    listed.set(
      name,
      isTaken ? (await calls.find({ projectId, tool: name, isOffered })).tool : tool,
    );
  }
  return [...listed].map(([name, tool]) => mcpTool(name, tool));
}

function mcpTool(name: string, tool: ToolResponse): McpTool {
  const annotations = hintsOf(tool);
  return {
    name,
    description: tool.description,
    inputSchema: { ...inputSchema(tool), type: "object" },
    ...(annotations ? { annotations } : {}),
  };
}
