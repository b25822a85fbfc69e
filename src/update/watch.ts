/** The notice of a newer version, at most once a day. Nothing of it may fail or delay a command. */

import type { Os } from "../os.ts";
import { REPOSITORY } from "../build.ts";
import { isOn } from "../environment.ts";
import type { Environment } from "../variables.ts";
import { VERSION } from "../version.ts";

export interface UpdateWatchContext {
  readonly env: Environment;
  readonly stdout: { readonly isTerminal: boolean };
  readonly stderr: { readonly isTerminal: boolean; write(text: string): void };
  readonly os: Os;
  /** The Arcade folder. Throws a {@link Failure} when it is unknown. */
  readonly folder: () => string;
  readonly now: () => Date;
  /** Starts a process that looks for a newer version. */
  readonly startUpdateCheck: () => Promise<void>;
}

type WatchPermission = "read" | "write" | "run";

const DAY_MS = 86_400_000;
/** Commands whose user has asked for something else than to read a notice. */
const QUIET = new Set(["update", "completion", "mcp"]);

/** Prepares the notice; undefined if nothing is to be told or looked for. */
export async function watchForUpdates(
  context: UpdateWatchContext,
  repository: string | undefined = REPOSITORY,
): Promise<
  {
    readonly permissions: readonly WatchPermission[];
    readonly ended: (
      command: { readonly words: readonly string[]; readonly isForPrograms: boolean },
    ) => Promise<void>;
  } | undefined
> {
  if (repository === undefined) return undefined;
  const due = await whatIsDue(context);
  return due && {
    permissions: due.mayCheck ? ["read", "write", "run"] : ["read", "write"],
    async ended({ words: [word = ""], isForPrograms }) {
      if (isForPrograms || QUIET.has(word)) return;
      try {
        const now = context.now();
        const { changeUpdateState } = await import("./state.ts");
        // Before the process starts, which may fail: another try is due in a day.
        await changeUpdateState(context.folder(), {
          ...(due.mayCheck && { checkedAt: now }),
          ...(due.newest !== undefined && { toldAt: now }),
        });
        if (due.newest !== undefined) await tell(context, due.newest, repository);
        if (due.mayCheck) await context.startUpdateCheck();
      } catch {
        // the notice is a courtesy
      }
    },
  };
}

/** Whether a process may look for a newer version, and which one is to be told of. */
async function whatIsDue(
  context: UpdateWatchContext,
): Promise<{ readonly mayCheck: boolean; readonly newest: string | undefined } | undefined> {
  const { env, stdout, stderr } = context;
  if (!stdout.isTerminal || !stderr.isTerminal) return undefined;
  if (isOn(env.ARCADE_NO_UPDATE_CHECK) || isOn(env.ARCADE_DISABLE_AUTOUPDATE) || isOn(env.CI)) {
    return undefined;
  }
  try {
    const [{ readUpdateState }, { isNewer }] = await Promise.all([
      import("./state.ts"),
      import("./versions.ts"),
    ]);
    const { checkedAt, toldAt, newest } = readUpdateState(context.folder());
    const now = context.now();
    // A time in the future is that of a clock that was wrong.
    const isRecent = (time: Date | undefined) =>
      time !== undefined && Math.abs(now.getTime() - time.getTime()) < DAY_MS;
    const mayCheck = !isRecent(checkedAt);
    const isTold = newest === undefined || !isNewer(newest, VERSION) || isRecent(toldAt);
    return mayCheck || !isTold ? { mayCheck, newest: isTold ? undefined : newest } : undefined;
  } catch {
    return undefined; // an unknown folder, or an unreadable file
  }
}

async function tell(
  { stderr, os, env }: UpdateWatchContext,
  newest: string,
  repository: string,
): Promise<void> {
  const { installationOf, noticeOf } = await import("./installation.ts");
  const installation = installationOf({
    executable: Deno.realPathSync(Deno.execPath()),
    isStandalone: Deno.build.standalone,
    os,
    env,
  });
  stderr.write(`${noticeOf(newest, installation, repository)}\n`);
}
