/** The signature of a release, made and verified by OpenSSH: `ssh-keygen -Y sign -n arcade-release`. */

import { output } from "../process.ts";

/** What the signature is for, so that no signature for another purpose counts. */
const NAMESPACE = "arcade-release";

/** A key that signs releases. */
export class SigningKey implements AsyncDisposable {
  /** The public key in the form of OpenSSH, without a comment. */
  readonly publicKey: string;
  readonly #folder: string;

  private constructor(folder: string, publicKey: string) {
    this.#folder = folder;
    this.publicKey = publicKey;
  }

  /**
   * Reads a private key.
   *
   * @param setting the path of a private key of OpenSSH, or its text.
   * @throws {Error} if it is not an ed25519 key without a passphrase.
   */
  static async read(setting: string): Promise<SigningKey> {
    const isText = setting.trimStart().startsWith("-----BEGIN");
    const text = isText ? setting : await Deno.readTextFile(setting);
    return await SigningKey.#create((path) =>
      Deno.writeTextFile(path, `${text.trim()}\n`, { mode: 0o600, createNew: true })
    );
  }

  /** Makes a key for one dry run. */
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

  /** Signs a file. Writes the signature to a file beside it, whose name ends in `.sig`. */
  async sign(path: string): Promise<void> {
    await output("ssh-keygen", ["-Y", "sign", "-n", NAMESPACE, "-f", `${this.#folder}/key`, path]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.#folder, { recursive: true });
  }
}
