import { type LogsClient, utc } from "../../api/logs.ts";
import type { LogLine } from "../../contract/logs.ts";
import { Failure } from "../../failure.ts";
import { localTime } from "../../text/time.ts";
import type { Context } from "../context.ts";
import type { ServiceFlags } from "../shared/flags.ts";
import type { ProjectFlags } from "../../target/project.ts";
import { aboutServer, openServer } from "./about_server.ts";
import { parseLogTime } from "./log_time.ts";
import { LogPosition } from "../shared/log_position.ts";
import { LogWriter } from "../shared/log_writer.ts";
import { interruptible } from "../shared/interruptible.ts";

export interface LogsFlags extends ServiceFlags, ProjectFlags {
  readonly since?: string;
  readonly until?: string;
  readonly follow?: boolean;
  readonly tail?: number;
}

/** How far back logs are shown, unless `--since` says otherwise. */
const DEFAULT_SINCE = "1h";
/** The pause before a new connection: the first one, and the longest. */
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 15_000;

/** A log, and its output. */
interface Reading {
  readonly logs: LogsClient;
  readonly writer: LogWriter;
  /** Runs requests about the server, as {@link aboutServer} does. */
  readonly about: <T>(work: () => Promise<T>) => Promise<T>;
}

/** Prints the log of a deployed server, and follows it with `--follow`. */
export async function showLogs(
  command: Context,
  flags: LogsFlags,
  named?: string,
): Promise<number> {
  periodOf(flags, command.clock.now()); // an invalid time fails before any request
  // The user ends following with Ctrl-C, so it has no time limit.
  const context = flags.follow ? interruptible(command, { commandMs: Infinity }) : command;
  const { engine, name } = await openServer(context, flags, named);
  const logs = await engine.logs(name, context.http);
  // Only the engine's clock can tell how long ago a line was printed.
  const period = periodOf(flags, await logs.time(context.clock));
  requireOrder(period, flags);
  const reading: Reading = {
    logs,
    writer: new LogWriter(context.io, { json: flags.json === true }),
    about: (work) => aboutServer(engine.servers, { name, flags }, work, () => notDeployed(name)),
  };
  if (flags.follow) return await follow(context, reading, { ...period, tail: flags.tail });
  const count = await print(context, reading, { ...period, tail: flags.tail });
  if (count === 0) context.io.info(`No log lines since ${localTime(period.since)}`);
  return 0;
}

/** The period whose lines are shown. */
interface Period {
  readonly since: Date;
  /** Undefined for all lines since then. */
  readonly until: Date | undefined;
  readonly now: Date;
}

/** The period that the flags name. Throws a {@link Failure} of kind `usage` for times that cannot be read. */
function periodOf({ follow, tail, since, until }: LogsFlags, now: Date): Period {
  const isFromNow = follow === true && tail === undefined;
  return {
    since: timeOf("since", since ?? (isFromNow ? "0s" : DEFAULT_SINCE), now),
    until: until === undefined ? undefined : timeOf("until", until, now),
    now,
  };
}

/** @throws {Failure} of kind `usage` for a period without any time. */
function requireOrder({ since, until: last, now }: Period, { follow }: LogsFlags): void {
  const until = last ?? now;
  if (since < until || (follow && since.getTime() === until.getTime())) return;
  throw new Failure("usage", "`--since` must be before `--until`", {
    next: `They are ${utcSecond(since)} and ${utcSecond(until)}`,
  });
}

function timeOf(flag: string, written: string, now: Date): Date {
  const time = parseLogTime(written, now);
  if (time) return time;
  throw new Failure("usage", `\`--${flag}\`: expected a duration, a date or a timestamp`, {
    next: "Write it like 90s, 15m, 2h, 1d12h, 2026-11-21 or 2026-11-21T07:30:00Z",
  });
}

function utcSecond(time: Date): string {
  return `${time.toISOString().slice(0, 19)}Z`;
}

function notDeployed(name: string): Failure {
  return new Failure("not-found", `The server "${name}" is not deployed at Arcade`, {
    next: "Arcade keeps logs of deployed servers only; see this server's logs where it runs",
  });
}

/**
 * Prints the lines of a time, or the last of them.
 *
 * @param position notified of all of them.
 * @returns how many there were.
 */
async function print(
  context: Context,
  { logs, writer, about }: Reading,
  { since, until, tail, position }: {
    readonly since: Date;
    readonly until: Date | undefined;
    readonly tail: number | undefined;
    readonly position?: LogPosition;
  },
): Promise<number> {
  let count = 0;
  const last: LogLine[] = [];
  for await (const lines of await about(() => logs.read({ since, until }))) {
    count += lines.length;
    if (position) { for (const line of lines) position.take(line); }
    if (tail === undefined) {
      writer.write(lines);
    } else {
      last.push(...lines);
      if (last.length > 2 * tail) last.splice(0, last.length - tail);
    }
    if (context.io.stdout.isClosed()) return count;
  }
  if (tail !== undefined) writer.write(last.slice(Math.max(0, last.length - tail)));
  return count;
}

/** Prints new lines until Ctrl-C, until the output is closed, until the engine has no more, or until the server is deleted. */
async function follow(
  context: Context,
  reading: Reading,
  { since, tail }: { readonly since: Date; readonly tail: number | undefined },
): Promise<number> {
  const position = new LogPosition(utc(since));
  try {
    if (tail !== undefined) {
      await print(context, reading, { since, until: undefined, tail, position });
      position.rewind();
    }
    await followFrom(context, reading, position);
    return 0;
  } catch (error) {
    if (!context.http.signal?.aborted || context.io.json) throw error;
    // The usual end needs no message.
    if (context.io.stderr.isTerminal) context.io.stderr.write("\n");
    return 130;
  }
}

async function followFrom(
  context: Context,
  { logs, writer, about }: Reading,
  position: LogPosition,
): Promise<void> {
  const connect = () => about(() => logs.follow(position.start));
  let pauseMs = FIRST_PAUSE_MS;
  let isFirst = true;
  while (true) {
    let reason = "The log stream ended";
    try {
      const stream = await connect();
      if (!stream) return context.io.info("The log has ended");
      if (isFirst) context.io.info("Waiting for new lines… (Ctrl-C to stop)");
      isFirst = false;
      for await (const lines of stream) {
        const fresh = lines.filter((line) => position.take(line));
        writer.write(fresh);
        if (context.io.stdout.isClosed()) return;
        if (fresh.length > 0) pauseMs = FIRST_PAUSE_MS;
      }
    } catch (error) {
      if (isFirst || context.http.signal?.aborted || !isPassing(error)) throw error;
      reason = error.message;
    }
    position.rewind();
    context.io.info(`${reason}; reconnecting in ${Math.round(pauseMs / 1000)} s`);
    await context.clock.sleep(pauseMs * (1 + context.http.random() / 4), context.http.signal);
    pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
  }
}

/** Whether a later attempt may succeed. */
function isPassing(error: unknown): error is Failure {
  return error instanceof Failure && error.isOfService;
}
