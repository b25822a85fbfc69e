/** The policy of this machine's administrator (docs/administrators.md). */

import { isOn } from "./environment.ts";
import type { Os } from "./os.ts";

/** The settings that decide whether arcade sends anything on its own. */
export interface PolicyContext {
  readonly env: { readonly ARCADE_NO_BACKGROUND_TRAFFIC?: string | undefined };
  readonly files: {
    /** The path of the machine-wide policy. */
    readonly policyFile: string;
  };
}

/** The source of the ban on background traffic: the user's variable, or the machine's policy. */
export type TrafficBan = "ARCADE_NO_BACKGROUND_TRAFFIC" | "policy";

export interface Policy {
  readonly backgroundTraffic: boolean;
  /** Why the file counts as forbidding background traffic whatever its content; undefined for a valid file. */
  readonly problem?: string;
}

/** The path of the policy. It depends on no variable, because users set variables. */
export function policyFileOf(os: Os): string {
  switch (os) {
    case "darwin":
      return "/Library/Application Support/Arcade/policy.toml";
    case "windows":
      return "C:\\ProgramData\\Arcade\\policy.toml";
    default:
      return "/etc/arcade/policy.toml";
  }
}

/** The source of the ban on background traffic, if any. No user setting overrides it. */
export function trafficBan({ env, files: { policyFile } }: PolicyContext): TrafficBan | undefined {
  if (isOn(env.ARCADE_NO_BACKGROUND_TRAFFIC)) return "ARCADE_NO_BACKGROUND_TRAFFIC";
  return readPolicy(policyFile)?.backgroundTraffic === false ? "policy" : undefined;
}

/** Reads a policy; undefined without a file. A policy that is invalid or does not belong to root forbids background traffic. */
export function readPolicy(path: string): Policy | undefined {
  try {
    const { uid, mode, isFile, size } = Deno.statSync(path);
    if (!isFile) return unusable("is not a regular file");
    if (size > MAX_BYTES) return unusable(`is larger than ${MAX_BYTES} bytes`);
    if (uid !== null && uid !== 0) return unusable("does not belong to root");
    if (mode !== null && (mode & 0o022) !== 0) return unusable("can be written by other users");
    return parse(Deno.readTextFileSync(path));
  } catch (error) {
    return error instanceof Deno.errors.NotFound ? undefined : unusable("cannot be read");
  }
}

const MAX_BYTES = 65_536;

function unusable(problem: string): Policy {
  return { backgroundTraffic: false, problem };
}

/** A comment, an empty line, or the one key. Anything else may be a mistake of an administrator who meant to forbid something. */
const LINE = /^\s*(?:background_traffic\s*=\s*(true|false)\s*)?(?:#.*)?$/;

function parse(text: string): Policy {
  let allowed: string | undefined;
  for (const [index, line] of text.replace(/^\uFEFF/, "").split(/\r?\n/).entries()) {
    const match = LINE.exec(line);
    if (!match) return unusable(`is invalid in line ${index + 1}`);
    if (match[1] === undefined) continue;
    if (allowed !== undefined) return unusable("sets background_traffic twice");
    allowed = match[1];
  }
  return { backgroundTraffic: allowed !== "false" };
}
