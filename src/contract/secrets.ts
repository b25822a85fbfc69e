/** The engine: secrets (docs/contracts.md, Services). */

import type { Fields } from "./fields.ts";
import { type Body, nullOr, optionalTextBy, textBy, type TextRule, upTo } from "./request.ts";

/** The format of a key. `.` and `..` would change the path of a request. */
export const SECRET_KEY = /^(?!\.{1,2}$)[A-Za-z0-9_.-]{1,256}$/;
/** The maximum length of a value, in Unicode characters. */
export const MAX_SECRET_CHARACTERS = 5000;

/** A stored secret without its value. Times are ISO 8601. */
export interface SecretResponse {
  readonly id: string;
  readonly key: string;
  readonly binding: { readonly type: string };
  readonly description?: string | null | undefined;
  readonly hint?: string | null | undefined;
  readonly last_accessed_at?: string | null | undefined;
  readonly created_at: string;
}

/** `GET …/secrets`. */
export interface SecretsResponse {
  readonly items: readonly SecretResponse[];
}

export function readSecrets(answer: Fields): SecretResponse[] {
  return answer.requiredList("items").map((item) => ({
    id: item.id("id"),
    key: item.requiredText("key"),
    binding: { type: item.requiredFields("binding").requiredText("type") },
    description: item.text("description"),
    hint: item.text("hint"),
    last_accessed_at: item.text("last_accessed_at"),
    created_at: item.requiredText("created_at"),
  }));
}

/** `PUT …/secrets/{key}`, which is answered with the {@linkcode SecretResponse}. */
export interface SecretRequest {
  readonly value: string;
  /** Undefined keeps the stored one. */
  readonly description?: string | null | undefined;
}

export const secretRequest: Body<SecretRequest> = {
  expected: `an object with a value, a text of 1 to ${MAX_SECRET_CHARACTERS} characters without ` +
    "NUL, and optionally a description of at most 1000 characters",
  read: (body) => ({
    value: textBy(body, "value", VALUE),
    description: nullOr(
      body,
      "description",
      optionalTextBy(body, "description", upTo(1000)),
    ),
  }),
};

const VALUE: TextRule = {
  isValid: isSecretValue,
  must: `a text of 1 to ${MAX_SECRET_CHARACTERS} characters without NUL`,
};

/** Whether a text can be the value of a secret. */
export function isSecretValue(value: string): boolean {
  return value !== "" && [...value].length <= MAX_SECRET_CHARACTERS && !value.includes("\0");
}
