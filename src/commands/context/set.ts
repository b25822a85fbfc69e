import { activateContext, withCredentialsLock } from "../../store/credentials.ts";
import { info } from "../../cli/report.ts";
import type { Context } from "../context.ts";
import { type JsonFlag, writeJson } from "../shared/flags.ts";

/** Makes a stored context the active one. */
export async function setContext(context: Context, flags: JsonFlag, name: string): Promise<void> {
  const folder = context.folder();
  await withCredentialsLock(folder, () => activateContext(folder, name));
  if (flags.json) writeJson(context, { context: name });
  else info(context, `Switched to the context "${name}"`);
}
