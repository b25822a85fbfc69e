/** Whether a process runs, a child of this one or not. One that only waits to be collected does not. */
export function runs(pid: number | string): boolean {
  return new Deno.Command("/bin/sh", {
    args: ["-c", 'kill -0 "$0" && ! grep -q "^State:[[:space:]]*[ZX]" "/proc/$0/status"', `${pid}`],
    stderr: "null",
  }).outputSync().success;
}
