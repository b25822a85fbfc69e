import type { EndedLogin } from "../../../telemetry/logout.ts";
import type { Context } from "../../context.ts";
import { readContexts } from "../../../store/credentials.ts";
import { printable } from "../../../terminal/safe_text.ts";
import { logout } from "../logout.ts";
import { type IgnoreMissingFlag, tellMissing } from "../../shared/existing.ts";
import type { JsonFlag } from "../../shared/flags.ts";
import { confirmChange, whyNoPrompt } from "../../shared/input.ts";
import { writeJson } from "../../shared/json.ts";
import { chooseContext, contextNames } from "./find.ts";

/** Removes a context, which the user chooses without a name, after a confirmation on a terminal, and revokes its login. */
export async function deleteContext(
  context: Context,
  flags: IgnoreMissingFlag & JsonFlag & { readonly yes?: boolean },
  named?: string,
): Promise<EndedLogin | undefined> {
  const name = named ?? await chooseContext(context, await contextNames(context));
  const contexts = await readContexts(context.files.folder());
  const isMissing = !contexts.some(({ contextName }) => contextName === name);
  if (isMissing && flags.ignoreMissing) tellMissing(context, `context called "${name}"`);
  else if (!isMissing && !flags.yes && whyNoPrompt(context) === undefined) {
    if (!await confirmChange(context, `Delete the context ${printable(name)}?`)) return undefined;
  }
  const ended = isMissing && flags.ignoreMissing
    ? undefined
    : await logout(context, { context: name });
  if (flags.json) {
    writeJson(context, { deleted: isMissing ? null : name, missing: isMissing ? [name] : [] });
  }
  return ended;
}
