/**
 * Programs that tests make and run. Another process writes them: a child that the test process starts for another test at
 * that moment would hold a file that the test process writes open, and it could not be run ("Text file busy").
 */

/** Copies a program. */
export function copyProgram(from: string, to: string): void {
  run(`Cannot copy ${from} to ${to}`, "cp", from, to);
}

/** Writes a script that can be run, in place of a file that exists there, with the folders above it. */
export function writeProgram(path: string, source: string): void {
  const script = 'mkdir -p "${0%/*}" && rm -f "$0" && printf %s "$1" > "$0" && chmod 755 "$0"';
  run(`Cannot write ${path}`, "sh", "-c", script, path, source);
}

function run(problem: string, program: string, ...args: readonly string[]): void {
  const { success, stderr } = new Deno.Command(program, { args: [...args] }).outputSync();
  if (!success) throw new Error(`${problem}: ${new TextDecoder().decode(stderr)}`);
}
