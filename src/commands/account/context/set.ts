import { activateContext, withCredentialsLock } from "../../../store/credentials_changes.ts";
import { findContext } from "../../../store/credentials.ts";
import type { Context } from "../../context.ts";
import type { JsonFlag } from "../../shared/flags.ts";
import { writeJson } from "../../shared/json.ts";
import { chooseName } from "../../shared/input.ts";
import { contextNames, findName } from "./find.ts";

/** Makes a stored context the active one; without a name, the user chooses it from a list. */
export async function setContext(context: Context, flags: JsonFlag, name?: string): Promise<void> {
  const names = await contextNames(context);
  const chosen = name === undefined ? await chooseContext(context, names) : findName(names, name);
  const folder = context.files.folder();
  await withCredentialsLock(context.files, () => activateContext(folder, chosen));
  if (flags.json) writeJson(context, { context: chosen });
  else context.io.info(`Switched to the context "${chosen}"`);
}

async function chooseContext(context: Context, names: readonly string[]): Promise<string> {
  const chosen = await chooseName(context, {
    what: "context",
    items: async () => {
      const active = await findContext(context.files.folder(), undefined);
      return names.map((name) => ({ name, isActive: name === active?.contextName }));
    },
    next: "Name one; `arcade context list` shows them",
  });
  return findName(names, chosen);
}
