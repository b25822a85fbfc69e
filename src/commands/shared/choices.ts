/** Shared by `org` and `project`: lists with the active item marked, and lookup by id or name. */

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
 * The choice with this id, or else the only one with this name, or else the only one with this name in another case.
 *
 * @throws {Failure} of kind `not-found`, or `usage` when the name is not unique.
 */
export function findChoice<T extends Choice>(
  kind: "organization" | "project",
  choices: readonly T[],
  wanted: string,
): T {
  const byId = choices.find(({ id }) => id === wanted);
  if (byId) return byId;
  const named = choices.filter(({ name }) => name === wanted);
  const alike = choices.filter(({ name }) => name.toLowerCase() === wanted.toLowerCase());
  const [only, another] = named.length > 0 ? named : alike;
  if (only && !another) return only;
  const list = kind === "organization" ? "arcade org list" : "arcade project list";
  if (another) {
    throw new Failure("usage", `More than one ${kind} is called "${wanted}"`, {
      next: `Use its id instead; \`${list}\` shows it`,
    });
  }
  throw new Failure("not-found", `No ${kind} called "${wanted}"`, {
    next: `Run \`${list}\` to see yours`,
  });
}
