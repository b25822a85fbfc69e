import { answers } from "../../api/local_peer.ts";
import { listRunning } from "../../files/running.ts";
import { defaultDataFolder } from "../../local/model/data_folder.ts";
import type { Context } from "../context.ts";

/** The local Arcades of the user that run now. */
export interface LocalArcades {
  /** The address of the one with the user's own data; undefined when it does not run. */
  readonly own: string | undefined;
  /** The addresses of others: ephemeral ones, and those with `--data`. */
  readonly others: readonly string[];
}

/** Finds the running local Arcades of the user. */
export async function findLocalArcades(context: Context): Promise<LocalArcades> {
  const folder = context.folder();
  const registered = listRunning(folder);
  const running = await Promise.all(
    registered.map(async (one) => await answers(context, one) ? [one] : []),
  );
  const data = defaultDataFolder(folder);
  const isOwn = (one: { readonly data: string }) => isSameFolder(one.data, data);
  const found = running.flat();
  return {
    own: found.find(isOwn)?.address,
    others: found.filter((one) => !isOwn(one)).map(({ address }) => address),
  };
}

function isSameFolder(real: string, path: string): boolean {
  try {
    return real === Deno.realPathSync(path);
  } catch {
    return false; // it does not exist
  }
}
