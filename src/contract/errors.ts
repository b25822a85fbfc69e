/** The errors of the services (docs/contracts.md, Services). */

import { isMapping } from "./fields.ts";

/** An error of the local Arcade, as services of Arcade write it. */
export interface ErrorResponse {
  /** For programs, in snake_case. */
  readonly name: string;
  readonly message: string;
  /** What is wrong with the body. */
  readonly field_errors?: readonly FieldError[];
}

/** What is wrong with one field of a body. */
export interface FieldError {
  /** Its path, such as `toolkits.bundles.0.bytes`. */
  readonly field: string;
  readonly rule: string;
  readonly message: string;
}

/** Where services and frameworks put the message of an error, the most helpful first. */
const MESSAGE_KEYS = [
  "message",
  "detail",
  "error_description",
  "errors",
  "error",
  "msg",
  "title",
] as const;
/** How many errors of a list are searched. */
const MAX_ERRORS = 20;

/** The name of an error for programs, such as `tool_authorization_required`; undefined without one. */
export function readErrorName(content: unknown): string | undefined {
  const name = isMapping(content) ? content.name : undefined;
  return typeof name === "string" ? name : undefined;
}

/** The message of an error; undefined without one. */
export function readErrorMessage(content: unknown, depth = 0): string | undefined {
  if (typeof content === "string") return content.trim() || undefined;
  if (depth > 3) return undefined;
  const inside = (one: unknown) => readErrorMessage(one, depth + 1);
  if (Array.isArray(content)) {
    return content.slice(0, MAX_ERRORS).map(inside).filter((one) => one !== undefined).join("; ") ||
      undefined;
  }
  if (!isMapping(content)) return undefined;
  const wrong = fieldErrorsOf(content.field_errors);
  if (wrong !== "") return wrong;
  for (const key of MESSAGE_KEYS) {
    const message = inside(content[key]);
    if (message === undefined) continue;
    const field = fieldOf(content.loc);
    return field === "" ? message : `${field}: ${message}`;
  }
  return undefined;
}

/** The problems of the fields; empty if unknown. The message of such an error describes the whole body. */
function fieldErrorsOf(errors: unknown): string {
  if (!Array.isArray(errors)) return "";
  return errors.slice(0, MAX_ERRORS).flatMap((one) => {
    const { field, message } = isMapping(one) ? one : {};
    if (typeof field !== "string" || typeof message !== "string" || message === "") return [];
    return [message.includes(field) ? message : `${field}: ${message}`];
  }).join("; ");
}

/** The field that an error of FastAPI is about; its first part says where the field is. */
function fieldOf(loc: unknown): string {
  if (!Array.isArray(loc)) return "";
  return loc.slice(1, 5).filter((part) => typeof part === "string" || typeof part === "number")
    .join(".");
}
