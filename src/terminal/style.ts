import type { Output } from "./streams.ts";

export interface Style {
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  green(text: string): string;
  yellow(text: string): string;
  cyan(text: string): string;
}

/** The styles of an output: escape sequences (ECMA-48 SGR) if it shows colors, otherwise plain text. */
export function styleFor(output: Output): Style {
  const sgr = (open: number, close: number) => (text: string) =>
    output.hasColor ? `\x1b[${open}m${text}\x1b[${close}m` : text;
  return {
    bold: sgr(1, 22),
    dim: sgr(2, 22),
    red: sgr(31, 39),
    green: sgr(32, 39),
    yellow: sgr(33, 39),
    cyan: sgr(36, 39),
  };
}
