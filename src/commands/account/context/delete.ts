import type { EndedLogin } from "../../../telemetry/logout.ts";
import type { Context } from "../../context.ts";
import { findContext } from "../../../store/credentials.ts";
import { printable } from "../../../terminal/safe_text.ts";
import { logout } from "../logout.ts";
import { confirmChange, whyNoPrompt } from "../../shared/input.ts";

/** Removes a context, after a confirmation on a terminal, and revokes its login. */
export async function deleteContext(
  context: Context,
  flags: { readonly yes?: boolean },
  name: string,
): Promise<EndedLogin | undefined> {
  if (
    !flags.yes && whyNoPrompt(context) === undefined &&
    await findContext(context.files.folder(), name)
  ) {
    if (!await confirmChange(context, `Delete the context ${printable(name)}?`)) return undefined;
  }
  return await logout(context, { context: name });
}
