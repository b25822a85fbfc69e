import { notLoggedIn } from "../../auth/stored_login.ts";
import { info } from "../../cli/report.ts";
import { activateContext, readContexts, withCredentialsLock } from "../../store/credentials.ts";
import type { Context } from "../context.ts";
import { type JsonFlag, writeJson } from "../shared/flags.ts";
import { chooseFrom } from "../shared/input.ts";

/** Makes a stored context the active one; without a name, the user chooses it from a list. */
export async function setContext(context: Context, flags: JsonFlag, name?: string): Promise<void> {
  const chosen = name ?? await chooseContext(context);
  const folder = context.folder();
  await withCredentialsLock(folder, () => activateContext(folder, chosen));
  if (flags.json) writeJson(context, { context: chosen });
  else info(context, `Switched to the context "${chosen}"`);
}

async function chooseContext(context: Context): Promise<string> {
  const names = (await readContexts(context.folder())).map(({ contextName }) => contextName);
  if (names.length === 0) throw notLoggedIn();
  const answer = await chooseFrom(context, {
    what: "context",
    names: () => Promise.resolve(names),
    next: "Give its name; `arcade context list` shows yours",
  });
  return "typed" in answer ? answer.typed : names[answer.index] ?? "";
}
