/** The longest line that is kept, in UTF-16 units. The rest of a longer one is dropped. */
export const MAX_LINE = 32 * 1024;

/**
 * Reads text (UTF-8) line by line until the stream ends, or until `signal` is aborted. Escape sequences stay as they are. A
 * character that is split between two reads arrives whole, and an invalid one as U+FFFD.
 */
export async function readLines(
  stream: ReadableStream<Uint8Array>,
  onLine: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const reader = stream.getReader();
  const cancel = () => void reader.cancel();
  signal.addEventListener("abort", cancel, { once: true });
  const decoder = new TextDecoder();
  let line = "";
  const take = (text: string) => {
    const [first = "", ...more] = text.split("\n");
    line = (line + first).slice(0, MAX_LINE + 1);
    for (const next of more) {
      onLine(shortened(line));
      line = next;
    }
  };
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    take(decoder.decode(part.value, { stream: true }));
  }
  take(decoder.decode());
  if (line !== "") onLine(shortened(line));
  signal.removeEventListener("abort", cancel);
}

function shortened(line: string): string {
  return line.length > MAX_LINE
    ? `${line.slice(0, MAX_LINE).toWellFormed()}… (line cut)`
    : line.replace(/\r$/, "");
}
