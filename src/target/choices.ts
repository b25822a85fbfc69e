/** Finds an item by its name or id: an organization, a project, or another item of a list. */

import { Failure } from "../failure.ts";
import { closest } from "../text/closest.ts";

/** An organization or a project to choose. */
export interface Choice {
  readonly id: string;
  readonly name: string;
  readonly isDefault: boolean;
}

/** What choices are, and the command line that lists them. */
export interface Listed {
  readonly kind: "organization" | "project";
  readonly list: string;
}

/** The minimum length of an id's prefix. Shorter ones would match by accident. */
const SHORTEST_ID = 6;

/**
 * The items that match a name or an id. Exact matches override names that differ in case, and those override prefixes of
 * a name or an id.
 */
export function matchesOf<T extends { readonly id?: string; readonly name: string }>(
  items: readonly T[],
  wanted: string,
): readonly T[] {
  const lower = wanted.toLowerCase();
  return firstMatches(items, [
    ({ id }) => id === wanted,
    ({ name }) => name === wanted,
    ({ name }) => name.toLowerCase() === lower,
    ({ id = "", name }) =>
      (wanted !== "" && name.toLowerCase().startsWith(lower)) ||
      (wanted.length >= SHORTEST_ID && id.startsWith(wanted)),
  ]);
}

/** The items of the first condition that matches any. */
export function firstMatches<T>(
  items: readonly T[],
  conditions: readonly ((item: T) => boolean)[],
): readonly T[] {
  return conditions.map((condition) => items.filter(condition)).find(({ length }) => length > 0) ??
    [];
}

/**
 * The only choice that matches this id or name, by {@link matchesOf}.
 *
 * @throws {Failure} of kind `not-found`, or `usage` when several match.
 */
export function findChoice<T extends Choice>(
  choices: readonly T[],
  wanted: string,
  { kind, list }: Listed,
): T {
  const [only, another] = matchesOf(choices, wanted);
  if (only && !another) return only;
  if (another) {
    throw new Failure("usage", `More than one ${kind} matches "${wanted}"`, {
      next: `Use its id instead; \`${list}\` shows it`,
    });
  }
  throw unknownName(kind, wanted, { names: choices.map(({ name }) => name), list });
}

/**
 * The failure for a name that is not in a list. Suggests the closest one.
 *
 * @param options.list the command that shows the list.
 * @param options.near the names to suggest, if they are not just those with few typos.
 */
export function unknownName(
  kind: string,
  wanted: string,
  { names, list, near = [closest(wanted, names) ?? []].flat() }: {
    readonly names: readonly string[];
    readonly list: string;
    readonly near?: readonly string[];
  },
): Failure {
  return new Failure("not-found", `No ${kind} called "${wanted}"`, {
    next: `${didYouMean(near)}Run \`${list}\` to see them`,
  });
}

/** A question before another sentence; empty without a name. */
export function didYouMean(near: readonly string[]): string {
  return near.length === 0 ? "" : `Did you mean ${near.map((one) => `"${one}"`).join(" or ")}? `;
}
