/** The bodies of requests, which the clients write and the local Arcade reads. */

import { type Fields, InvalidField } from "./fields.ts";

/** How the body of a request is read. */
export interface Body<T> {
  /** What it must be, for the error about another one. */
  readonly expected: string;
  /** Throws an {@linkcode InvalidField} for another one. */
  readonly read: (body: Fields) => T;
}

/** A text that follows a rule; undefined when it is missing. */
export function optionalTextBy(
  fields: Fields,
  key: string,
  isValid: (text: string) => boolean,
): string | undefined {
  const text = fields.text(key);
  if (text === undefined || isValid(text)) return text;
  throw new InvalidField(fields.pathOf(key));
}

/** A required text that follows a rule. */
export function textBy(fields: Fields, key: string, isValid: (text: string) => boolean): string {
  const text = optionalTextBy(fields, key, isValid);
  if (text === undefined) throw new InvalidField(fields.pathOf(key));
  return text;
}

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
  if (found === undefined) throw new InvalidField(fields.pathOf(key));
  return found;
}
