/** A tool, as `tool` and `show` show it. */

import type { Authorization, Input, Tool } from "../../contract/tools.ts";

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

/** The required grant, with its scopes. */
export function describeAuthorization(authorization: Authorization | undefined): string {
  if (!authorization) return "none";
  const { provider, type, scopes } = authorization;
  const named = [provider ?? [], type ?? []].flat().join(", ") || "an unknown provider";
  return scopes.length === 0 ? named : `${named} (${scopes.join(" ")})`;
}

/** What an input is, and which values it can have. */
export function describeInput({ description, values }: Input): string {
  const allowed = values.length === 0 ? [] : `One of: ${values.join(", ")}`;
  return [onOneLine(description) || [], allowed].flat().join(". ");
}

/** What a tool returns; empty if it does not say. */
export function describeOutput({ type, description }: Tool["output"]): string {
  return [type ?? [], onOneLine(description) || []].flat().join(": ");
}
