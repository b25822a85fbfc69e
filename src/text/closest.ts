/** Finds the word that a user probably meant. */

/** The candidate with the fewest typos, if it is the only one; longer words may have more. */
export function closest(word: string, candidates: readonly string[]): string | undefined {
  return single(nearest(word, candidates));
}

/** The only one of some words. */
export function single([only, another]: readonly string[]): string | undefined {
  return another === undefined ? only : undefined;
}

/** The candidates with the fewest typos. */
export function nearest(word: string, candidates: readonly string[]): string[] {
  const plain = withoutDashes(word);
  const limit = Math.floor(plain.length / 3);
  const near = candidates
    .map((candidate) => ({ candidate, distance: distance(plain, withoutDashes(candidate)) }))
    .filter((one) => one.distance <= limit);
  const least = Math.min(...near.map((one) => one.distance));
  return near.filter((one) => one.distance === least).map(({ candidate }) => candidate);
}

/** A word in lower case without dashes and underscores. */
export function withoutDashes(word: string): string {
  return word.toLowerCase().replace(/[-_]/g, "");
}

/** The number of characters to insert, delete, replace, or swap with their neighbor (Damerau and Levenshtein). */
function distance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  const at = (i: number, j: number) => rows[i]?.[j] ?? Infinity;
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    rows.push(row);
    for (let j = 1; j <= b.length; j++) {
      const isSame = a[i - 1] === b[j - 1];
      const isSwap = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row.push(Math.min(
        at(i - 1, j) + 1,
        at(i, j - 1) + 1,
        at(i - 1, j - 1) + (isSame ? 0 : 1),
        isSwap ? at(i - 2, j - 2) + 1 : Infinity,
      ));
    }
  }
  return at(a.length, b.length);
}
