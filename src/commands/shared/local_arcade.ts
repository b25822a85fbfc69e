import { answers } from "../../api/local_peer.ts";
import { Failure } from "../../failure.ts";
import { listRunning, type RunningArcade } from "../../files/running.ts";
import { endpointOf } from "../../hosts/address.ts";
import { type LocalEnvironment, readLocalEnvironment } from "../../local/environment.ts";
import { defaultDataFolder } from "../../local/model/data_folder.ts";
import type { Context } from "../context.ts";

/** The user's running local Arcades. */
export interface LocalArcades {
  /** The local Arcade with the default data folder; undefined when it is not running. */
  readonly own: RunningArcade | undefined;
  /** Others: ephemeral ones, and those with `--data`. */
  readonly others: readonly RunningArcade[];
  /** All of them, `own` first. */
  readonly all: readonly RunningArcade[];
}

/** Finds the running local Arcades of the user. */
export async function findLocalArcades(context: Context): Promise<LocalArcades> {
  const folder = context.files.folder();
  const registered = listRunning(folder);
  const running = await Promise.all(
    registered.map(async (one) => await answers(context.http, one) ? [one] : []),
  );
  const data = defaultDataFolder(folder);
  const isOwn = (one: RunningArcade) => isSameFolder(one.data, data);
  const found = running.flat();
  const own = found.find(isOwn);
  const others = found.filter((one) => !isOwn(one));
  return { own, others, all: own === undefined ? others : [own, ...others] };
}

/**
 * The running local Arcade at a port, or the one with the default data folder, or the only one.
 *
 * @throws {Failure} of kind `not-found` when there is none, or more than one.
 */
export async function findLocalArcade(
  context: Context,
  port: number | undefined,
): Promise<RunningArcade> {
  const { own, all } = await findLocalArcades(context);
  if (port !== undefined) {
    const found = all.find(({ address }) => endpointOf(address).port === port);
    if (found) return found;
    throw new Failure("not-found", `You have no local Arcade running at port ${port}`, {
      next: "List the running ones with `arcade local status`",
    });
  }
  const [only, ...more] = own === undefined ? all : [own];
  if (only === undefined) throw noLocalArcade();
  if (more.length === 0) return only;
  throw new Failure("not-found", `${all.length} local Arcades are running`, {
    next: "Choose one with `--port`; `arcade local status` lists them",
  });
}

/** The failure without a running local Arcade. */
export function noLocalArcade(): Failure {
  return new Failure("not-found", "No local Arcade is running", {
    next: "Start it in another terminal with `arcade local serve`",
  });
}

/**
 * The variables that point programs to a running local Arcade.
 *
 * @throws {Failure} of kind `file` when it has none, because an older arcade runs it.
 */
export function variablesOf({ address, data }: RunningArcade): LocalEnvironment {
  const environment = readLocalEnvironment(data);
  if (environment?.ARCADE_BASE_URL === address) return environment;
  throw new Failure(
    "file",
    `The local Arcade at ${address} has no file with variables in ${data}`,
    {
      next: "Restart it with this version of arcade",
    },
  );
}

/** Variables of the user that would lead `arcade` to another place, or be sent to this one. Blank ones count as unset. */
export const NO_OTHER_TARGET = {
  ARCADE_CONTEXT: "",
  ARCADE_IDENTITY_FILE: "",
  ARCADE_ORG_ID: "",
  ARCADE_PROJECT_ID: "",
  ARCADE_TOKEN: "",
  ARCADE_URL: "",
};

function isSameFolder(real: string, path: string): boolean {
  try {
    return real === Deno.realPathSync(path);
  } catch {
    return false; // it does not exist
  }
}
