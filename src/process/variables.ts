import { spawn } from "../system/child_group.ts";
import { decodeText } from "../commands/shared/input.ts";

/** Prints the variables among its arguments that are set. */
const PRINT =
  `for name; do eval "[ -z \\"\\\${$name+x}\\" ] || printf '%s=%s\\\\0' $name \\"\\$$name\\""; done`;

/**
 * Variables of the environment by name, those that are set. This process may read only its own (src/contract/variables.ts), so a shell
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
  for (let at = 0; at < stdout.length;) {
    const end = stdout.indexOf(0, at);
    const entry = stdout.subarray(at, end);
    const equals = entry.indexOf(EQUALS);
    const name = new TextDecoder().decode(entry.subarray(0, equals));
    const source = { what: `The variable ${name}`, next: "Unset it, or put its value in .env" };
    variables.set(name, decodeText(entry.subarray(equals + 1), { ...source, keepsMark: true }));
    at = end + 1;
  }
  return variables;
}

const EQUALS = "=".charCodeAt(0);
