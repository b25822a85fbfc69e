/** Programs and settings of this machine: Python, local Arcades, and arcade's background traffic. */

import { trafficBan } from "../../system/policy.ts";
import { findProgram } from "../../system/programs.ts";
import { findPython, INSTALL_UV } from "../../system/python.ts";
import { reasonFor } from "../../telemetry/off_reason.ts";
import { trackingOf } from "../../telemetry/tracking.ts";
import { updateOptOut } from "../../update/observer.ts";
import { REPOSITORY } from "../../build.ts";
import type { Context } from "../context.ts";
import { findLocalArcades } from "../shared/local_arcade.ts";
import { type Finding, findingOf, ok, warning } from "./findings.ts";

/** The Python that would start the server of this folder, and uv. */
export async function checkPython(
  { env: { PATH: path }, files: { cwd }, machine: { os } }: Context,
): Promise<Finding[]> {
  const uv = await findProgram("uv", path, os);
  try {
    const { name } = await findPython(cwd(), { path, os });
    return [
      ok(`Servers in this folder run with ${name}`),
      uv === undefined ? warning("uv is not in PATH", INSTALL_UV) : ok(`uv is ${uv}`, [uv]),
    ];
  } catch (error) {
    return [findingOf(error, "warning")];
  }
}

/** The local Arcades of this user that run. */
export async function checkLocal(context: Context): Promise<Finding[]> {
  const { all } = await findLocalArcades(context);
  return all.length === 0
    ? [ok("No local Arcade is running")]
    : all.map(({ address, data }) =>
      ok(`A local Arcade is running at ${address} on ${data}`, [data])
    );
}

/** Whether arcade sends telemetry, and why not. */
export function checkTelemetry(context: Context): Finding[] {
  const reason = reasonFor(context, trackingOf(context));
  return [ok(reason === undefined ? "Telemetry is on" : `Telemetry is off: ${reason}`)];
}

/** Whether arcade checks for newer versions automatically, and why not. */
export function checkUpdates(context: Context): Finding[] {
  const { policyFile } = context.files;
  const ban = trafficBan(context);
  const reason = ban === "policy" ? policyFile : ban ?? updateOptOut(context.env);
  if (REPOSITORY === undefined) {
    return [ok("A build from source does not check for newer versions")];
  }
  return [
    ok(
      reason === undefined
        ? "arcade checks for newer versions once a day"
        : `${reason} turns it off`,
    ),
  ];
}
