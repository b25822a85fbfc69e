/**
 * Whether the process that started this one has ended. On Windows this is unknown, and it counts as running.
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
