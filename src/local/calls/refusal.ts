import type { AuthorizationRequirement, ToolResponse } from "../../contract/tools.ts";
import { ApiError } from "../api_error.ts";
import { ASSUMED } from "../assumptions.ts";

/** The reason why a tool was not called. */
export type Reason =
  | { readonly kind: "no-tool" }
  | { readonly kind: "no-user"; readonly tool: ToolResponse }
  | {
    readonly kind: "no-grant";
    readonly tool: ToolResponse;
    readonly requirement: AuthorizationRequirement;
  }
  | { readonly kind: "no-secret"; readonly tool: ToolResponse; readonly key: string };

/** A call that did not reach the server. Over REST it is an error; a gateway or a page can show it in its own way. */
export class CallRefusal extends ApiError {
  constructor(readonly reason: Reason, ...error: ConstructorParameters<typeof ApiError>) {
    super(...error);
  }
}

/** @param name the name of the tool, which may be long. */
export function noTool(name: string): CallRefusal {
  const shown = name.slice(0, 300);
  const [toolkit = ""] = name.split(/[._]/, 1);
  if (toolkit.includes("-")) {
    const message = `failed to parse tool name ${shown}: a toolkit has no hyphen`;
    return new CallRefusal({ kind: "no-tool" }, 400, message, { code: "malformed_request" });
  }
  const message = `No running server has the tool ${shown}`;
  return new CallRefusal({ kind: "no-tool" }, 404, message, { code: ASSUMED.unknownTool });
}

export function noUser(tool: ToolResponse): CallRefusal {
  const message = `${tool.qualified_name} is called for a user, so user_id is required`;
  return new CallRefusal({ kind: "no-user", tool }, 400, message, {
    fieldErrors: [{ field: "user_id", rule: "required", message: "user_id is required" }],
  });
}

export function noGrant(tool: ToolResponse, requirement: AuthorizationRequirement): CallRefusal {
  return new CallRefusal({ kind: "no-grant", tool, requirement }, 403, "authorization required", {
    code: "tool_authorization_required",
  });
}

export function noSecret(tool: ToolResponse, key: string): CallRefusal {
  const reason = { kind: "no-secret", tool, key } as const;
  return new CallRefusal(reason, ASSUMED.missingSecretStatus, `secret not found: ${key}`, {
    code: "tool_requirements_not_met",
  });
}
