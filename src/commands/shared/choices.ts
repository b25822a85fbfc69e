/** Shared by `org` and `project`: lists with the active item marked, and lookup by id or name. */

import { closest } from "../../cli/suggestions.ts";
import { Failure } from "../../failure.ts";
import { writeTable } from "../../terminal/table.ts";
import type { Context } from "../context.ts";
import { chooseFrom } from "./input.ts";

export interface Choice {
  readonly id: string;
  readonly name: string;
  readonly isDefault: boolean;
}

/** A choice as `--json` shows it. */
export function choiceToJson({ id, name, isDefault }: Choice, activeId: string | undefined) {
  return { id, name, default: isDefault, active: id === activeId };
}

/** Prints choices as a table with a star before the active one. */
export async function writeChoices(
  context: Context,
  choices: readonly Choice[],
  activeId: string | undefined,
): Promise<void> {
  await writeTable(
    context.io.stdout,
    [{ heading: " ", isWhole: true }, { heading: "Name" }, { heading: "ID", isWhole: true }, {
      heading: "Default",
    }],
    choices.map((
      { id, name, isDefault },
    ) => [id === activeId ? "*" : " ", name, id, isDefault ? "yes" : ""]),
  );
}

/**
 * The choice that the user names, or chooses from a list on a terminal. Throws as {@link findChoice} does.
 *
 * @param fetch called only if there is a name, or a terminal.
 */
export async function choose<T extends Choice>(
  context: Context,
  { wanted, fetch, ...kind }: Listed & {
    readonly wanted: string | undefined;
    readonly fetch: () => Promise<readonly T[]>;
  },
): Promise<T> {
  if (wanted !== undefined) return findChoice(await fetch(), wanted, kind);
  const next = `Give its name or its id; \`${kind.list}\` shows yours`;
  let choices: readonly T[] = [];
  const answer = await chooseFrom(context, {
    what: kind.kind,
    names: async () => (choices = await fetch()).map(({ name }) => name),
    next,
  });
  const chosen = "index" in answer ? choices[answer.index] : undefined;
  return chosen ?? findChoice(choices, "typed" in answer ? answer.typed : "", kind);
}

/** What choices are, and the command line that lists them. */
interface Listed {
  readonly kind: "organization" | "project";
  readonly list: string;
}

/** The beginning of an id that is enough. Shorter ones would match by accident. */
const SHORTEST_ID = 6;

/**
 * The items that a name or an id may mean. Exact matches win over names that differ in case, and those over the beginning of
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

/** The items that the first of these conditions finds which finds any. */
export function firstMatches<T>(
  items: readonly T[],
  conditions: readonly ((item: T) => boolean)[],
): readonly T[] {
  return conditions.map((condition) => items.filter(condition)).find(({ length }) => length > 0) ??
    [];
}

/**
 * The one choice that this id or name means, by {@link matchesOf}.
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
 */
export function unknownName(
  kind: string,
  wanted: string,
  { names, list }: { readonly names: readonly string[]; readonly list: string },
): Failure {
  const near = closest(wanted, names);
  return new Failure("not-found", `No ${kind} called "${wanted}"`, {
    next: `${near === undefined ? "" : `Did you mean "${near}"? `}Run \`${list}\` to see yours`,
  });
}
