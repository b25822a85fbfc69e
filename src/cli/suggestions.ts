/** Suggestions for unknown words. */

import { nearest, single, withoutDashes } from "../text/closest.ts";
import type { OtherWords } from "./program.ts";

type Others = Pick<OtherWords, "synonyms" | "wrappers">;

/**
 * The candidate that a word probably means: an equal one except for case and dashes, a synonym, one with the word as its prefix,
 * the closest one, or the one that it shortens. Longer words may have more typos. Suggests nothing if two candidates are
 * equally close, because one may be the opposite of the other.
 *
 * @param options.next the word that follows, for commands that other programs have in a group.
 *
 * @example
 * ```ts
 * suggest("rm", ["set", "list", "unset"], words); // "unset", if the synonyms have it
 * suggest("servre", ["server", "tool"], words); // "server"
 * suggest("get", ["set", "unset"], words); // undefined
 * suggest("st", ["set", "unset"], words); // "set"
 * ```
 */
export function suggest(
  word: string,
  candidates: readonly string[],
  { synonyms, wrappers, next }: Others & { readonly next?: string | undefined },
): string | undefined {
  const plain = withoutDashes(word);
  const same = candidates.find((candidate) => withoutDashes(candidate) === plain);
  if (same !== undefined) return same;
  if (wrappers.has(plain) && next !== undefined) {
    const meant = candidates.includes(next)
      ? next
      : suggest(next, candidates, { synonyms, wrappers });
    if (meant !== undefined) return meant;
  }
  for (const [words, meant] of synonyms) {
    const found = words.includes(plain) && meant.find((one) => candidates.includes(one));
    if (found) return found;
  }
  const [begun, another] = beginningWith(word, candidates);
  if (begun !== undefined && another === undefined) return begun;
  const near = nearest(word, candidates);
  if (near.length > 0 || begun !== undefined) return single(near);
  return single(candidates.filter((candidate) => isShortFor(plain, withoutDashes(candidate))));
}

/** The candidate that a word names, or what it is called in other programs, without typos. */
export function sameCommand(
  word: string,
  candidates: readonly string[],
  { synonyms }: Pick<OtherWords, "synonyms">,
): string | undefined {
  const plain = withoutDashes(word);
  const meant = synonyms.flatMap(([words, meant]) => words.includes(plain) ? meant : []);
  return [plain, ...meant].find((one) => candidates.includes(one));
}

/** The candidates that start with a word of two letters or more. */
export function beginningWith(word: string, candidates: readonly string[]): string[] {
  const plain = withoutDashes(word);
  return plain.length < 2
    ? []
    : candidates.filter((candidate) => withoutDashes(candidate).startsWith(plain));
}

/** Whether a word is a candidate without some of its letters: at least half of them in order, with the first. */
function isShortFor(word: string, candidate: string): boolean {
  if (word.length < 2 || 2 * word.length < candidate.length || word[0] !== candidate[0]) {
    return false;
  }
  let found = 0;
  for (const letter of candidate) if (letter === word[found]) found++;
  return found === word.length;
}
