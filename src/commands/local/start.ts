/** What `local serve` and `local exec` share: how a local Arcade is started, and what its errors tell a user. */

import { Failure } from "../../failure.ts";
import { LocalArcadeError } from "../../local/error.ts";
import type { Restrict } from "../../local/model/data_folder.ts";
import type { Seed } from "../../local/model/seed.ts";
import type { Context } from "../context.ts";

/** Restricts its folder to the user, on Windows. */
export function restrictionOf({ files: { windows } }: Context): Restrict | undefined {
  return windows && (async (folder) => {
    const { restrictToOwner } = await import("../../files/owner_only.ts");
    await restrictToOwner(folder, windows);
  });
}

/** The seed in a file; undefined without one. */
export async function seedFor(
  context: Context,
  path: string | undefined,
): Promise<Seed | undefined> {
  if (path === undefined) return undefined;
  const { readSeed } = await import("./seed_file.ts");
  return await readSeed(context, path);
}

/** The failure for an error of its start; others are returned unchanged. */
export function startFailure(error: unknown): unknown {
  if (!(error instanceof LocalArcadeError)) return error;
  const [kind, next] = adviceFor(error);
  return new Failure(kind, error.message, { next, cause: error });
}

function adviceFor({ reason, address }: LocalArcadeError): ["port" | "file", string] {
  switch (reason) {
    case "cannot-listen":
      return [
        "port",
        "Choose another address or port with `--bind` or `--port`; ports below 1024 may need root",
      ];
    case "port-taken":
      return [
        "port",
        "Stop the other program, or choose another port with `--port` (0 picks a free one)",
      ];
    case "data-in-use":
      return [
        "file",
        address === undefined
          ? "Stop the other local Arcade, or give this one its own folder with `--data`"
          : `Run \`arcade login --url ${address}\`, stop it, or use \`--data\` and \`--port\` for ` +
            "another one",
      ];
    case "data-unreadable":
      return ["file", "Use another folder with `--data`, or move this folder away to start over"];
  }
}
