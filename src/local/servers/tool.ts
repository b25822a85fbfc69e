/** The tools of a server, as the engine lists them. */

import type { Fields } from "../../contract/fields.ts";
import { nullOr } from "../../contract/request.ts";
import type { ToolRequirements, ToolResponse } from "../../contract/tools.ts";

/** A tool that a server lists, with all that it says, and what the engine adds. */
export function readWorkerTool(tool: Fields): ToolResponse {
  const name = tool.requiredText("name");
  const toolkit = tool.requiredFields("toolkit");
  const server = toolkit.requiredText("name");
  const version = nullOr(toolkit, "version", toolkit.text("version"));
  const input = tool.fields("input");
  return {
    ...tool.mapping,
    name,
    toolkit: { ...toolkit.mapping, name: server, version },
    qualified_name: `${server}.${name}`,
    fully_qualified_name: `${server}.${name}${version ? `@${version}` : ""}`,
    // The Python CLI does not show a tool that lacks one of these.
    description: tool.text("description") ?? "",
    input: {
      ...input?.mapping,
      parameters: (input?.list("parameters") ?? []).map(({ mapping }) => ({
        inferrable: true,
        ...mapping,
      })),
    },
    output: tool.fields("output")?.mapping ?? {},
    requirements: requirementsOf(tool.fields("requirements")),
  };
}

function requirementsOf(fields: Fields | undefined): ToolRequirements {
  if (!fields) return {};
  const authorization = fields.fields("authorization");
  const secrets = fields.list("secrets");
  return {
    ...fields.mapping,
    authorization: nullOr(
      fields,
      "authorization",
      authorization && {
        ...authorization.mapping,
        provider_id: nullOr(authorization, "provider_id", authorization.text("provider_id")),
      },
    ),
    secrets: nullOr(
      fields,
      "secrets",
      secrets?.map((secret) => ({ ...secret.mapping, key: secret.requiredText("key") })),
    ),
  };
}

/** Whether a tool has a name such as `Math.Add` or `Math.Add@1.0.0`, in any case. */
export function isCalled(tool: ToolResponse, name: string): boolean {
  const names = [tool.qualified_name, tool.fully_qualified_name];
  return names.some((one) => one.toLowerCase() === name.toLowerCase());
}

/** The keys of the secrets that a tool needs. */
export function secretKeysOf({ requirements }: ToolResponse): string[] {
  return (requirements.secrets ?? []).map(({ key }) => key).filter((key) => key !== "");
}
