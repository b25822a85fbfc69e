/** The path by which other programs can start this executable, also after it was updated. */

import type { Os } from "../system/os.ts";
import { programPaths } from "../system/programs.ts";

/** An executable, and the machine that it is on. */
export interface Placed {
  /** The path of the executable, without symbolic links. */
  readonly executable: string;
  readonly os: Os;
  readonly path: string | undefined;
  /** The path at the end of all links; undefined when there is nothing. */
  readonly realPath: (path: string) => string | undefined;
}

/**
 * The path of an executable that an update keeps. Package managers put each version into its own folder, and have a link to
 * the newest.
 *
 * @example
 * ```ts
 * lastingPath({ executable: "/opt/homebrew/Cellar/arcade/1.2.0/bin/arcade", … }); // "/opt/homebrew/bin/arcade"
 * ```
 */
export function lastingPath({ executable, os, path = "", realPath }: Placed): string {
  const own = realPath(executable) ?? executable;
  const leadsHere = (candidate: string) => realPath(candidate) === own;
  const onPath = programPaths("arcade", path, os).find(leadsHere);
  if (onPath !== undefined) return onPath;
  return linksOf(executable, os).find((link) => realPath(link) !== undefined) ?? executable;
}

/** The links of package managers to one of their executables that is not on PATH. */
function linksOf(executable: string, os: Os): string[] {
  if (os === "windows") {
    const scoop = /^(.*\\scoop\\apps\\arcade\\)[^\\]+(\\.*)$/i.exec(executable);
    return scoop ? [`${scoop[1]}current${scoop[2]}`] : [];
  }
  const brew = /^(.*)\/Cellar\/arcade\/[^/]+\/bin\/arcade$/.exec(executable);
  if (brew) return [`${brew[1]}/bin/arcade`, `${brew[1]}/opt/arcade/bin/arcade`];
  if (/^(?:\/var\/lib\/snapd)?\/snap\//.test(executable)) return ["/snap/bin/arcade"];
  if (executable.startsWith("/nix/store/")) return ["/run/current-system/sw/bin/arcade"];
  return [];
}
