import { answers } from "../../api/local_peer.ts";
import { Failure } from "../../failure.ts";
import type { RunningArcade } from "../../files/running.ts";
import { styleFor } from "../../terminal/style.ts";
import type { Context } from "../context.ts";
import type { JsonFlag } from "../shared/flags.ts";
import { writeJson } from "../shared/json.ts";
import { findLocalArcade, findLocalArcades } from "../shared/local_arcade.ts";

/** Servers get five seconds to shut down. */
const STOP_MS = 10_000;
const POLL_MS = 50;

/** Stops the running local Arcade, or all of them. Waits until they have stopped. */
export async function stopLocalArcade(
  context: Context,
  flags: JsonFlag & { readonly port?: number; readonly all?: boolean },
): Promise<void> {
  const found = flags.all
    ? (await findLocalArcades(context)).all
    : [await findLocalArcade(context, flags.port)];
  await context.http.networkTime.during(
    () => `Waiting for the local Arcade${found.length > 1 ? "s" : ""} to stop`,
    async () => await Promise.all(found.map((one) => stop(context, one))),
  );
  if (flags.json) return writeJson(context, { stopped: found.map(({ address }) => address) });
  const { green } = styleFor(context.io.stderr);
  for (const { address } of found) context.io.stderr.write(`${green("Stopped")} ${address}\n`);
  if (found.length === 0) context.io.stderr.write("No local Arcade is running\n");
}

/** @throws {Failure} of kind `network` when it does not end. */
async function stop(context: Context, arcade: RunningArcade): Promise<void> {
  const signal = context.signals.interruption();
  try {
    Deno.kill(arcade.pid, "SIGTERM"); // it has just answered, so this is still its process
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw cannotStop(arcade, error);
  }
  for (let waited = 0; await answers(context.http, arcade); waited += POLL_MS) {
    if (waited >= STOP_MS) throw cannotStop(arcade);
    await context.clock.sleep(POLL_MS, signal);
  }
}

function cannotStop({ address, pid }: RunningArcade, cause?: unknown): Failure {
  return new Failure("network", `The local Arcade at ${address} does not stop`, {
    next: `End process ${pid} yourself`,
    cause,
  });
}
