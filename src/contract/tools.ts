/** The engine: tools of servers, and calls of them (docs/contracts.md, Engine). */

import { type Fields, isMapping, type Mapping } from "./fields.ts";
import { type Body, NOT_EMPTY, nullOr, textBy } from "./request.ts";

/** An item of `GET …/tools`. A server's own list (worker.ts) has less. */
export interface ToolResponse {
  readonly name: string;
  /** `Weather.Forecast`. */
  readonly qualified_name: string;
  /** `Weather.Forecast@1.0.0`. */
  readonly fully_qualified_name: string;
  readonly toolkit: { readonly name: string; readonly version?: string | null | undefined };
  readonly description: string;
  readonly input: { readonly parameters: readonly Mapping[] };
  readonly output: Mapping;
  readonly requirements: ToolRequirements;
  /** What it does: whether it reads only, for example. */
  readonly metadata?: unknown;
  /** Its forms for models, by the names that `?include_format` asks for. */
  readonly formatted_schema?: Mapping;
}

/** What a call of a tool needs. */
export interface ToolRequirements {
  /** Whether all requirements are met. */
  readonly met?: boolean;
  readonly authorization?: AuthorizationRequirement | null | undefined;
  readonly secrets?: readonly { readonly key: string }[] | null | undefined;
}

/** The grant that a user must give before a tool can be called for them. */
export interface AuthorizationRequirement {
  readonly id?: string | null | undefined;
  /** `github`, for example. */
  readonly provider_id?: string | null | undefined;
  /** `oauth2`, for example. */
  readonly provider_type?: string | null | undefined;
  readonly oauth2?: { readonly scopes?: readonly string[] | null | undefined } | null | undefined;
  /** Whether its provider can be used. */
  readonly status?: "active" | "inactive";
  /** Why it cannot. */
  readonly status_reason?: string;
  /** How far a user is with it. */
  readonly token_status?: "not_started" | "pending" | "completed" | "failed";
}

/** A tool. Fields that the engine does not return are undefined or empty. */
export interface Tool {
  /** With its server in front: `Weather.Forecast`. */
  readonly name: string;
  readonly version: string | undefined;
  /** Its server, which the engine calls a toolkit. */
  readonly server: string | undefined;
  readonly description: string | undefined;
  readonly inputs: readonly Input[];
  readonly output: { readonly type: string | undefined; readonly description: string | undefined };
  /** The keys of the secrets that it needs. */
  readonly secrets: readonly string[];
  /** The keys of missing secrets, as far as the engine says. */
  readonly missingSecrets: readonly string[];
  /** The grant that it needs from its user; undefined if none. */
  readonly authorization: Authorization | undefined;
  /** Why it is deprecated. */
  readonly deprecation: string | undefined;
  /** Whether it changes what cannot be restored. */
  readonly isDestructive: boolean;
  /** Whether calling it twice does what calling it once does. */
  readonly isRepeatable: boolean;
}

/** A parameter of a tool. */
export interface Input {
  readonly name: string;
  /** `string`, or `array of string`; undefined if the engine does not return it. */
  readonly type: string | undefined;
  /** The type of the elements of an array. */
  readonly elementType: string | undefined;
  readonly isRequired: boolean;
  readonly description: string | undefined;
  /** The values that are allowed; empty for all of the type. */
  readonly values: readonly string[];
}

/** An authorization that a tool needs. */
export interface Authorization {
  /** `github`, for example. */
  readonly provider: string | undefined;
  /** `oauth2`, for example. */
  readonly type: string | undefined;
  readonly scopes: readonly string[];
  /** Whether the given user must still grant it; undefined if the engine does not say. */
  readonly isMissing: boolean | undefined;
}

/** A tool, as the engine and a server list it. */
export function readTool(fields: Fields): Tool {
  const toolkit = fields.fields("toolkit");
  const server = toolkit?.text("name");
  const { name, version } = readName(fields, server);
  const requirements = fields.fields("requirements");
  const output = fields.fields("output");
  const behavior = fields.fields("metadata")?.fields("behavior");
  const secrets = requirements?.list("secrets") ?? [];
  const keysOf = (some: readonly Fields[]) => some.flatMap((secret) => secret.text("key") ?? []);
  return {
    name,
    version: toolkit?.text("version") || version,
    server,
    description: fields.text("description"),
    inputs: (fields.fields("input")?.list("parameters") ?? []).map(readInput),
    output: {
      type: typeOf(output?.fields("value_schema")),
      description: output?.text("description"),
    },
    secrets: keysOf(secrets),
    missingSecrets: keysOf(secrets.filter(({ mapping }) => mapping.met === false)),
    authorization: readAuthorization(requirements?.fields("authorization")),
    deprecation: fields.text("deprecation_message") || undefined,
    isDestructive: behavior?.mapping.destructive === true,
    isRepeatable: behavior?.mapping.read_only === true || behavior?.mapping.idempotent === true,
  };
}

