/**
 * Runs a program to its end and returns its stdout.
 *
 * @throws {Error} with its stderr if it fails or takes longer than `timeoutMs`.
 */
export async function output(
  program: string,
  args: readonly string[],
  options: {
    cwd?: string;
    env?: Record<string, string>;
    clearEnv?: boolean;
    timeoutMs?: number;
  } = {},
): Promise<string> {
  const { cwd, env, clearEnv = false, timeoutMs } = options;
  const { success, stdout, stderr } = await new Deno.Command(programFile(program), {
    args: [...args],
    clearEnv,
    stdin: "null",
    ...(cwd && { cwd }),
    ...(env && { env }),
    ...(timeoutMs && { signal: AbortSignal.timeout(timeoutMs) }),
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  if (!success) throw new Error(`${program} ${args.join(" ")} failed:\n${text(stderr)}`);
  return text(stdout);
}

/** The file name of an npm program, which is a script with an extension on Windows. */
export function programFile(program: string, os: string = Deno.build.os): string {
  return os === "windows" && /^np[mx]$/.test(program) ? `${program}.cmd` : program;
}
