const KINDS = ["abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789"];
let state = 1;

/**
 * Creates a text of the same form with other letters and digits, which is new in this process. The test process remembers and
 * hides the tokens and values of all its runs, but a real command has only its own.
 *
 * @example
 * ```ts
 * freshText("Token-1"); // "Qmwxe-7", and the same in each process
 * ```
 */
export function freshText(like: string): string {
  return like.replace(/[a-z\d]/gi, (one) => {
    const kind = KINDS.find((letters) => letters.includes(one)) ?? one;
    state = state * 48271 % 2147483647; // Lehmer generator
    return kind.charAt(state % kind.length);
  });
}
