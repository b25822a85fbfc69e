type Bytes = Uint8Array<ArrayBuffer>;

/** The limit for reading. */
export interface Bound {
  readonly maxBytes: number;
  /** How much is read and dropped beyond the limit before this gives up; by default nothing. */
  readonly maxDropped?: number;
  /** The error for more than that. */
  readonly tooLarge: () => Error;
  /** Called for each piece, with the number of bytes so far. */
  readonly onPiece?: (bytes: number) => void;
}

/**
 * Reads to the end, up to a limit.
 *
 * @param read returns the next piece, and null or undefined at the end. It may not reuse a piece.
 * @throws what `bound.tooLarge` returns, and what `read` throws.
 */
export async function readBounded(
  read: () => Promise<Uint8Array | null | undefined>,
  { maxBytes, maxDropped = 0, tooLarge, onPiece }: Bound,
): Promise<Bytes> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for (let piece = await read(); piece; piece = await read()) {
    size += piece.length;
    if (size > maxBytes + maxDropped) throw tooLarge();
    if (size <= maxBytes) pieces.push(piece);
    onPiece?.(size);
  }
  if (size > maxBytes) throw tooLarge();
  const all = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

/**
 * Whether a message declares at most this many bytes, and nothing overrides its length (RFC 9112, 6.3) or changes it: then
 * `arrayBuffer()` reads no more, in a tenth of the time that {@link readStream} takes.
 */
export function isShort({ headers }: Request | Response, maxBytes: number): boolean {
  const length = headers.get("content-length") ?? "";
  return /^\d{1,9}$/.test(length) && Number(length) <= maxBytes &&
    !headers.has("transfer-encoding") && !headers.has("content-encoding");
}

/** Reads an answer to the end, as {@link readBounded} does. */
export async function readAnswer(answer: Response, bound: Bound): Promise<Bytes> {
  if (answer.body === null) return new Uint8Array();
  if (isShort(answer, bound.maxBytes)) return new Uint8Array(await answer.arrayBuffer());
  return await readStream(answer.body, bound);
}

/** Reads a stream to the end, as {@link readBounded} does. A stream with more is cancelled. */
export async function readStream(stream: ReadableStream<Uint8Array>, bound: Bound): Promise<Bytes> {
  const reader = stream.getReader(); // iterating over the stream takes a millisecond longer
  try {
    return await readBounded(async () => (await reader.read()).value, bound);
  } catch (error) {
    reader.cancel().catch(() => {}); // a broken stream is closed already
    throw error;
  }
}
