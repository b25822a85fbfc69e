import { until } from "./patience.ts";
import { processIds, readProc } from "./proc.ts";

/** Whether any process with this id is running. A zombie is not. */
export function runs(pid: number | string): boolean {
  return new Deno.Command("/bin/sh", {
    args: ["-c", 'kill -0 "$0" && ! grep -q "^State:[[:space:]]*[ZX]" "/proc/$0/status"', `${pid}`],
    stderr: "null",
  }).outputSync().success;
}

/** Waits until none of these processes is running. */
export async function gone(...pids: readonly (number | string)[]): Promise<void> {
  await until(`the end of the processes ${pids.join()}`, () => !pids.some(runs));
}

/** Kills the guard that removes a temporary folder, as if it had been killed with its process. */
export function killGuardOf(folder: string): void {
  const isGuard = (pid: number) => readProc(`/proc/${pid}/cmdline`).includes(`\0sh\0${folder}\0`);
  const [guard, ...others] = processIds().filter(isGuard);
  if (guard === undefined || others.length > 0) throw new Error(`No single guard of ${folder}`);
  Deno.kill(guard, "SIGKILL");
}
