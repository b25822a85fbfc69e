/** The difference of two texts of which only one part differs. */

const CONTEXT = 3;

/**
 * A unified diff with one hunk; empty for the same texts.
 *
 * @param shown what is printed of each text, line for line.
 *
 * @example
 * ```ts
 * unifiedDiff("a.json", { before: "a\nb\n", after: "a\nc\n", shownBefore: "a\nb\n", shownAfter: "a\nc\n" });
 * // "--- a.json\n+++ a.json\n@@ -1,2 +1,2 @@\n a\n-b\n+c\n"
 * ```
 */
export function unifiedDiff(
  path: string,
  { before, after, shownBefore, shownAfter }: {
    /** Undefined if there is no file yet. */
    readonly before: string | undefined;
    readonly after: string;
    readonly shownBefore: string;
    readonly shownAfter: string;
  },
): string {
  if (before === after) return "";
  const [old, now] = [linesOf(before ?? ""), linesOf(after)];
  const [shownOld, shownNow] = [linesOf(shownBefore), linesOf(shownAfter)];
  const shortest = Math.min(old.length, now.length);
  let start = 0;
  while (start < shortest && old[start] === now[start]) start++;
  let end = 0;
  while (end < shortest - start && old.at(-1 - end) === now.at(-1 - end)) end++;
  const from = Math.max(0, start - CONTEXT);
  const tail = Math.min(end, CONTEXT);
  const [oldEnd, nowEnd] = [old.length - end, now.length - end];
  const range = (last: number) => `${last === from ? from : from + 1},${last - from}`;
  return [
    `--- ${before === undefined ? "/dev/null" : path}`,
    `+++ ${path}`,
    `@@ -${range(oldEnd + tail)} +${range(nowEnd + tail)} @@`,
    ...shownOld.slice(from, start).map((line) => ` ${line}`),
    ...shownOld.slice(start, oldEnd).map((line) => `-${line}`),
    ...shownNow.slice(start, nowEnd).map((line) => `+${line}`),
    ...shownNow.slice(nowEnd, nowEnd + tail).map((line) => ` ${line}`),
  ].join("\n") + "\n";
}

function linesOf(text: string): string[] {
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === "") lines.pop();
  return lines;
}
