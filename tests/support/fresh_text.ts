const KINDS = ["abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789"];
let state = 1;

/**
 * A text of the same form with other letters and digits, which no run in this process has seen. The process of a test
 * remembers the tokens and values of all its runs, and hides them. A real command knows only its own.
 *
 * @example
 * ```ts
 * freshText("Token-1"); // "Qmwxe-7", and the same in each process
 * ```
 */
export function freshText(like: string): string {
  return like.replace(/[a-z\d]/gi, (one) => {
    const kind = KINDS.find((letters) => letters.includes(one)) ?? one;
    state = state * 48271 % 2147483647; // the generator of Lehmer
    return kind.charAt(state % kind.length);
  });
}
