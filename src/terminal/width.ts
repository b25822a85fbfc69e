/** The width of a text in columns. */
export type Measure = (text: string) => number;

/** Most texts are ASCII, which avoids loading the library with its large character sets (2 ms). */
export async function measureFor(texts: readonly string[]): Promise<Measure> {
  if (texts.every((text) => /^[ -~]*$/.test(text))) return (text) => text.length;
  const { default: measure } = await import("fast-string-truncated-width");
  return (text) => measure(text).width;
}
