/** The public keys that can sign releases: the lines of allowed_signers, in the format of OpenSSH (ssh-keygen, ALLOWED SIGNERS). */

const IDENTITY = "arcade-release";

/**
 * Reads the keys from the text of an allowed_signers file: one, or two while one follows the other.
 *
 * @throws {Error} if a line is something else, or there are more.
 */
export function readKeys(text: string): string[] {
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  const keys = lines.map((line) => {
    // A comment may follow, or the blank before none, as in the files of ssh-keygen.
    const [identity = "", type = "", key = ""] = line.split(" ");
    if (identity !== IDENTITY || !isReleaseKey(`${type} ${key}`)) {
      throw new Error(`A line of allowed_signers is not "${IDENTITY} ssh-ed25519 KEY"`);
    }
    return `${type} ${key}`;
  });
  if (keys.length > 2) throw new Error("allowed_signers has more than two keys");
  return keys;
}

/** The lines of an allowed_signers file. */
export function allowedSigners(keys: readonly string[]): string {
  return keys.map((key) => `${IDENTITY} ${key}\n`).join("");
}

/** Whether a text is a public key of type ed25519 in the format of OpenSSH, without a comment. */
export function isReleaseKey(text: string): boolean {
  return /^ssh-ed25519 [A-Za-z0-9+/]{68}$/.test(text);
}
