import { spawn } from "../child_group.ts";
import { Failure } from "../failure.ts";

/** Prints the variables among its arguments that are set. */
const PRINT =
  `for name; do eval "[ -z \\"\\\${$name+x}\\" ] || printf '%s=%s\\\\0' $name \\"\\$$name\\""; done`;

/**
 * Variables of the environment by name, those that are set. This process may read only its own (src/variables.ts), so a shell
 * reads them, which inherits the environment. On Windows, none is found.
 *
 * @throws {Failure} of kind `usage` when a value is not UTF-8, and of kind `file` when the shell cannot be started.
 */
export async function readVariables(
  names: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const valid = names.filter((name) => /^[A-Za-z_]\w*$/.test(name));
  if (valid.length === 0 || Deno.build.os === "windows") return new Map();
  const { stdout } = await spawn("/bin/sh", {
    args: ["-c", PRINT, "sh", ...valid],
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).output();
  const variables = new Map<string, string>();
  for (const line of decode(stdout).split("\0").slice(0, -1)) {
    const equals = line.indexOf("=");
    variables.set(line.slice(0, equals), line.slice(equals + 1));
  }
  return variables;
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw new Failure("usage", "A variable of the environment is not UTF-8 text", {
      next: "Unset it, or put its value in .env",
      cause: error,
    });
  }
}
