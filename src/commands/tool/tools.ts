/** A tool, as `tool` and `show` show it. */

import type { Tool } from "../../contract/tools.ts";

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
