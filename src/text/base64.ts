type Bytes = Uint8Array<ArrayBuffer>;

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const EQUALS = 61;

/** Encodes bytes as base64 (RFC 4648, 4), in ASCII. Twice as fast as through texts. */
export async function* base64Of(bytes: AsyncIterable<Bytes>): AsyncGenerator<Bytes> {
  const digits = new TextEncoder().encode(ALPHABET);
  /** Two digits for each twelve bits. */
  const pairs = new Uint8Array(2 * 4096);
  for (let i = 0; i < 4096; i++) {
    pairs[2 * i] = digits[i >> 6] ?? 0;
    pairs[2 * i + 1] = digits[i & 63] ?? 0;
  }
  let rest = new Uint8Array();
  const encode = (input: Bytes): Bytes => {
    const output = new Uint8Array(Math.floor(input.length / 3) * 4);
    let at = 0;
    for (let i = 0; i + 2 < input.length; i += 3) {
      const bits = (input[i] ?? 0) << 16 | (input[i + 1] ?? 0) << 8 | (input[i + 2] ?? 0);
      const first = 2 * (bits >> 12);
      const second = 2 * (bits & 4095);
      output[at++] = pairs[first] ?? 0;
      output[at++] = pairs[first + 1] ?? 0;
      output[at++] = pairs[second] ?? 0;
      output[at++] = pairs[second + 1] ?? 0;
    }
    return output;
  };
  for await (const chunk of bytes) {
    const whole = rest.length === 0 ? chunk : joined(rest, chunk);
    const end = whole.length - whole.length % 3;
    rest = whole.slice(end);
    if (end > 0) yield encode(whole.subarray(0, end));
  }
  if (rest.length === 0) return;
  const last = encode(joined(rest, new Uint8Array(3 - rest.length)));
  yield last.fill(EQUALS, rest.length + 1);
}

function joined(one: Bytes, other: Bytes): Bytes {
  const bytes = new Uint8Array(one.length + other.length);
  bytes.set(one);
  bytes.set(other, one.length);
  return bytes;
}
