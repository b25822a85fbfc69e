/** The bodies of requests, which the clients write and the local Arcade reads. */

import { type Fields, InvalidField } from "./fields.ts";

/** How the body of a request is read. */
export interface Body<T> {
  /** What it must be, for the error about another one. */
  readonly expected: string;
  /** Throws an {@linkcode InvalidField} for another one. */
  readonly read: (body: Fields) => T;
}

/** What a text must be. */
export interface TextRule {
  readonly isValid: (text: string) => boolean;
  /** In words, as the end of a sentence. */
  readonly must: string;
}

/** A text that follows a rule; undefined when it is missing. */
export function optionalTextBy(
  fields: Fields,
  key: string,
  { isValid, must }: TextRule,
): string | undefined {
  const text = fields.text(key);
  if (text === undefined || isValid(text)) return text;
  throw new InvalidField(fields.pathOf(key), `must be ${must}`);
}

/** A required text that follows a rule. */
export function textBy(fields: Fields, key: string, rule: TextRule): string {
  const text = optionalTextBy(fields, key, rule);
  if (text === undefined) throw new InvalidField(fields.pathOf(key), "is missing");
  return text;
}

/** A text of at most `max` characters. */
export function upTo(max: number): TextRule {
  return { isValid: ({ length }) => length <= max, must: `at most ${max} characters` };
}

/** A text of 1 to `max` characters without control characters. */
export function lineOf(max: number): TextRule {
  return { isValid: (text) => isLine(text, max), must: `1 to ${max} characters on one line` };
}

/** A text that is not empty. */
export const NOT_EMPTY: TextRule = { isValid: (text) => text !== "", must: "a text" };

export const WEB_ADDRESS: TextRule = {
  isValid: isWebAddress,
  must: "an http or https address of at most 2048 characters",
};

/** Whether a text has 1 to `max` characters, and no control characters. */
export function isLine(text: string, max: number): boolean {
  return text.length <= max && /^[^\p{Cc}\p{Cs}]+$/u.test(text);
}

/** Whether a text is an address with http or https, as long as programs take it. */
export function isWebAddress(text: string): boolean {
  return text.length <= 2048 && !/[\s\p{Cc}]/u.test(text) &&
    /^https?:$/.test(URL.parse(text)?.protocol ?? "");
}

/** A required boolean. */
export function requiredFlag(fields: Fields, key: string): boolean {
  if (typeof fields.mapping[key] !== "boolean") throw new InvalidField(fields.pathOf(key));
  return fields.flag(key);
}

/** Null for a field that is null, which means something else than a missing one. */
export function nullOr<T>(fields: Fields, key: string, value: T): T | null {
  return fields.mapping[key] === null ? null : value;
}

/** A required text that is one of these. */
export function oneOf<T extends string>(fields: Fields, key: string, values: readonly T[]): T {
  const text = fields.text(key);
  const found = values.find((one) => one === text);
  if (found === undefined) {
    throw new InvalidField(fields.pathOf(key), `must be ${values.join(" or ")}`);
  }
  return found;
}
