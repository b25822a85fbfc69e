import { output } from "../process.ts";

/** The entitlements that V8 needs under the hardened runtime, to generate code. */
const ENTITLEMENTS = `${import.meta.dirname}/entitlements.plist`;

/**
 * Signs an executable for macOS. Requires a Mac.
 *
 * @param identity the name of a certificate in the keychain; `-` for a signature without one, which is enough for
 * executables that no browser has downloaded.
 */
export async function codesign(path: string, identity: string): Promise<void> {
  const hardened = ["--options", "runtime", "--timestamp", "--entitlements", ENTITLEMENTS];
  await output("codesign", [
    ...["--force", "--sign", identity, "--identifier", "dev.arcade.cli"],
    ...(identity === "-" ? [] : hardened),
    path,
  ]);
}
