/** Watches a deployment until it ends. */

import type { DeploymentsClient } from "../../api/deployments.ts";
import type { LogsClient } from "../../api/logs.ts";
import type { LogLine } from "../../contract/logs.ts";
import { Failure } from "../../failure.ts";
import { printable } from "../../terminal/safe_text.ts";
import { LogPosition } from "../shared/log_position.ts";
import { LogWriter } from "../shared/log_writer.ts";
import type { Interruptible } from "../shared/interruptible.ts";

/** The pause between two requests for the status; shorter at the start. */
const POLL_MS = 5000;
const FIRST_POLL_MS = 1000;
/** How long the status can stay the same before it counts as the status of the update, not of the previous release. */
const SAME_STATUS_MS = 30_000;
/** The pause before the log is requested again. Errors are normal while the server starts. */
const LOG_PAUSE_MS = 3000;
/** After this many failed requests in a row, the status counts as unknown. */
const MAX_FAILED = 24;
/** The statuses of a deployment in progress. */
const UNDER_WAY: readonly string[] = ["pending", "updating", "unknown"];
/** How many of the last lines are shown when a deployment has failed. */
const SHOWN_LINES = 20;

/** A deployment in progress. */
export interface Deploying {
  readonly name: string;
  /** Whether it replaces a release, whose log the stream starts with. */
  readonly isUpdate: boolean;
  readonly deployments: DeploymentsClient;
  readonly logs: LogsClient;
  /** When it started, by the engine's clock. */
  readonly since: Date;
  /** Follows the log until `over` is aborted. */
  readonly stream: { readonly logs: LogsClient; readonly over: AbortController };
}

/**
 * Watches a deployment, and shows its log on stderr.
 *
 * @returns the status in which it ended.
 * @throws {Failure} when the engine no longer returns the status; the reason of the signal.
 */
export async function watch(
  context: Interruptible,
  deploying: Deploying,
): Promise<string> {
  const log = new DeploymentLog(context, deploying);
  if (!deploying.isUpdate) log.follow();
  try {
    let status = await statusOf(context, deploying);
    const first = status;
    /** Until the status changes, it can be the status of the previous release. */
    let isOwn = !deploying.isUpdate;
    let waitedMs = 0;
    for (let pauseMs = FIRST_POLL_MS;; pauseMs = Math.min(pauseMs + FIRST_POLL_MS, POLL_MS)) {
      isOwn ||= status !== first || UNDER_WAY.includes(status);
      if (!UNDER_WAY.includes(status) && (isOwn || waitedMs >= SAME_STATUS_MS)) break;
      context.io.stderr.setProgress(`Status: ${printable(status)}…`);
      if (status === "updating") log.follow();
      await context.clock.sleep(pauseMs, context.http.signal);
      waitedMs += pauseMs;
      status = await statusOf(context, deploying);
    }
    if (!isOwn) {
      context.io.warn(
        `The status did not change within ${SAME_STATUS_MS / 1000} s of the upload, so it may be ` +
          "that of the previous release",
      );
    }
    await log.end();
    if (status !== "running") await log.showLast(SHOWN_LINES);
    return status;
  } finally {
    context.io.stderr.setProgress(undefined);
    await log.end();
  }
}

/** The status, as soon as the engine returns it. */
async function statusOf(
  context: Interruptible,
  { name, deployments }: Deploying,
): Promise<string> {
  for (let failed = 1;; failed++) {
    try {
      return await deployments.status(name);
    } catch (error) {
      context.http.signal.throwIfAborted();
      const mayPass = error instanceof Failure && (error.isOfService || error.kind === "not-found");
      if (!mayPass || failed === MAX_FAILED) throw error;
      context.io.trace?.(`! status: ${error.message}`);
      await context.clock.sleep(POLL_MS, context.http.signal);
    }
  }
}

/** The log of a deployment, as far as it was shown. */
class DeploymentLog {
  readonly #context: Interruptible;
  readonly #deploying: Deploying;
  readonly #position = new LogPosition();
  readonly #writer: LogWriter;
  #following: Promise<void> | undefined;

  constructor(context: Interruptible, deploying: Deploying) {
    this.#context = context;
    this.#deploying = deploying;
    this.#writer = new LogWriter({ stdout: context.io.stderr }, { json: false });
  }

  /** Shows new lines from now on. */
  follow(): void {
    this.#following ??= this.#follow();
  }

  /** Shows the last lines that were missing from the stream. */
  async showLast(count: number): Promise<void> {
    const { logs, since } = this.#deploying;
    try {
      const lines: LogLine[] = [];
      for await (const some of await logs.read({ since })) {
        lines.push(...some);
        lines.splice(0, lines.length - count);
      }
      this.#position.rewind();
      this.#show(lines);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      this.#context.http.signal.throwIfAborted();
      this.#context.io.trace?.(`! log: ${error.message}`); // the status says more
    }
  }

  /** Ends the stream. */
  async end(): Promise<void> {
    this.#deploying.stream.over.abort(new Failure("interrupted", "The deployment has ended"));
    await this.#following;
  }

  async #follow(): Promise<void> {
    const { logs, over } = this.#deploying.stream;
    const signal = AbortSignal.any([this.#context.http.signal, over.signal]);
    while (!signal.aborted) {
      try {
        const stream = await logs.follow(this.#position.start);
        if (!stream) return; // the engine has no more lines
        for await (const lines of stream) this.#show(lines);
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        this.#context.io.trace?.(`! log: ${error.message}`);
      }
      this.#position.rewind();
      await this.#context.clock.sleep(LOG_PAUSE_MS, signal).catch(() => {}); // ends the loop
    }
  }

  #show(lines: readonly LogLine[]): void {
    this.#writer.write(lines.filter((line) => this.#position.take(line)));
  }
}
