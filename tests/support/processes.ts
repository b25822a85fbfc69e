/** Whether any process with this id is running. A zombie is not. */
export function runs(pid: number | string): boolean {
  return new Deno.Command("/bin/sh", {
    args: ["-c", 'kill -0 "$0" && ! grep -q "^State:[[:space:]]*[ZX]" "/proc/$0/status"', `${pid}`],
    stderr: "null",
  }).outputSync().success;
}
