/** The local Arcade that a developer's server is registered with: a running one, or one that this process starts. */

import { type DevSession, DevSessionClient } from "../../api/dev_sessions.ts";
import { openEngine } from "../../api/engine.ts";
import type { SecretsClient } from "../../api/secrets.ts";
import { gatewayUrl } from "../../contract/gateways.ts";
import { Failure } from "../../failure.ts";
import type { RunningArcade } from "../../files/running.ts";
import type { LocalEnvironment } from "../../local/environment.ts";
import { LocalArcadeError } from "../../local/error.ts";
import { defaultDataFolder } from "../../local/model/data_folder.ts";
import type { LocalArcade } from "../../local/mod.ts";
import { startGuard } from "../../system/guarded_program.ts";
import type { Interruptible } from "../shared/interruptible.ts";
import { ephemeralPath } from "../shared/ephemeral.ts";
import { AUTH_TYPES } from "../shared/gateways.ts";
import { findLocalArcades, variablesOf } from "../shared/local_arcade.ts";
import { clientOf } from "../shared/open_local.ts";
import { startLocal } from "../shared/start_local.ts";

export interface LinkOptions {
  readonly name: string;
  readonly gateway: string;
  readonly auth: keyof typeof AUTH_TYPES;
  readonly port: number;
  readonly ephemeral: boolean;
}

/** How long to wait for a local Arcade that another command is starting or stopping. */
const OTHER_MS = 20_000;
const PAUSE_MS = 100;

/** A session at a local Arcade. */
export interface Link extends AsyncDisposable {
  readonly address: string;
  readonly data: string;
  readonly environment: LocalEnvironment;
  /** Whether this process started it. */
  readonly isOwn: boolean;
  readonly gatewayUrl: string;
  readonly session: DevSession;
  readonly client: DevSessionClient;
  readonly secrets: SecretsClient;
}

/**
 * Joins the running local Arcade, or starts one, and registers the server there.
 *
 * @param context its signal ends the session.
 * @throws {Failure} when that fails; of kind `usage` when another `arcade dev` has a server with that name.
 */
export async function openLink(context: Interruptible, options: LinkOptions): Promise<Link> {
  const { arcade, own, stop } = await joinOrStart(context, options);
  const { address, data } = arcade;
  try {
    const environment = variablesOf(arcade);
    const authorized = clientOf(context, arcade);
    const client = new DevSessionClient(authorized, address, options.name);
    const request = { gateway: options.gateway, auth_type: AUTH_TYPES[options.auth] };
    const session = await client.open(request, context.http.signal).catch((error) => {
      throw refused(error, options.name, address);
    });
    return {
      address,
      data,
      environment,
      isOwn: own !== undefined,
      gatewayUrl: gatewayUrl(address, session.gateway),
      session,
      client,
      secrets: openEngine(authorized, { address, project: undefined }).secrets,
      [Symbol.asyncDispose]: stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

interface Opened {
  readonly arcade: RunningArcade;
  readonly own: LocalArcade | undefined;
  readonly stop: () => Promise<void>;
}

async function joinOrStart(context: Interruptible, options: LinkOptions): Promise<Opened> {
  if (options.ephemeral) return await start(context, options);
  const { elapsedMs, sleep } = context.clock;
  const begin = elapsedMs();
  while (true) {
    const { own } = await findLocalArcades(context);
    if (own !== undefined) {
      return { arcade: own, own: undefined, stop: () => Promise.resolve() };
    }
    try {
      return await start(context, options);
    } catch (error) {
      // Another command is starting or stopping it: it has the data, but does not answer.
      const isUsed = error instanceof Failure && error.cause instanceof LocalArcadeError &&
        error.cause.reason === "data-in-use";
      if (!isUsed || elapsedMs() - begin >= OTHER_MS) throw error;
      await sleep(PAUSE_MS, context.http.signal);
    }
  }
}

async function start(
  context: Interruptible,
  { port, ephemeral }: LinkOptions,
): Promise<Opened> {
  const dataDir = ephemeral ? ephemeralPath(context) : defaultDataFolder(context.files.folder());
  // The guard removes the folder if this process is killed.
  const guard = ephemeral
    ? await startGuard(context, { temporary: dataDir, fifos: [] })
    : undefined;
  let own: LocalArcade;
  try {
    const { signal } = context.http;
    own = await startLocal(context, { dataDir, port, ephemeral, signal });
  } catch (error) {
    await guard?.end();
    throw error;
  }
  const stop = async () => {
    try {
      await own.stop();
    } finally {
      await guard?.end();
    }
  };
  const { all } = await findLocalArcades(context);
  const arcade = all.find(({ address }) => address === own.url);
  if (arcade !== undefined) return { arcade, own, stop };
  await stop();
  throw new Failure("file", "The local Arcade could not be registered in the Arcade folder", {
    next: "Run `arcade doctor`",
  });
}

function refused(error: unknown, name: string, address: string): unknown {
  if (!(error instanceof Failure)) return error;
  if (error.status === 409) {
    return new Failure("usage", `The server "${name}" is already registered at ${address}`, {
      next: "Stop the other `arcade dev`, or use another name with `--name`",
      cause: error,
    });
  }
  if (error.status === 404) {
    return new Failure("server", `The local Arcade at ${address} belongs to an older arcade`, {
      next: "Stop it with `arcade local stop`, then try again",
      cause: error,
    });
  }
  return error;
}
