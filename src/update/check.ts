/** The detached process that checks for a newer version. */

import { REPOSITORY } from "../build.ts";
import type { Environment } from "../contract/variables.ts";
import { type PolicyContext, trafficBan } from "../system/policy.ts";
import { findNewest, type ReleasesContext, releasesOf } from "./releases.ts";
import { changeUpdateState } from "./state.ts";
import { CHECK_MS } from "../contract/entries.ts";

/** Checks for a newer version, and stores the result in the Arcade folder. All failures are silent. */
export async function checkForUpdate(
  context: PolicyContext & {
    readonly env: Environment;
    readonly http: Pick<ReleasesContext, "fetch">;
    readonly dropPermissions: (permissions: readonly ("run" | "sys")[]) => void;
  },
  folder: string,
): Promise<void> {
  context.dropPermissions(["run", "sys"]);
  if (REPOSITORY === undefined || trafficBan(context)) return;
  try {
    const newest = await findNewest(
      { fetch: context.http.fetch, timeoutMs: () => CHECK_MS, trace: undefined },
      releasesOf(context.env, REPOSITORY),
    );
    await changeUpdateState(folder, { newest });
  } catch {
    // the next try is in a day
  }
}
