/** The engine: what users grant, for the tools that act for them (docs/contracts.md, Grants). */

import { type Fields, InvalidField, type Mapping } from "./fields.ts";
import {
  type Body,
  isLine,
  lineOf,
  NOT_EMPTY,
  oneOf,
  optionalTextBy,
  textBy,
  type TextRule,
  upTo,
  WEB_ADDRESS,
} from "./request.ts";

/** The answer of `POST …/tools/authorize`, `POST …/auth/authorize` and `GET …/auth/status`. */
export interface AuthorizationResponse {
  /** `ac_…` */
  readonly id: string;
  readonly status: "pending" | "completed" | "failed";
  /** Where the user decides; only while it is pending. */
  readonly url?: string;
  readonly scopes: readonly string[];
  readonly provider_id?: string;
  readonly user_id?: string;
  /** Only when it is completed. */
  readonly context?: GrantContext;
}

/** What a tool gets of a grant. */
export interface GrantContext {
  readonly token: string;
  /** The provider's data about the user. */
  readonly user_info: Mapping;
}

/** An authorization: something that a user is asked to grant. */
export interface Authorization {
  readonly id: string;
  readonly status: string;
  /** Where the user decides; only while it is pending. */
  readonly url: string | undefined;
  readonly provider: string | undefined;
  readonly scopes: readonly string[];
  readonly user: string | undefined;
}

/** The answer of `POST …/tools/authorize`, `POST …/auth/authorize` and `GET …/auth/status`. Its token is left out. */
export function readAuthorization(answer: Fields): Authorization {
  const url = answer.address("url");
  return {
    id: answer.text("id") ?? "",
    status: answer.requiredText("status"),
    url: url !== undefined && /^https?:/i.test(url) ? url : undefined,
    provider: answer.text("provider_id"),
    scopes: answer.texts("scopes") ?? [],
    user: answer.text("user_id"),
  };
}

/** `POST …/tools/authorize`. */
export interface AuthorizeToolRequest {
  readonly tool_name: string;
  readonly tool_version?: string | undefined;
  readonly user_id?: string | undefined;
  readonly next_uri?: string | undefined;
}

export const authorizeToolRequest: Body<AuthorizeToolRequest> = {
  expected: "an object with tool_name, and optionally tool_version, user_id and next_uri (an " +
    "http or https address)",
  read: (body) => ({
    tool_name: textBy(body, "tool_name", NOT_EMPTY),
    tool_version: body.text("tool_version"),
    user_id: userIn(body),
    next_uri: optionalTextBy(body, "next_uri", WEB_ADDRESS),
  }),
};

/** `POST …/auth/authorize`. */
export interface AuthorizeRequest {
  readonly user_id?: string | undefined;
  readonly next_uri?: string | undefined;
  readonly auth_requirement: {
    readonly id?: string | undefined;
    readonly provider_id?: string | undefined;
    readonly oauth2?: { readonly scopes?: readonly string[] | undefined } | undefined;
  };
}

export const authorizeRequest: Body<AuthorizeRequest> = {
  expected: "an object with auth_requirement (provider_id or id, and optionally oauth2 with " +
    "scopes), and optionally user_id and next_uri (an http or https address)",
  read: (body) => {
    const requirement = body.requiredFields("auth_requirement");
    const id = optionalTextBy(requirement, "id", PROVIDER);
    return {
      user_id: userIn(body),
      next_uri: optionalTextBy(body, "next_uri", WEB_ADDRESS),
      auth_requirement: {
        id,
        provider_id: id === undefined
          ? textBy(requirement, "provider_id", PROVIDER)
          : optionalTextBy(requirement, "provider_id", PROVIDER),
        oauth2: { scopes: scopesIn(requirement.fields("oauth2")) },
      },
    };
  },
};

/** `POST …/auth/confirm_user`. */
export interface ConfirmUserRequest {
  readonly flow_id: string;
  readonly user_id: string;
}

export const confirmUserRequest: Body<ConfirmUserRequest> = {
  expected: "an object with flow_id and user_id",
  read: (body) => ({ flow_id: body.id("flow_id"), user_id: body.id("user_id") }),
};

/** The answer of `POST …/auth/confirm_user`. */
export interface ConfirmUserResponse {
  readonly auth_id: string;
  readonly next_uri?: string;
}

/** An item of `GET …/admin/user_connections`. It has no token. */
export interface UserConnectionResponse {
  readonly id: string;
  readonly connection_id: string;
  readonly connection_status: string;
  readonly provider_id: string;
  readonly provider_type: "oauth2";
  readonly provider_description: string;
  readonly provider_user_info: Mapping;
  readonly scopes: readonly string[];
  readonly user_id: string;
  /** ISO 8601; null if it does not expire. Arcade does not have it. */
  readonly expires_at: string | null;
}

/** What commands show of a connection. */
export type UserConnection = Pick<
  UserConnectionResponse,
  "id" | "provider_id" | "scopes" | "user_id" | "expires_at"
>;

export function readUserConnection(answer: Fields): UserConnection {
  return {
    id: answer.id("id"),
    provider_id: answer.requiredText("provider_id"),
    scopes: answer.texts("scopes") ?? [],
    user_id: answer.requiredText("user_id"),
    expires_at: answer.text("expires_at") ?? null,
  };
}

/**
 * `POST …/admin/user_connections`, which only the local Arcade has: grants without a page. It is answered with the
 * {@linkcode UserConnectionResponse}.
 */
