/** Words of command lines as shells quote them. Nothing is expanded or executed. */

/** The quoting rules of a shell. Single quotes preserve everything. */
export interface Quoting {
  /** The character that escapes the next one, outside quotes and in double quotes. */
  readonly escape: string;
  /** The characters that it escapes in double quotes; undefined for all. */
  readonly escaped?: string;
  /** Whether it works in double quotes only. */
  readonly isForQuotes?: true;
  /** Whether a doubled quote inside quotes is one quote. */
  readonly isDoubled?: true;
}

/** The POSIX shell (XCU 2.2), as bash, zsh and fish quote. */
export const POSIX: Quoting = { escape: "\\", escaped: '$`"\\\n' };

export interface SplitLine {
  /** The words, without their quotes. The last one is at the end of the line, and may be empty. */
  readonly words: readonly string[];
  /** Where the last word starts. */
  readonly start: number;
  /** The quote that is open at the end, or "". */
  readonly quote: string;
}

/** Splits a command line into words, and removes their quotes. */
export function splitLine(
  line: string,
  { escape, escaped, isForQuotes, isDoubled }: Quoting,
): SplitLine {
  const words: string[] = [];
  let word: string | undefined;
  let start = line.length;
  let quote = "";
  for (let i = 0; i < line.length; i++) {
    const character = line[i] ?? "";
    const next = line[i + 1];
    if (quote === "" && /\s/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
      continue;
    }
    if (word === undefined) {
      word = "";
      start = i;
    }
    const canEscape = isForQuotes ? quote === '"' : quote !== "'";
    if (character === escape && canEscape && next !== undefined) {
      const isEscape = quote === "" || escaped === undefined || escaped.includes(next);
      word += isEscape ? next : character + next;
      i++;
    } else if (character === quote && isDoubled && next === quote) {
      word += quote;
      i++;
    } else if (character === quote) {
      quote = "";
    } else if (quote === "" && (character === "'" || character === '"')) {
      quote = character;
    } else {
      word += character;
    }
  }
  return word === undefined
    ? { words: [...words, ""], start: line.length, quote }
    : { words: [...words, word], start, quote };
}

/** Removes the quotes from one word. */
export function unquote(word: string, quoting: Quoting): string {
  return splitLine(word, quoting).words.join(" ");
}
