const LINE_END = 0x0a;

/**
 * The lines of a stream (UTF-8), without empty lines; undefined for each line that is too long, which is dropped.
 *
 * @param read returns the next bytes, and null at the end.
 */
export async function* linesOf(
  read: () => Promise<Uint8Array | null>,
  maxBytes: number,
): AsyncGenerator<string | undefined> {
  let pieces: Uint8Array[] = [];
  let size = 0;
  const take = (piece: Uint8Array) => {
    size += piece.length;
    if (size <= maxBytes) pieces.push(piece);
    else pieces = [];
  };
  const line = (): (string | undefined)[] => {
    const decoder = new TextDecoder();
    const texts = pieces.map((piece) => decoder.decode(piece, { stream: true }));
    const text = texts.join("") + decoder.decode();
    const isTooLong = size > maxBytes;
    pieces = [];
    size = 0;
    return isTooLong ? [undefined] : text.trim() === "" ? [] : [text];
  };
  for (let bytes = await read(); bytes !== null; bytes = await read()) {
    let start = 0;
    for (let end = bytes.indexOf(LINE_END); end >= 0; end = bytes.indexOf(LINE_END, start)) {
      take(bytes.subarray(start, end));
      start = end + 1;
      yield* line();
    }
    take(bytes.subarray(start));
  }
  yield* line();
}
