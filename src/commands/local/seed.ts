import type { Seed } from "../../local/model/seed.ts";
import type { Context } from "../context.ts";

/** The seed in a file; undefined without one. */
export async function seedFor(
  context: Context,
  path: string | undefined,
): Promise<Seed | undefined> {
  if (path === undefined) return undefined;
  const { readSeed } = await import("./seed_file.ts");
  return await readSeed(context, path);
}

/** Starts a local Arcade with a seed, and says on a terminal that its servers start, which can take a while. */
export async function startingServers<T>(
  { io: { stderr } }: Context,
  seed: Seed | undefined,
  start: () => Promise<T>,
): Promise<T> {
  const isStarting = seed?.servers.some((server) => "command" in server);
  if (isStarting) stderr.setProgress("Starting the servers in the seed…");
  try {
    return await start();
  } finally {
    if (isStarting) stderr.setProgress(undefined);
  }
}
