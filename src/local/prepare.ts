/**
 * An ephemeral local Arcade that loads with its first request: `local exec` starts a command at once, and many commands request
 * nothing. It listens, and has its variables, its registration and the lock of its folder.
 */

import { Failure } from "../failure.ts";
import { lockFile } from "../files/lock.ts";
import { register } from "../files/running.ts";
import { type Handler, listen, type ListenEnvironment, type Listening } from "../system/listen.ts";
import {
  DEFAULT_EMAIL,
  environmentOf,
  type LocalEnvironment,
  storeLocalEnvironment,
} from "./environment.ts";
import { dataFiles, ensurePrivateFile, type Restrict, socketIn } from "./model/data_folder.ts";
import { randomOpaque } from "./model/random_opaque.ts";

/** The parts that a local Arcade takes over instead of creating them. */
export interface Prepared {
  readonly lock: Deno.FsFile;
  readonly listening: Listening;
  /** Answers the requests from now on. */
  readonly answer: (handler: Handler) => void;
  readonly registrationKey: string;
  readonly apiKey: string;
}

/** Another process cannot lock a new folder for long: a process that removes abandoned folders checks for the mark first. */
const LOCK_MS = 2000;

/** The folder is removed with the process, so its files need not be synced. */
const NOT_SYNCED = { isSynced: false };

export interface PrepareOptions {
  /** A new folder. */
  readonly dataDir: string;
  /** The user of logins. */
  readonly userId?: string | undefined;
  /** Restricts the folder to its owner, on a system without modes. */
  readonly restrict?: Restrict | undefined;
  /** The Arcade folders in which it registers. */
  readonly registerIn: readonly string[];
  readonly env: ListenEnvironment;
  /** Starts it when the first request arrives. */
  readonly start: (prepared: Prepared) => Promise<{ readonly stop: () => Promise<void> }>;
}

/** A local Arcade that listens on a free port of 127.0.0.1. */
export interface PreparedArcade {
  /** The variables that point programs to it. */
  readonly environment: LocalEnvironment;
  /** Starts it before the first request. Throws as its start does. */
  readonly start: () => Promise<void>;
  /** Stops it. Throws the error of its start, if any. */
  readonly stop: () => Promise<void>;
}

/**
 * Prepares a local Arcade in a new folder.
 *
 * @throws {Failure} when the folder or the port cannot be used.
 */
export async function prepareLocalArcade(
  { dataDir, userId = DEFAULT_EMAIL, restrict, registerIn, env, start }: PrepareOptions,
): Promise<PreparedArcade> {
  const data = Deno.realPathSync(dataDir);
  await restrict?.(data);
  const files = dataFiles(data);
  const lock = await lockFile(files.lock, { waitMs: LOCK_MS, isCreated: true });
  if (lock === undefined) {
    throw new Failure("file", `${files.lock} is in use`, { next: "Try again" });
  }
  await ensurePrivateFile(files.mark);
  const handler = Promise.withResolvers<Handler>();
  const registrationKey = crypto.randomUUID();
  const apiKey = randomOpaque("arc_local_");
  const socket = socketIn(data);
  let arcade: ReturnType<typeof start> | undefined;
  const startOnce = () =>
    arcade ??= start({ lock, listening, answer: handler.resolve, registrationKey, apiKey });
  let listening: Listening;
  try {
    listening = await listen(async (...request) => {
      startOnce().catch(handler.reject);
      return (await handler.promise)(...request);
    }, { hostname: "127.0.0.1", port: 0, socket, env });
  } catch (error) {
    lock.close();
    throw error;
  }
  const stop = async () => {
    try {
      await (await arcade)?.stop();
    } finally {
      await listening.shutdown();
      if (arcade === undefined) lock.close();
    }
  };
  const address = `http://127.0.0.1:${listening.port}`;
  const environment = environmentOf({ url: address, apiKey, userId, data });
  try {
    storeLocalEnvironment(data, environment, NOT_SYNCED);
    const registration = { address, socket, key: registrationKey, pid: Deno.pid, data };
    for (const place of registerIn) register(place, registration, NOT_SYNCED);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    environment,
    async start() {
      await startOnce();
    },
    stop,
  };
}
