/** The longest line that is kept, in UTF-16 units. The rest of a longer one is dropped. */
export const MAX_LINE = 32 * 1024;

/**
 * Reads text (UTF-8) line by line until the stream ends, or until `signal` is aborted. Escape sequences are left unchanged. A
 * character that is split between two reads arrives whole, and an invalid one as U+FFFD.
 *
 * @param options.maxLine the longest line that is kept; a longer one is cut.
 */
export async function readLines(
  stream: ReadableStream<Uint8Array>,
  onLine: (line: string) => void,
  { signal, maxLine = MAX_LINE }: { readonly signal: AbortSignal; readonly maxLine?: number },
): Promise<void> {
  const reader = stream.getReader();
  const cancel = () => void reader.cancel();
  signal.addEventListener("abort", cancel, { once: true });
  const decoder = new TextDecoder();
  let line = "";
  const take = (text: string) => {
    const [first = "", ...more] = text.split("\n");
    line = (line + first).slice(0, maxLine + 1);
    for (const next of more) {
      onLine(cutLine(line, maxLine));
      line = next;
    }
  };
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    take(decoder.decode(part.value, { stream: true }));
  }
  take(decoder.decode());
  if (line !== "") onLine(cutLine(line, maxLine));
  signal.removeEventListener("abort", cancel);
}

/** A line without its end, cut if it is too long. */
export function cutLine(line: string, maxLine = MAX_LINE): string {
  return line.length > maxLine
    ? `${line.slice(0, maxLine).toWellFormed()}… (line cut)`
    : line.replace(/\r$/, "");
}
