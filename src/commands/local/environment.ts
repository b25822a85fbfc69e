import { variableLine, type VariableShell } from "../../text/shell_word.ts";
import type { Context } from "../context.ts";
import type { JsonFlag } from "../shared/flags.ts";
import { writeJson } from "../shared/json.ts";
import { findLocalArcade, variablesOf } from "../shared/local_arcade.ts";

/** Prints the variables that point programs to the running local Arcade. */
export async function printEnvironment(
  context: Context,
  flags: JsonFlag & { readonly port?: number; readonly shell?: VariableShell },
): Promise<void> {
  const environment = variablesOf(await findLocalArcade(context, flags.port));
  if (flags.json) return writeJson(context, environment);
  const shell = flags.shell ?? shellOf(context);
  const lines = Object.entries(environment).map(([name, value]) =>
    `${variableLine(shell, name, value)}\n`
  );
  context.io.stdout.write(lines.join(""));
}

/** The default shell of this system's users. */
export function shellOf({ machine: { os } }: Context): VariableShell {
  return os === "windows" ? "powershell" : "sh";
}
