/** The engine: gateways, which give MCP clients the tools of a project (docs/contracts.md, Gateways). */

import { NAME } from "./coordinator.ts";
import { type Fields, InvalidField } from "./fields.ts";
import {
  type Body,
  isLine,
  lineOf,
  nullOr,
  oneOf,
  optionalTextBy,
  textBy,
  type TextRule,
  upTo,
} from "./request.ts";

/** The path below which gateways answer MCP clients, each at its slug. */
export const GATEWAY_ROOT = "/mcp";

/** The address of a gateway at an engine, whose address has no final slash. */
export function gatewayUrl(engine: string, slug: string): string {
  return `${engine}${GATEWAY_ROOT}/${encodeURIComponent(slug)}`;
}

/** The part of an address that names a gateway. */
export const GATEWAY_SLUG = /^[A-Za-z0-9][\w-]{0,99}$/;

/** `inactive` closes a gateway at once. */
const STATUSES = ["active", "inactive"] as const;
export type GatewayStatus = typeof STATUSES[number];

/**
 * How clients authenticate: with OAuth (`arcade`), with an API key and the header `Arcade-User-ID` (`arcade_header`), or at an
 * identity provider of the project (`user_source`).
 */
const AUTH_TYPES = ["arcade", "arcade_header", "user_source"] as const;
export type GatewayAuthType = typeof AUTH_TYPES[number];

/** The choice of tools for a gateway. */
export interface ToolFilter {
  /** Their names, such as `Math.Add`. */
  readonly allowed_tools: readonly string[];
}

/** An item of `GET …/gateways`, and the answer to all other requests about one. */
export interface GatewayResponse {
  /** `gw_…` */
  readonly id: string;
  readonly name: string;
  readonly description?: string | null | undefined;
  readonly slug: string;
  readonly status: string;
  /** A missing one means `arcade`. */
  readonly auth_type?: string | null | undefined;
  readonly user_source_id?: string | null | undefined;
  /** Undefined for all tools of the project. */
  readonly tool_filter?: ToolFilter | null | undefined;
  readonly created_at?: string | undefined;
  readonly updated_at?: string | undefined;
}

/** A gateway, as commands show it. */
export interface Gateway {
  readonly id: string;
  readonly name: string;
  readonly description: string | undefined;
  readonly slug: string;
  readonly isActive: boolean;
  /** One of {@linkcode GatewayAuthType}, or one of newer engines. */
  readonly authType: string;
  /** The names of its tools; undefined for all of the project. */
  readonly tools: readonly string[] | undefined;
}

export function readGateway(answer: Fields): Gateway {
  return {
    id: answer.id("id"),
    name: answer.text("name") ?? "",
    description: answer.text("description") || undefined,
    slug: answer.id("slug"),
    isActive: (answer.text("status") ?? "active") === "active",
    authType: answer.text("auth_type") || "arcade",
    tools: answer.fields("tool_filter")?.texts("allowed_tools"),
  };
}

/** `PATCH …/gateways/{id}`. Missing fields are left unchanged. */
export interface GatewayRequest {
  readonly name?: string | undefined;
  readonly description?: string | null | undefined;
  readonly slug?: string | undefined;
  readonly status?: GatewayStatus | undefined;
  readonly auth_type?: GatewayAuthType | undefined;
  readonly user_source_id?: string | undefined;
  /** Null for all tools of the project. */
  readonly tool_filter?: ToolFilter | null | undefined;
}

/** `POST …/gateways`. */
export interface NewGatewayRequest extends GatewayRequest {
  readonly name: string;
}

const FIELDS = "description, slug (at most 100 letters, digits, dashes and underscores), status " +
  "(active or inactive), auth_type (arcade, arcade_header or user_source), user_source_id and " +
  "tool_filter (an object with allowed_tools, a list of names)";

export const newGatewayRequest: Body<NewGatewayRequest> = {
  expected: `an object with a name of at most 100 characters, and optionally ${FIELDS}`,
  read: (body) => ({ ...readChange(body), name: textBy(body, "name", NAME) }),
};

export const gatewayRequest: Body<GatewayRequest> = {
  expected: `an object with name, ${FIELDS}`,
  read: readChange,
};

export const SLUG: TextRule = {
  isValid: (slug) => GATEWAY_SLUG.test(slug),
  must: "1 to 100 letters, digits, dashes and underscores",
};
const MAX_TOOLS = 10_000;
const MAX_TOOL_NAME = 300;

function readChange(body: Fields): GatewayRequest {
  const optional = <T extends string>(key: string, values: readonly T[]) =>
    body.text(key) === undefined ? undefined : oneOf(body, key, values);
  return {
    name: optionalTextBy(body, "name", NAME),
    description: nullOr(
      body,
      "description",
      optionalTextBy(body, "description", upTo(1000)),
    ),
    // An empty one counts as none.
    slug: body.text("slug") ? textBy(body, "slug", SLUG) : undefined,
    status: optional("status", STATUSES),
    auth_type: optional("auth_type", AUTH_TYPES),
    user_source_id: optionalTextBy(body, "user_source_id", lineOf(100)),
    tool_filter: nullOr(body, "tool_filter", toolFilterIn(body)),
  };
}

function toolFilterIn(body: Fields): ToolFilter | undefined {
  const filter = body.fields("tool_filter");
  const names = filter?.requiredTexts("allowed_tools");
  if (filter === undefined || names === undefined) return undefined;
  const wrong = names.findIndex((name) => !isLine(name, MAX_TOOL_NAME));
  if (wrong >= 0) throw new InvalidField(filter.pathOf(`allowed_tools.${wrong}`));
  if (names.length > MAX_TOOLS) throw new InvalidField(filter.pathOf("allowed_tools"));
  return { allowed_tools: names };
}
