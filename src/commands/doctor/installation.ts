/** The executable itself: its version, newer versions, and others of its name. */

import { REPOSITORY } from "../../build.ts";
import { isProgram, programPaths } from "../../system/programs.ts";
import { ownExecutable } from "../../update/install_method.ts";
import { findNewest, releasesOf } from "../../update/releases.ts";
import { isNewer } from "../../update/versions.ts";
import { VERSION } from "../../version.ts";
import type { Context } from "../context.ts";
import { type Finding, findingOf, ok, warning } from "./findings.ts";

/** The version of this executable and of its runtime. */
export function checkVersion(): Finding[] {
  return [ok(`arcade ${VERSION}, with Deno ${Deno.version.deno} for ${Deno.build.target}`)];
}

/** Whether there is a newer version. Asks the repository of the releases. */
export async function checkNewer(context: Context): Promise<Finding[]> {
  if (REPOSITORY === undefined) return [ok("This build came from source")];
  try {
    const newest = await findNewest(context.http, releasesOf(context.env, REPOSITORY));
    return isNewer(newest, VERSION)
      ? [warning(`arcade ${newest} is available`, "Run `arcade update`")]
      : [ok("This is the newest version")];
  } catch (error) {
    return [findingOf(error, "warning")];
  }
}

/** Whether `arcade` in a terminal is this executable. */
export async function checkPath({ env, machine: { os } }: Context): Promise<Finding[]> {
  if (!Deno.build.standalone) return [ok("arcade runs from source")];
  const own = ownExecutable();
  const paths = programPaths("arcade", env.PATH ?? "", os);
  const real = (await Promise.all(
    paths.map(async (path) => await isProgram(path, os) ? [await Deno.realPath(path)] : []),
  )).flat();
  const [first, ...rest] = new Set(real);
  if (first === undefined) {
    return [warning(`${own} is not in PATH`, "Add its folder to PATH", [own])];
  }
  if (first !== own) {
    return [
      warning(
        `\`arcade\` in a terminal is ${first}, not ${own}`,
        "Remove one of the two, or put the folder of the one that you use first in PATH",
        [first, own],
      ),
    ];
  }
  const others = rest.map((one) => `, before ${one}`).join("");
  return [ok(`\`arcade\` in a terminal is ${own}${others}`, [own, ...rest])];
}
