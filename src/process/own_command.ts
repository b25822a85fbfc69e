import type { Environment } from "../contract/variables.ts";
import type { Os } from "../system/os.ts";
import { ownExecutable } from "../update/install_method.ts";
import { lastingPath } from "../update/lasting_path.ts";
import { PERMISSION_FLAGS } from "./permission_flags.ts";

/** The command that starts this program from another one, also after an update. */
export function ownCommand(env: Environment, os: Os): readonly string[] {
  if (!Deno.build.standalone) {
    return [Deno.execPath(), "run", "--quiet", ...PERMISSION_FLAGS, Deno.mainModule];
  }
  const executable = ownExecutable();
  return [lastingPath({ executable, os, path: env.PATH, realPath })];
}

function realPath(path: string): string | undefined {
  try {
    return Deno.realPathSync(path);
  } catch {
    return undefined;
  }
}
