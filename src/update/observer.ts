/** Decides whether a command may show the notice of a newer version. */

import { REPOSITORY } from "../build.ts";
import { whyUnattended } from "../system/attendance.ts";
import { isOn } from "../system/environment.ts";
import { trafficBan } from "../system/policy.ts";
import type { Environment } from "../contract/variables.ts";
import type { NoticeContext, UpdateNotice } from "./notice.ts";

/** Prepares the notice; undefined if there is nothing to show or check. */
export async function observeForUpdates(
  context: NoticeContext,
  repository: string | undefined = REPOSITORY,
): Promise<UpdateNotice | undefined> {
  const { env, io: { stdout, stderr } } = context;
  if (repository === undefined || whyUnattended(env, stdout, stderr) !== undefined) {
    return undefined;
  }
  if (updateOptOut(env) !== undefined) return undefined;
  const notice = (await import("./notice.ts")).prepareNotice(context, repository);
  // Once a day, because reading the policy accesses the disk.
  return notice && !trafficBan(context) ? notice : undefined;
}

/** The variable that turns the check for newer versions off, if one does. */
export function updateOptOut(env: Environment): string | undefined {
  return OPT_OUTS.find((name) => isOn(env[name]));
}

const OPT_OUTS = ["ARCADE_NO_UPDATE_CHECK", "ARCADE_DISABLE_AUTOUPDATE", "CI"] as const;
