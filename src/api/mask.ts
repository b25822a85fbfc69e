/**
 * Masks HTTP exchanges for `--debug`. Only fields known to be harmless are shown; a new field of a service stays hidden
 * until it is added here.
 */

import { redact } from "../secrecy/redaction.ts";
import type { HttpRequest } from "./http_message.ts";
import {
  isNameField,
  noteSensitive,
  redactName,
  type SensitiveKind,
} from "../secrecy/sensitive.ts";

const HARMLESS_FIELDS = new Set([
  "account_id",
  "authorization_endpoint",
  "binding",
  "client_id",
  "code_challenge",
  "code_challenge_method",
  "created_at",
  "data",
  "description",
  "detail",
  "device_authorization_endpoint",
  "email",
  "enabled",
  "error",
  "error_description",
  "expires_in",
  "grant_type",
  "healthy",
  "id",
  "interval",
  "is_default",
  "items",
  "jsonrpc",
  "key",
  "limit",
  "managed",
  "last_accessed_at",
  "message",
  "method",
  "name",
  "offset",
  "org_id",
  "organization_id",
  "organizations",
  "project_id",
  "projects",
  "provider",
  "provider_id",
  "redirect_uri",
  "resource",
  "response_type",
  "revocation_endpoint",
  "scope",
  "scopes",
  "status",
  "token_endpoint",
  "token_type",
  "token_type_hint",
  "tool_name",
  "tool_version",
  "total_count",
  "type",
  "user_id",
  "verification_uri",
]);

const MAX_SHOWN = 2000;

/** An address with the values of its query masked. */
export function maskUrl(url: string): string {
  const parsed = URL.parse(url);
  if (!parsed) return "";
  for (const name of [...parsed.searchParams.keys()]) {
    // In JSON it is the name of a secret. In the address of another server it can be a key.
    if (!HARMLESS_FIELDS.has(name) || name === "key") parsed.searchParams.set(name, "***");
  }
  return parsed.href;
}

/** JSON with the values of harmless fields only, and without tokens and secret values. */
export function maskJson(value: unknown): string {
  const masked = JSON.stringify(value, (key, field) => {
    const inArray = key === "" || /^\d+$/.test(key);
    if (!inArray && !HARMLESS_FIELDS.has(key)) return "***";
    if (typeof field !== "string") return field;
    return isNameField(key) ? redactName(field) : redact(field) ?? "***";
  });
  if (masked.length <= MAX_SHOWN) return masked;
  return `${masked.slice(0, MAX_SHOWN)} … (${masked.length} characters)`;
}

/** Registers all texts of a form or an object as sensitive, except for harmless fields. */
export function markSensitive({ form, json = {} }: Pick<HttpRequest, "form" | "json">): void {
  const mark = (name: string, value: unknown, kind: SensitiveKind) => {
    if (typeof value === "string" && !HARMLESS_FIELDS.has(name)) noteSensitive(value, kind);
  };
  for (const [name, value] of form ?? []) mark(name, value, "token"); // codes and tokens of OAuth
  for (const [name, value] of Object.entries(json)) {
    mark(name, value, name === "value" ? "value" : "field");
  }
}