export interface GrantRequest {
  readonly user_id: string;
  readonly provider_id: string;
  /** Undefined for everything that the tools of the project need. */
  readonly scopes?: readonly string[] | undefined;
  /** Undefined for a fake one. */
  readonly token?: string | undefined;
  /** In seconds; undefined for never. */
  readonly expires_in?: number | undefined;
}

export const grantRequest: Body<GrantRequest> = {
  expected: "an object with user_id and provider_id, and optionally scopes (a list), token and " +
    "expires_in (seconds)",
  read: (body) => ({
    user_id: textBy(body, "user_id", USER),
    provider_id: textBy(body, "provider_id", PROVIDER),
    scopes: scopesIn(body),
    token: optionalTextBy(body, "token", lineOf(MAX_TOKEN)),
    expires_in: positive(body, "expires_in"),
  }),
};

/** The settings of a provider, as they are sent to create one and returned, but for the client secret. */
export interface ProviderSettings {
  readonly description?: string | undefined;
  readonly external_id?: string | undefined;
  /** The kind of provider, such as `github`. */
  readonly provider_id?: string | undefined;
  readonly status?: "active" | "inactive" | undefined;
  readonly oauth2?: Mapping | undefined;
}

/** `POST …/admin/auth_providers`. */
export interface ProviderRequest extends ProviderSettings {
  readonly id: string;
}

export const providerRequest: Body<ProviderRequest> = {
  expected: "an object with id, and optionally description, provider_id, external_id, status " +
    '(active or inactive), type ("oauth2") and oauth2 (with client_id)',
  read: (body) => {
    body.fields("oauth2")?.id("client_id"); // throws without one
    return { id: textBy(body, "id", PROVIDER), ...readProviderSettings(body) };
  },
};

/** `PATCH …/admin/auth_providers/{id}`. A field that is missing is left unchanged. */
export const providerPatch: Body<ProviderSettings> = {
  expected: "an object with description, provider_id, external_id, status, type or oauth2",
  read: readProviderSettings,
};

/** An answer of `…/admin/auth_providers`. */
export interface ProviderResponse extends ProviderSettings {
  readonly id: string;
  readonly type: "oauth2";
  readonly binding: { readonly id: string; readonly type: "static" | "project" };
  readonly created_at?: string;
  readonly updated_at?: string;
}

/** `GET` and `PUT …/admin/settings/session_verification`. */
export interface VerificationSettings {
  /** The page of the application that confirms the user of a browser. */
  readonly verifier_url: string | null;
  /** Whether the user of the browser is accepted without a check. */
  readonly unsafe_skip_verification: boolean;
}

export const verificationRequest: Body<VerificationSettings> = {
  expected: "an object with verifier_url (an http or https address, or null) and " +
    "unsafe_skip_verification (true or false)",
  read: (body) => ({
    verifier_url: optionalTextBy(body, "verifier_url", WEB_ADDRESS) ?? null,
    unsafe_skip_verification: body.flag("unsafe_skip_verification"),
  }),
};

const MAX_USER = 256;
const MAX_TOKEN = 8192;
const MAX_SCOPES = 200;
const MAX_SCOPE = 500;
const MAX_SECONDS = 366 * 24 * 60 * 60;

/** Whether this can be the id of a user. */
export function isUser(text: string): boolean {
  return isLine(text, MAX_USER);
}

/** Whether this can be the id of a provider. `.` and `..` would change the path of a request. */
export function isProvider(text: string): boolean {
  return /^(?!\.{1,2}$)[\w.-]{1,100}$/.test(text);
}

const USER: TextRule = lineOf(MAX_USER);
const PROVIDER: TextRule = {
  isValid: isProvider,
  must: "1 to 100 letters, digits, underscores, dots and dashes",
};

/** Whether this can be a scope (RFC 6749 section 3.3). */
export function isScope(text: string): boolean {
  return text.length <= MAX_SCOPE && /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(text);
}

/** An empty user counts as none, as in Arcade's SDKs. */
function userIn(body: Fields): string | undefined {
  return body.text("user_id") ? textBy(body, "user_id", USER) : undefined;
}

function scopesIn(fields: Fields | undefined): string[] | undefined {
  const scopes = fields?.texts("scopes");
  if (fields === undefined || scopes === undefined) return undefined;
  const wrong = scopes.findIndex((scope) => !isScope(scope));
  if (wrong >= 0) throw new InvalidField(fields.pathOf(`scopes.${wrong}`));
  if (scopes.length > MAX_SCOPES) throw new InvalidField(fields.pathOf("scopes"));
  return scopes;
}

function positive(body: Fields, key: string): number | undefined {
  const number = body.integer(key);
  if (number === undefined || (number >= 1 && number <= MAX_SECONDS)) return number;
  throw new InvalidField(body.pathOf(key));
}

/** Reads the settings of a provider, without its id. */
export function readProviderSettings(body: Fields): ProviderSettings {
  if (body.text("type") !== undefined) oneOf(body, "type", ["oauth2"]);
  return {
    description: optionalTextBy(body, "description", upTo(1000)),
    external_id: optionalTextBy(body, "external_id", upTo(256)),
    provider_id: optionalTextBy(body, "provider_id", PROVIDER),
    status: body.text("status") === undefined
      ? undefined
      : oneOf(body, "status", ["active", "inactive"] as const),
    oauth2: body.fields("oauth2")?.mapping,
  };
}
