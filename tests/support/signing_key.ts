/** Signs releases with OpenSSH, as scripts/release/sign.sh does. */

import { output } from "../../scripts/process.ts";

/** An ed25519 key that exists until it is disposed. */
export class SigningKey implements AsyncDisposable {
  /** The path of the private key. */
  readonly path: string;
  /** The public key in OpenSSH format, without a comment. */
  readonly publicKey: string;
  readonly #folder: string;

  private constructor(folder: string, publicKey: string) {
    this.#folder = folder;
    this.path = `${folder}/key`;
    this.publicKey = publicKey;
  }

  /** @param dir the folder for its files; that of temporary files by default. */
  static async generate(dir?: string): Promise<SigningKey> {
    const folder = await Deno.makeTempDir({ prefix: "arcade-signing-", ...(dir && { dir }) });
    const path = `${folder}/key`;
    await output("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "", "-f", path]);
    return new SigningKey(folder, (await Deno.readTextFile(`${path}.pub`)).trim());
  }

  /** Signs a file, and writes the signature next to it with the extension `.sig`. */
  async sign(path: string): Promise<void> {
    await output("ssh-keygen", ["-q", "-Y", "sign", "-n", "arcade-release", "-f", this.path, path]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.#folder, { recursive: true });
  }
}
