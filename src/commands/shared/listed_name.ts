/** An argument that names an item of a list. Without it, the user chooses the item on a terminal. */

import { Failure } from "../../failure.ts";
import type { Context } from "../context.ts";
import type { Item } from "./input.ts";

/** What is chosen, and what to do when it cannot be chosen. */
export interface ListedName {
  /** The kind of item, such as `server`. */
  readonly what: string;
  /** The next step without a terminal: how to name one, and what lists all. */
  readonly next: string;
  /** The next step when the list is empty. */
  readonly ifNone: string;
}

/**
 * Requires a name, or a user who can choose one. A command calls it before its first request.
 *
 * @throws {Failure} of kind `usage`.
 */
export async function requireName(
  context: Context,
  named: string | undefined,
  choice: ListedName,
): Promise<void> {
  if (named !== undefined) return;
  (await import("./input.ts")).requireChooser(context, choice);
}

/**
 * The name of the item that the user chooses.
 *
 * @throws {Failure} of kind `not-found` when the list is empty, and whatever `chooseFrom` throws.
 */
export async function chooseListed(
  context: Context,
  choice: ListedName,
  items: readonly Item[],
): Promise<string> {
  const { chooseName } = await import("./input.ts");
  return await chooseName(context, { ...choice, items: some(choice, items) });
}

/** The names of the items that the user chooses. Throws as {@link chooseListed} does. */
export async function chooseSeveral(
  context: Context,
  choice: ListedName,
  items: readonly Item[],
): Promise<string[]> {
  const { chooseFrom } = await import("./input.ts");
  const answer = await chooseFrom(context, {
    ...choice,
    items: some(choice, items),
    isMultiple: true,
  });
  if ("typed" in answer) return answer.typed.split(/[\s,]+/).filter(Boolean);
  return answer.places.flatMap((place) => items[place]?.name ?? []);
}

/** Provides the items. Throws if the list is empty. */
function some({ what, ifNone }: ListedName, items: readonly Item[]) {
  if (items.length === 0) throw new Failure("not-found", `No ${what}s yet`, { next: ifNone });
  return () => Promise.resolve(items);
}

/** The different names, sorted, as items to choose from. */
export function itemsOf(names: Iterable<string>): Item[] {
  return [...new Set(names)].sort().map((name) => ({ name }));
}
