import { homeFolder } from "../../local/model/data_folder.ts";
import type { Seed } from "../../local/model/seed.ts";
import type { Context } from "../context.ts";
import { type PreparedArcade, prepareLocalArcade } from "../../local/prepare.ts";
import { NO_OTHER_TARGET } from "../shared/local_arcade.ts";
import { ProgramRunner } from "../shared/run_program.ts";
import { ephemeralPath, makeEphemeralFolder, removeAbandonedFolders } from "../shared/ephemeral.ts";
import { FailedCalls } from "./failed_calls.ts";
import { restrictionOf, startFailure } from "../shared/start_local.ts";
import { seedFor, startingServers } from "./seed.ts";

export interface ExecFlags {
  readonly seed?: string;
  readonly autoApprove?: boolean;
  readonly autoGrant?: boolean;
}

/** Runs a command against a temporary local Arcade, and exits with its exit code. */
export async function exec(
  context: Context,
  flags: ExecFlags,
  ...command: string[]
): Promise<number> {
  const folder = context.files.cwd();
  const seed = await seedFor(context, flags.seed);
  const data = ephemeralPath(context);
  const failed = new FailedCalls();
  let cleaning: Promise<void> | undefined;
  try {
    await using runner = await ProgramRunner.start(context, { command, folder }, {
      temporary: data,
    });
    const { interruption: signal } = runner;
    const arcade = await prepare(context, flags, { data, seed, failed, signal });
    try {
      if (seed !== undefined && seed.servers.length > 0) {
        await startingServers(context, seed, () => arcade.start());
      }
      const env = { ...arcade.environment, ...NOTHING_BEHIND, ...NO_OTHER_TARGET };
      return await runner.run(env, () => cleaning = removeAbandonedFolders(data));
    } finally {
      await cleaning;
      await arcade.stop(); // throws if it should have started, but could not
    }
  } catch (error) {
    throw startFailure(context, error);
  } finally {
    failed.writeTo(context.io);
  }
}

/** Background traffic of arcade or a server would outlive the command, and would create the removed folder again. */
const NOTHING_BEHIND = { ARCADE_NO_BACKGROUND_TRAFFIC: "1", ARCADE_USAGE_TRACKING: "0" };

/** Prepares the local Arcade of the command, which starts with the first request. */
async function prepare(
  context: Context,
  flags: ExecFlags,
  { data, seed, failed, signal }: {
    readonly data: string;
    readonly seed: Seed | undefined;
    readonly failed: FailedCalls;
    readonly signal: AbortSignal;
  },
): Promise<PreparedArcade> {
  const { clock, env } = context;
  makeEphemeralFolder(data);
  return await prepareLocalArcade({
    dataDir: data,
    userId: seed?.users[0]?.email,
    restrict: restrictionOf(context),
    registerIn: [homeFolder(data)],
    env,
    async start(prepared) {
      const [{ startLocalArcade }, { exampleLine }] = await Promise.all([
        import("../../local/mod.ts"),
        import("../shared/parameter_forms.ts"),
      ]);
      return await startLocalArcade({
        dataDir: data,
        prepared: {
          ...prepared,
          answer: (handler) =>
            prepared.answer(async (request, url, peer) => {
              const response = await handler(request, url, peer);
              await failed.answer(url, response);
              return response;
            }),
        },
        ephemeral: true,
        seed,
        port: 0,
        autoApprove: flags.autoApprove === true,
        autoGrant: flags.autoGrant === true,
        now: clock.now,
        elapsedMs: clock.elapsedMs,
        env,
        sleep: clock.sleep,
        signal,
        onRequest: (line) => failed.request(line),
        exampleLine,
      });
    },
  });
}
