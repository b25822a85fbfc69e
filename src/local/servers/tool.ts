/** The tools of a server, as the engine lists them. */

import type { Fields } from "../../contract/fields.ts";
import { nullOr } from "../../contract/request.ts";
import type { ToolRequirements, ToolResponse } from "../../contract/tools.ts";

/** A tool as a server lists it, with the additions of the engine. */
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
        id: nullOr(authorization, "id", authorization.text("id")),
        provider_id: nullOr(authorization, "provider_id", authorization.text("provider_id")),
        provider_type: nullOr(authorization, "provider_type", authorization.text("provider_type")),
        oauth2: nullOr(authorization, "oauth2", oauth2Of(authorization.fields("oauth2"))),
      },
    ),
    secrets: nullOr(
      fields,
      "secrets",
      secrets?.map((secret) => ({ ...secret.mapping, key: secret.requiredText("key") })),
    ),
  };
}

function oauth2Of(fields: Fields | undefined) {
  return fields && { ...fields.mapping, scopes: nullOr(fields, "scopes", fields.texts("scopes")) };
}
