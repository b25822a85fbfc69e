import type { Context } from "../context.ts";

/** The address of the local Arcade that runs on this machine; undefined when none does. */
export async function localArcade(context: Context): Promise<string | undefined> {
  const [{ findRunning }, { defaultDataFolder }] = await Promise.all([
    import("../../local/running.ts"),
    import("../../local/model/data_folder.ts"),
  ]);
  return await findRunning(defaultDataFolder(context.folder()));
}