/** The name of a tool, which the engine writes with its server in front, and with its version behind an @. */
function readName(
  fields: Fields,
  server: string | undefined,
): { readonly name: string; readonly version: string | undefined } {
  const own = fields.text("name");
  const full = fields.text("fully_qualified_name") || fields.text("qualified_name");
  const written = full || (server && own ? `${server}.${own}` : own ?? "");
  const [name = "", version] = written.split("@");
  return { name, version };
}

function readInput(parameter: Fields): Input {
  const schema = parameter.fields("value_schema");
  return {
    name: parameter.text("name") ?? "",
    type: typeOf(schema),
    elementType: schema?.text("val_type") === "array" ? schema.text("inner_val_type") : undefined,
    isRequired: parameter.flag("required"),
    description: parameter.text("description"),
    values: schema?.texts("enum") ?? [],
  };
}

function typeOf(schema: Fields | undefined): string | undefined {
  const type = schema?.text("val_type");
  const inner = schema?.text("inner_val_type");
  return type && inner ? `${type} of ${inner}` : type;
}

function readAuthorization(fields: Fields | undefined): Authorization | undefined {
  const status = fields?.text("token_status");
  return fields && {
    provider: fields.text("provider_id") || fields.text("id") || undefined,
    type: fields.text("provider_type"),
    scopes: fields.fields("oauth2")?.texts("scopes") ?? [],
    isMissing: status === undefined ? undefined : status !== "completed",
  };
}

/** `POST …/tools/execute`. */
export interface ToolCallRequest {
  readonly tool_name: string;
  readonly input?: Mapping | undefined;
  readonly user_id?: string | null | undefined;
  readonly tool_version?: string | undefined;
  /** When it is called, in UTC: `2026-11-21T07:08:33`. Undefined calls it at once. */
  readonly run_at?: string | undefined;
  readonly include_error_stacktrace?: boolean | undefined;
}

export const toolCallRequest: Body<ToolCallRequest> = {
  expected:
    "an object with tool_name, and optionally input (an object), user_id, tool_version, run_at " +
    "(a time such as 2026-11-21T07:08:33) and include_error_stacktrace",
  read: (body) => ({
    tool_name: textBy(body, "tool_name", NOT_EMPTY),
    input: body.fields("input")?.mapping,
    user_id: nullOr(body, "user_id", body.text("user_id")),
    tool_version: body.text("tool_version"),
    run_at: body.text("run_at"),
    include_error_stacktrace: body.flag("include_error_stacktrace"),
  }),
};

/** The states of a call. */
export type ExecutionStatus = "pending" | "running" | "completed" | "failed";

/** The answer to a call. */
export interface ToolCallResponse {
  readonly id: string;
  readonly execution_id: string;
  readonly execution_type: "immediate" | "scheduled";
  readonly status: ExecutionStatus;
  /** Of a scheduled call: it was scheduled. */
  readonly success: boolean;
  readonly output?: Mapping;
  /** In milliseconds. */
  readonly duration?: number;
  readonly finished_at?: string;
  readonly run_at?: string;
}

/** Why a tool failed. */
export interface ToolError {
  /** `TOOL_RUNTIME_FATAL`, for example. */
  readonly kind: string;
  readonly message: string;
  readonly can_retry: boolean;
  readonly developer_message?: string;
  readonly status_code?: number;
}

/** What became of a call. Its value is not parsed, because only its text is exact. */
export interface ToolCall {
  readonly isSuccess: boolean;
  /** Why it failed. */
  readonly error: CallError | undefined;
  /** The grant that the user must give first. */
  readonly authorization: Fields | undefined;
  /** The tool's messages while it ran. */
  readonly logs: readonly { readonly level: string; readonly message: string }[];
}

/** Why a call failed, as far as the engine says. */
export interface CallError {
  readonly message: string;
  /** `TOOL_RUNTIME_FATAL`, for example. */
  readonly kind: string | undefined;
  readonly canRetry: boolean;
  readonly retryAfterMs: number | undefined;
  readonly developerMessage: string | undefined;
  /** Additional information for a model before it calls the tool again. */
  readonly advice: string | undefined;
}

/** The answer of `POST …/tools/execute`. */
export function readToolCall(answer: Fields): ToolCall {
  const output = isMapping(answer.mapping.output) ? answer.fields("output") : undefined;
  const error = output?.fields("error");
  return {
    isSuccess: answer.flag("success") && error === undefined,
    error: error && {
      message: error.text("message") ?? "",
      kind: error.text("kind"),
      canRetry: error.flag("can_retry"),
      retryAfterMs: numberIn(error.mapping.retry_after_ms),
      developerMessage: error.text("developer_message"),
      advice: error.text("additional_prompt_content"),
    },
    authorization: output?.fields("authorization"),
    logs: (output?.list("logs") ?? []).map((log) => ({
      level: log.text("level") ?? "info",
      message: log.text("message") ?? "",
    })),
  };
}

function numberIn(value: unknown): number | undefined {
  return typeof value === "number" && value >= 0 ? value : undefined;
}
