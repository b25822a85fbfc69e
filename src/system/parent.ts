/**
 * Tells whether the process that started this one has ended. On Windows nothing tells that, and it counts as running.
 *
 * @example
 * ```ts
 * const parentHasEnded = watchParent();
 * parentHasEnded(); // false
 * ```
 */
export function watchParent(): () => boolean {
  const first = Deno.ppid;
  return () => Deno.ppid !== first;
}
