/** Signatures of OpenSSH (PROTOCOL.sshsig), as `ssh-keygen -Y sign` makes them, with ed25519 keys. */

type Bytes = Uint8Array<ArrayBuffer>;

const TYPE = "ssh-ed25519";
const MAGIC = "SSHSIG";
const HASHES = new Map([["sha256", "SHA-256"], ["sha512", "SHA-512"]]);

/** A message with its signature, and the signer that is expected. */
export interface Signed {
  readonly message: Bytes;
  /** The text of the signature: `-----BEGIN SSH SIGNATURE-----…`. */
  readonly signature: string;
  /** The public keys, of which one must have made it: `ssh-ed25519 AAAA…`. */
  readonly publicKeys: readonly string[];
  /** The expected namespace. */
  readonly namespace: string;
}

/** Whether a signature is valid. False for anything that is not such a signature. */
export async function isSignedBy(
  { message, signature, publicKeys, namespace }: Signed,
): Promise<boolean> {
  try {
    const [, armored = ""] =
      /^-----BEGIN SSH SIGNATURE-----\s([\w+/=\s]+)-----END SSH SIGNATURE-----\s*$/.exec(
        signature,
      ) ??
        [];
    const fields = new SshFields(decodeBase64(armored));
    fields.skip(MAGIC);
    if (fields.number() !== 1) return false;
    const key = fields.bytes();
    const encodedKey = btoa(String.fromCharCode(...key));
    if (!publicKeys.some((one) => one.split(" ")[1] === encodedKey)) return false;
    if (fields.text() !== namespace) return false;
    const reserved = fields.bytes();
    const hash = fields.text();
    const value = new SshFields(fields.bytes());
    const keyFields = new SshFields(key);
    const algorithm = HASHES.get(hash);
    if (keyFields.text() !== TYPE || value.text() !== TYPE || algorithm === undefined) return false;
    const digest = new Uint8Array(await crypto.subtle.digest(algorithm, message));
    const signed = await new Blob([
      MAGIC,
      ...[encoded(namespace), reserved, encoded(hash), digest].map(sized),
    ]).arrayBuffer();
    const imported = await crypto.subtle.importKey("raw", keyFields.bytes(), "Ed25519", false, [
      "verify",
    ]);
    return await crypto.subtle.verify("Ed25519", imported, value.bytes(), signed);
  } catch {
    return false; // cut off, or not encoded as such
  }
}

/** The fields of the wire format of SSH (RFC 4251, 5). Every method throws a RangeError where the bytes end. */
class SshFields {
  readonly #bytes: Bytes;
  #at = 0;

  constructor(bytes: Bytes) {
    this.#bytes = bytes;
  }

  number(): number {
    const [a = 0, b = 0, c = 0, d = 0] = this.#take(4);
    return ((a * 256 + b) * 256 + c) * 256 + d;
  }

  bytes(): Bytes {
    return this.#take(this.number());
  }

  text(): string {
    return new TextDecoder().decode(this.bytes());
  }

  skip(text: string): void {
    if (new TextDecoder().decode(this.#take(text.length)) !== text) throw new RangeError(text);
  }

  #take(length: number): Bytes {
    const end = this.#at + length;
    if (end > this.#bytes.length) throw new RangeError("The bytes end");
    const taken = this.#bytes.slice(this.#at, end);
    this.#at = end;
    return taken;
  }
}

function decodeBase64(text: string): Bytes {
  return Uint8Array.from(atob(text.replaceAll(/\s/g, "")), (one) => one.charCodeAt(0));
}

function encoded(text: string): Bytes {
  return new TextEncoder().encode(text);
}

/** Bytes after their number. */
function sized(bytes: Bytes): Blob {
  const size = new DataView(new ArrayBuffer(4));
  size.setUint32(0, bytes.length);
  return new Blob([size.buffer, bytes]);
}
