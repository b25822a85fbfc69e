import { Failure } from "../../failure.ts";
import { resetData } from "../../local/reset.ts";
import { LocalArcadeError } from "../../local/error.ts";
import { defaultDataFolder } from "../../local/model/data_folder.ts";
import { printable } from "../../terminal/safe_text.ts";
import { styleFor } from "../../terminal/style.ts";
import type { Context } from "../context.ts";
import type { JsonFlag } from "../shared/flags.ts";
import { writeJson } from "../shared/json.ts";
import { confirmChange, requireConfirmable } from "../shared/input.ts";

/** Removes the data of the local Arcade, after a confirmation. */
export async function reset(
  context: Context,
  flags: JsonFlag & { readonly data?: string; readonly yes?: boolean },
): Promise<void> {
  const data = flags.data ?? defaultDataFolder(context.files.folder());
  requireConfirmable(context, flags, "local reset");
  const question = `Remove all data of the local Arcade in ${printable(data)}?`;
  if (!flags.yes && !await confirmChange(context, question)) return;
  const removed = await resetData(data).catch((error) => {
    if (!(error instanceof LocalArcadeError)) throw error;
    throw new Failure("file", error.message, {
      next: "Stop it with `arcade local stop`",
      cause: error,
    });
  });
  if (flags.json) return writeJson(context, { data, removed });
  const { green } = styleFor(context.io.stderr);
  context.io.stderr.write(
    removed ? `${green("Removed")} the data in ${printable(data)}\n` : "There was no data\n",
  );
}
