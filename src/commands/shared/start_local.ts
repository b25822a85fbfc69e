/** Starts a local Arcade in this process, and explains its errors to a user. */

import { Failure } from "../../failure.ts";
import { LocalArcadeError, SeedServerFailure } from "../../local/error.ts";
import type { LocalArcade, LocalArcadeOptions } from "../../local/mod.ts";
import { homeFolder, type Restrict } from "../../local/model/data_folder.ts";
import type { Context } from "../context.ts";
import { showLastLines } from "./last_lines.ts";
import { makeEphemeralFolder, removeAbandonedFolders } from "./ephemeral.ts";

/** Restricts its folder to the user, on Windows. */
export function restrictionOf({ files: { windows } }: Context): Restrict | undefined {
  return windows && (async (folder) => {
    const { restrictToOwner } = await import("../../files/owner_only.ts");
    await restrictToOwner(folder, windows);
  });
}

/** The options that differ between the commands that start one. */
type StartOptions = Pick<
  LocalArcadeOptions,
  | "dataDir"
  | "port"
  | "signal"
  | "seed"
  | "hostname"
  | "autoApprove"
  | "autoGrant"
  | "onRequest"
  | "tokenTtlSeconds"
  | "ephemeral"
>;

/**
 * Starts a local Arcade in this process that the other commands of the user find.
 *
 * @throws {Failure} when it cannot start, and the reason of the signal.
 */
export async function startLocal(context: Context, options: StartOptions): Promise<LocalArcade> {
  const { clock: { now, elapsedMs, sleep }, env } = context;
  const { dataDir } = options;
  const [{ startLocalArcade }, { exampleLine }] = await Promise.all([
    import("../../local/mod.ts"),
    import("./parameter_forms.ts"),
  ]);
  try {
    if (options.ephemeral) {
      makeEphemeralFolder(dataDir);
      await removeAbandonedFolders(dataDir);
    }
    return await startLocalArcade({
      restrict: restrictionOf(context),
      registerIn: foldersOf(context, dataDir),
      now,
      elapsedMs,
      env,
      sleep,
      exampleLine,
      ...options,
    });
  } catch (error) {
    throw startFailure(context, error, { hasPlaces: options.hostname !== undefined });
  }
}

/** The Arcade folders of clients: the one of its own login, and that of the user. */
function foldersOf(context: Context, dataDir: string): string[] {
  const own = homeFolder(dataDir);
  try {
    return [own, context.files.folder()];
  } catch (error) {
    if (error instanceof Failure) return [own]; // the home folder is unknown
    throw error;
  }
}

/**
 * The failure for an error of its start; others are returned unchanged. Shows what a server of the seed that fails printed.
 *
 * @param options.hasPlaces whether the command has `--data` and `--bind`.
 */
export function startFailure(
  context: Context,
  error: unknown,
  { hasPlaces }: { readonly hasPlaces: boolean } = { hasPlaces: false },
): unknown {
  if (error instanceof SeedServerFailure) showLastLines(context, error.lines, error.server);
  if (!(error instanceof LocalArcadeError)) return error;
  const [kind, next] = adviceFor(error, hasPlaces);
  return new Failure(kind, error.message, { next, cause: error });
}

function adviceFor(
  { reason, address }: LocalArcadeError,
  hasPlaces: boolean,
): ["port" | "file", string] {
  switch (reason) {
    case "cannot-listen":
      return [
        "port",
        `${
          hasPlaces
            ? "Choose another address or port with `--bind` or `--port`"
            : "Choose another port with `--port`"
        }; ports below 1024 may need root`,
      ];
    case "port-taken":
      return [
        "port",
        "Stop the other program, or choose another port with `--port` (0 picks a free one)",
      ];
    case "data-in-use":
      return [
        "file",
        !hasPlaces
          ? "Stop the other local Arcade with `arcade local stop`, then try again"
          : address === undefined
          ? "Stop the other local Arcade, or give this one its own folder with `--data`"
          : `Run \`arcade login --url ${address}\`, stop it, or use \`--data\` and \`--port\` for ` +
            "another one",
      ];
    case "data-unreadable":
      return [
        "file",
        hasPlaces
          ? "Use another folder with `--data`, or move this folder away to start over"
          : "Move this folder away to start over",
      ];
  }
}
