/** A running release: a process that became healthy, and its tools. */

import type { Environment } from "../../contract/variables.ts";
import { randomOpaque } from "../model/opaque.ts";
import type { ServerRelease } from "../model/deployments.ts";
import { launchOf, serverEnvironment } from "./launch.ts";
import type { ServerLog } from "./log.ts";
import type { ToolResponse } from "../../contract/tools.ts";
import { startProcess } from "../../system/child_group.ts";
import { reservePort } from "../../system/own_port.ts";
import { healthInTime, Worker, WorkerError } from "./worker.ts";

/** The dependencies for running servers. */
export interface Surroundings {
  readonly env: Environment;
  /** The address of the local Arcade, which listens by the time a server starts. */
  readonly apiUrl: () => string;
  readonly now: () => Date;
  /** A monotonic clock, in milliseconds. */
  readonly elapsedMs: () => number;
  /** Waits; rejects with the signal's reason when that is aborted. */
  readonly sleep: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
}

export interface Instance {
  readonly worker: Worker;
  readonly tools: readonly ToolResponse[];
  /** Settles when the process has ended, with a description of its end. */
  readonly ended: Promise<string>;
  stop(): Promise<void>;
}

/** A release that did not start. The message says why. */
export class StartFailure extends Error {
  override readonly name = "StartFailure";
}

export interface StartOptions {
  readonly release: ServerRelease;
  /** The files of the release. */
  readonly folder: string;
  /** Receives the lines that the program prints. */
  readonly log: ServerLog;
  readonly signal: AbortSignal;
}

/**
 * Starts the program of a release, and waits until it is healthy and has listed its tools. Throws a {@linkcode StartFailure} or a
 * `Failure` when that fails, and the signal's reason when it is aborted; in both cases no process is left.
 */
export async function startInstance(
  { release, folder, log, signal }: StartOptions,
  surroundings: Surroundings,
): Promise<Instance> {
  const { env, apiUrl, elapsedMs, sleep } = surroundings;
  if (Deno.build.os === "windows") {
    throw new StartFailure("The local Arcade runs servers only on Linux and macOS");
  }
  const launch = await launchOf(folder, release.entrypoint, env);
  if (launch.note !== undefined) log.note(launch.note);
  log.note(`Starting version ${release.version}: ${launch.command.join(" ")}`);
  signal.throwIfAborted();

  const secret = randomOpaque("");
  const port = await reservePort();
  const process = await startProcess({
    command: launch.command,
    cwd: folder,
    env: serverEnvironment(env, { port: port.port, secret, folder, apiUrl: apiUrl() }),
    onLine: (line) => log.append(line),
  });
  const over = new AbortController();
  const ended = process.ended.then(({ code, signal }) => {
    const end = signal === null ? `Exited with code ${code}` : `Terminated by ${signal}`;
    over.abort(new StartFailure(end));
    return end;
  });
  try {
    const either = AbortSignal.any([signal, over.signal]);
    const worker = new Worker({ port, secret });
    const { limitMs } = launch;
    const ask = () => worker.health();
    const status = await healthInTime({ ask, limitMs, elapsedMs, sleep, signal: either });
    if (status === undefined) throw new StartFailure(`Not healthy within ${limitMs / 1000} s`);
    if (status !== 200) {
      throw new StartFailure(
        `GET /worker/health was answered with ${status}, so the server has no worker routes`,
      );
    }
    const tools = await worker.tools();
    either.throwIfAborted();
    return { worker, tools, ended, stop: process.stop };
  } catch (error) {
    await process.stop();
    if (error instanceof WorkerError) throw new StartFailure(error.message, { cause: error });
    throw error;
  }
}
