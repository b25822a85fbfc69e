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
