/** The requirements of tools, and whether they are met. */

import type { Mapping } from "../../contract/fields.ts";
import type { ToolResponse } from "../../contract/tools.ts";
import type { Grants } from "./grants.ts";

/** The keys of the secrets that a tool needs. */
export function secretKeysOf({ requirements }: ToolResponse): string[] {
  return (requirements.secrets ?? []).map(({ key }) => key).filter((key) => key !== "");
}

/** A tool with whether its requirements are met, for a user if there is one. */
export function withRequirements(
  tool: ToolResponse,
  { projectId, userId, secretKeys, grants }: {
    readonly projectId: string;
    readonly userId: string | undefined;
    /** The keys of the secrets of the project. */
    readonly secretKeys: ReadonlySet<string>;
    readonly grants: Grants;
  },
): ToolResponse {
  const { authorization, secrets } = tool.requirements;
  const missing = secretKeysOf(tool).filter((key) => !secretKeys.has(key));
  const grant = authorization && userId !== undefined
    ? grants.statusOf(projectId, userId, authorization)
    : undefined;
  const inactive = authorization ? grants.inactiveProvider(projectId, authorization) : undefined;
  const withStatus = (secret: { readonly key: string }): Mapping & { readonly key: string } =>
    missing.includes(secret.key)
      ? { ...secret, met: false, status_reason: `secret not found: ${secret.key}` }
      : { ...secret, met: true };
  return {
    ...tool,
    requirements: {
      ...tool.requirements,
      met: missing.length === 0 && inactive === undefined &&
        (grant === undefined || grant === "completed"),
      authorization: authorization && {
        ...authorization,
        ...(inactive === undefined
          ? { status: "active" }
          : { status: "inactive", status_reason: `The provider ${inactive} is inactive` }),
        ...(grant ? { token_status: grant } : {}),
      },
      secrets: secrets?.map(withStatus) ?? secrets,
    },
  };
}
