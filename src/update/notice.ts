/** The notice of a newer version, at most once a day. This never throws, and never delays a command. */

import type { Clock } from "../system/clock.ts";
import type { Os } from "../system/os.ts";
import type { PolicyContext } from "../system/policy.ts";
import type { Environment } from "../contract/variables.ts";
import { VERSION } from "../version.ts";
import { changeUpdateState, readUpdateState } from "./state.ts";
import { isNewer } from "./versions.ts";

export interface NoticeContext extends PolicyContext {
  readonly env: Environment;
  readonly io: {
    readonly stdout: { readonly isTerminal: boolean };
    readonly stderr: { readonly isTerminal: boolean; write(text: string): void };
  };
  readonly machine: { readonly os: Os };
  readonly files: PolicyContext["files"] & {
    /** The Arcade folder. Throws a {@link Failure} when it is unknown. */
    readonly folder: () => string;
  };
  readonly clock: Pick<Clock, "now">;
  readonly processes: {
    /** Starts a process that checks for a newer version. */
    readonly startUpdateCheck: () => Promise<void>;
  };
}

const DAY_MS = 86_400_000;
/** Commands whose users do not expect a notice. */
const QUIET = new Set(["update", "completion", "mcp"]);

/** Kinds of installations that their users cannot update, so they need no notice. */
const UPDATED_BY_OTHERS = new Set(["system", "administrator"]);

/** The work after a command: the notice, or the start of a process that checks for a newer version. */
export interface UpdateNotice {
  readonly permissions: readonly ("read" | "write" | "run")[];
  readonly ended: (
    command: { readonly words: readonly string[]; readonly isForPrograms: boolean },
  ) => Promise<void>;
}

/** Prepares the notice; undefined if there is nothing to show or check. */
export function prepareNotice(
  context: NoticeContext,
  repository: string,
): UpdateNotice | undefined {
  const due = whatIsDue(context);
  return due && {
    permissions: due.mayCheck ? ["read", "write", "run"] : ["read", "write"],
    async ended({ words: [word = ""], isForPrograms }) {
      if (isForPrograms || QUIET.has(word)) return;
      try {
        const now = context.clock.now();
        // Before the process starts, which may fail: the next try is in a day.
        await changeUpdateState(context.files.folder(), {
          ...(due.mayCheck && { checkedAt: now }),
          ...(due.newest !== undefined && { toldAt: now }),
        });
        const { installationOf, noticeOf, ownExecutable } = await import("./install_method.ts");
        const { env, machine: { os }, io: { stderr } } = context;
        const installation = installationOf({
          executable: ownExecutable(),
          isStandalone: Deno.build.standalone,
          os,
          env,
        });
        if (UPDATED_BY_OTHERS.has(installation.kind)) return;
        if (due.newest !== undefined) {
          stderr.write(`${noticeOf(due.newest, installation, repository)}\n`);
        }
        if (due.mayCheck) await context.processes.startUpdateCheck();
      } catch {
        // the notice is a courtesy
      }
    },
  };
}

/** Whether a check for a newer version is due, and which version to announce. */
function whatIsDue(
  context: NoticeContext,
): { readonly mayCheck: boolean; readonly newest: string | undefined } | undefined {
  try {
    const { checkedAt, toldAt, newest } = readUpdateState(context.files.folder());
    const now = context.clock.now();
    // A time in the future comes from a wrong clock.
    const isRecent = (time: Date | undefined) =>
      time !== undefined && Math.abs(now.getTime() - time.getTime()) < DAY_MS;
    const mayCheck = !isRecent(checkedAt);
    const isTold = newest === undefined || !isNewer(newest, VERSION) || isRecent(toldAt);
    return mayCheck || !isTold ? { mayCheck, newest: isTold ? undefined : newest } : undefined;
  } catch {
    return undefined; // an unknown folder, or an unreadable file
  }
}
