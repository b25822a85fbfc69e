/** Encryption of texts in the database: AES-256-GCM with a fresh nonce for every write. */

import { Fields, InvalidField, isMapping, readJson } from "../../contract/fields.ts";
import type { Database } from "./database.ts";

const NONCE_BYTES = 12;

/** An encrypted text. */
export interface Sealed {
  readonly nonce: Uint8Array<ArrayBuffer>;
  readonly ciphertext: Uint8Array<ArrayBuffer>;
}

/** The columns of an encrypted text. */
export function readSealed(row: Fields): Sealed {
  return { nonce: bytesIn(row, "nonce"), ciphertext: bytesIn(row, "ciphertext") };
}

function bytesIn(row: Fields, column: string): Uint8Array<ArrayBuffer> {
  const blob = row.mapping[column];
  if (!(blob instanceof Uint8Array)) throw new InvalidField(column);
  return new Uint8Array(blob);
}

/** Whether any text is encrypted, which requires the key. */
export function hasSealed(database: Database): boolean {
  return ENCRYPTED.some((table) =>
    database.first(() => true, `SELECT 1 FROM ${table} LIMIT 1`) === true
  );
}

const ENCRYPTED = ["secrets", "registered_servers", "scheduled_calls", "connections", "providers"];

export class Seal {
  readonly #key: CryptoKey;

  private constructor(key: CryptoKey) {
    this.#key = key;
  }

  /** @param key the 32 bytes of the encryption key. */
  static async of(key: Uint8Array<ArrayBuffer>): Promise<Seal> {
    const usages: KeyUsage[] = ["encrypt", "decrypt"];
    return new Seal(await crypto.subtle.importKey("raw", key, "AES-GCM", false, usages));
  }

  /** @param place the owner of the text, such as its project and its key; {@linkcode open} needs the same. */
  async seal(text: string, place: readonly string[]): Promise<Sealed> {
    const nonce = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
    const bytes = new TextEncoder().encode(text);
    const ciphertext = await crypto.subtle.encrypt(algorithm(nonce, place), this.#key, bytes);
    return { nonce, ciphertext: new Uint8Array(ciphertext) };
  }

  /** Throws when the text was encrypted with another key or for another place. */
  async open({ nonce, ciphertext }: Sealed, place: readonly string[]): Promise<string> {
    const text = await crypto.subtle.decrypt(algorithm(nonce, place), this.#key, ciphertext);
    return new TextDecoder("utf-8", { ignoreBOM: true }).decode(text);
  }

  /** Encrypts data as JSON; {@linkcode openJson} needs the same place. */
  sealJson(data: object, place: readonly string[]): Promise<Sealed> {
    return this.seal(JSON.stringify(data), place);
  }

  /** Reads data from JSON. Throws as {@linkcode open} does, and when it is something else. */
  async openJson(sealed: Sealed, place: readonly string[]): Promise<Fields> {
    const data = readJson(await this.open(sealed, place));
    if (!isMapping(data)) throw new InvalidField("ciphertext");
    return new Fields(data);
  }
}

function algorithm(iv: Uint8Array<ArrayBuffer>, place: readonly string[]): AesGcmParams {
  return { name: "AES-GCM", iv, additionalData: new TextEncoder().encode(JSON.stringify(place)) };
}
