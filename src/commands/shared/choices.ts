/** Shared by `org` and `project`: lists with the active item marked, and lookup by id or name. */

import { closest } from "../../cli/suggestions.ts";
import { Failure } from "../../failure.ts";
import { writeTable } from "../../terminal/table.ts";
import type { Context } from "../context.ts";

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
    context.stdout,
    [{ heading: " ", isWhole: true }, { heading: "Name" }, { heading: "ID", isWhole: true }, {
      heading: "Default",
    }],
    choices.map((
      { id, name, isDefault },
    ) => [id === activeId ? "*" : " ", name, id, isDefault ? "yes" : ""]),
  );
}

/**
 * The choice with this id or name. Exact matches win over names that differ in case, and those over the beginning of a name
 * or an id.
 *
 * @throws {Failure} of kind `not-found`, or `usage` when several match.
 */
export function findChoice<T extends Choice>(
  kind: "organization" | "project",
  choices: readonly T[],
  wanted: string,
): T {
  const lower = wanted.toLowerCase();
  const matches: ((choice: T) => boolean)[] = [
    ({ id }) => id === wanted,
    ({ name }) => name === wanted,
    ({ name }) => name.toLowerCase() === lower,
    ({ id, name }) =>
      wanted !== "" && (id.startsWith(wanted) || name.toLowerCase().startsWith(lower)),
  ];
  const found = matches.map((match) => choices.filter(match)).find((some) => some.length > 0);
  const [only, another] = found ?? [];
  if (only && !another) return only;
  const list = kind === "organization" ? "arcade org list" : "arcade project list";
  if (another) {
    throw new Failure("usage", `More than one ${kind} matches "${wanted}"`, {
      next: `Use its id instead; \`${list}\` shows it`,
    });
  }
  const near = closest(lower, choices.map(({ name }) => name));
  throw new Failure("not-found", `No ${kind} called "${wanted}"`, {
    next: `${near === undefined ? "" : `Did you mean "${near}"? `}Run \`${list}\` to see yours`,
  });
}
