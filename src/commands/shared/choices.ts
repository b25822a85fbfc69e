/** Shared by `org` and `project`: lists with the active item marked, and lookup by id or name. */

import { writeTable } from "../../terminal/table.ts";
import type { Context } from "../context.ts";
import { type Choice, findChoice, type Listed } from "../../target/choices.ts";
import { chooseFrom } from "./input.ts";

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
 * @param options.activeId the id of the one in use.
 * @param options.fetch called only if there is a name, or a terminal.
 */
export async function choose<T extends Choice>(
  context: Context,
  { wanted, activeId, fetch, ...kind }: Listed & {
    readonly wanted: string | undefined;
    readonly activeId: string | undefined;
    readonly fetch: () => Promise<readonly T[]>;
  },
): Promise<T> {
  if (wanted !== undefined) return findChoice(await fetch(), wanted, kind);
  const next = `Give its name or its id; \`${kind.list}\` shows them`;
  let choices: readonly T[] = [];
  const answer = await chooseFrom(context, {
    what: kind.kind,
    items: async () => {
      choices = await fetch();
      return choices.map(({ id, name }) => ({ name, note: id, isActive: id === activeId }));
    },
    next,
  });
  const chosen = "places" in answer ? choices[answer.places[0] ?? 0] : undefined;
  return chosen ?? findChoice(choices, "typed" in answer ? answer.typed : "", kind);
}
