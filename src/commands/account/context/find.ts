import { notLoggedIn } from "../../../auth/stored_login.ts";
import { closest } from "../../../text/closest.ts";
import { Failure } from "../../../failure.ts";
import { findContext, readContexts, unknownContext } from "../../../store/credentials.ts";
import type { Context } from "../../context.ts";
import { matchesOf } from "../../../target/choices.ts";

/** The names of the stored contexts. Throws a {@link Failure} of kind `login` if no context is stored. */
export async function contextNames(context: Context): Promise<string[]> {
  const names = (await readContexts(context.files.folder())).map(({ contextName }) => contextName);
  if (names.length === 0) throw notLoggedIn(context);
  return names;
}

/**
 * The name of the only context that matches, by {@link matchesOf}.
 *
 * @throws {Failure} of kind `usage` when none or several match.
 */
export function findName(names: readonly string[], wanted: string): string {
  const matches = matchesOf(names.map((name) => ({ name })), wanted).map(({ name }) => name);
  const [only, another] = matches;
  if (only !== undefined && another === undefined) return only;
  if (another === undefined) {
    throw unknownContext(wanted, names, closest(wanted, names));
  }
  throw new Failure("usage", `More than one context matches "${wanted}"`, {
    next: `Choose one of these: ${matches.join(", ")}`,
  });
}

/** The name of the context that the user chooses from a list. */
export async function chooseContext(context: Context, names: readonly string[]): Promise<string> {
  const { chooseName } = await import("../../shared/input.ts");
  const chosen = await chooseName(context, {
    what: "context",
    items: async () => {
      const active = await findContext(context.files.folder(), undefined);
      return names.map((name) => ({ name, isActive: name === active?.contextName }));
    },
    next: "Give its name; `arcade context list` shows yours",
  });
  return findName(names, chosen);
}
