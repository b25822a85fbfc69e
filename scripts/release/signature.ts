/** Signs releases with OpenSSH: `ssh-keygen -Y sign -n arcade-release`. */

import { output } from "../process.ts";

/** The purpose of the signature. Signatures for other purposes are invalid. */
const NAMESPACE = "arcade-release";

/** A key that signs releases. */
export class SigningKey implements AsyncDisposable {
  /** The public key in OpenSSH format, without a comment. */
  readonly publicKey: string;
  readonly #folder: string;

  private constructor(folder: string, publicKey: string) {
    this.#folder = folder;
    this.publicKey = publicKey;
  }

  /**
   * Reads a private key.
   *
   * @param setting the path of an OpenSSH private key, or its text.
   * @throws {Error} if it is not an ed25519 key without a passphrase.
   */
  static async read(setting: string): Promise<SigningKey> {
    const isText = setting.trimStart().startsWith("-----BEGIN");
    const text = isText ? setting : await Deno.readTextFile(setting);
    return await SigningKey.#create((path) =>
      Deno.writeTextFile(path, `${text.trim()}\n`, { mode: 0o600, createNew: true })
    );
  }

  /** Creates a key for one dry run. */
  static async generate(): Promise<SigningKey> {
    return await SigningKey.#create(async (path) => {
      await output("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "", "-f", path]);
    });
  }

  static async #create(write: (path: string) => Promise<void>): Promise<SigningKey> {
    const folder = await Deno.makeTempDir({ prefix: "arcade-signing-" });
    try {
      const path = `${folder}/key`;
      await write(path);
      const [type = "", key = ""] = (await output("ssh-keygen", ["-y", "-P", "", "-f", path]))
        .split(/\s/);
      if (type !== "ssh-ed25519") throw new Error(`It is a key of type ${type}, not ssh-ed25519`);
      return new SigningKey(folder, `${type} ${key}`);
    } catch (error) {
      await Deno.remove(folder, { recursive: true });
      const reason = error instanceof Error ? error.message : String(error);
      throw new Error(`The signing key is unusable: ${reason}`, { cause: error });
    }
  }

  /** Signs a file, and writes the signature next to it with the extension `.sig`. */
  async sign(path: string): Promise<void> {
    await output("ssh-keygen", ["-Y", "sign", "-n", NAMESPACE, "-f", `${this.#folder}/key`, path]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.#folder, { recursive: true });
  }
}
