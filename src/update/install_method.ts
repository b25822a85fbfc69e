/** How this executable was installed, which decides how it is updated. */

import type { Os } from "../system/os.ts";
import { Fields, isMapping, parseJson } from "../contract/fields.ts";
import { removeIfThere, replaceFile, TEMPORARY, writeNewFile } from "../files/replace_file.ts";
import { fileFailure } from "../system/system_failure.ts";
import type { Environment } from "../contract/variables.ts";
import { VERSION } from "../version.ts";

export type InstallMethod =
  /** By the installer, which left a receipt. */
  | { readonly kind: "installer"; readonly receipt: string }
  /** By a package manager. */
  | {
    readonly kind: "homebrew" | "scoop" | "winget" | "system";
    readonly name: string;
    /** The command line that updates it; undefined if that is unknown. */
    readonly command: string | undefined;
  }
  /** By hand. */
  | { readonly kind: "download" }
  /** Where this user cannot replace it, such as in a folder of root. */
  | { readonly kind: "administrator" }
  /** It runs from source. */
  | { readonly kind: "source" };

export interface Installed {
  /** The path of the executable, without symbolic links. */
  readonly executable: string;
  readonly isStandalone: boolean;
  readonly os: Os;
  readonly env: Environment;
}

/** The executable of this process, without symbolic links. */
export function ownExecutable(): string {
  // Linux appends this to a path from which an update has removed the file of a running program.
  return Deno.realPathSync(Deno.execPath().replace(/ \(deleted\)$/, ""));
}

/**
 * Finds out how an executable was installed, from its path and the installer's receipt, and tests whether this user can
 * replace it.
 */
export function installationOf(installed: Installed): InstallMethod {
  const installation = installerOf(installed);
  if (installation.kind === "source" || installation.kind === "system") return installation;
  return mayReplace(installed.executable) ? installation : { kind: "administrator" };
}

/** Folders that only their package managers may change. */
const PACKAGES: readonly (readonly [folder: RegExp, name: string])[] = [
  [/^\/nix\/store\//, "Nix"],
  [/^\/gnu\/store\//, "Guix"],
  [/^(?:\/var\/lib\/snapd)?\/snap\//, "snap"],
  [/^\/(?:usr\/(?!local\/)|s?bin\/)/, "a system package"],
];

function installerOf(installed: Installed): InstallMethod {
  const { executable, isStandalone, os, env } = installed;
  if (!isStandalone) return { kind: "source" };
  const path = executable.replaceAll("\\", "/");
  if (path.includes("/Cellar/arcade/")) {
    return { kind: "homebrew", name: "Homebrew", command: "brew upgrade arcade" };
  }
  if (os === "windows" && /\/scoop\/apps\/arcade\//i.test(path)) {
    return { kind: "scoop", name: "Scoop", command: "scoop update arcade" };
  }
  if (os === "windows" && /\/winget\/packages\//i.test(path)) {
    return { kind: "winget", name: "winget", command: "winget upgrade ArcadeAI.Arcade" };
  }
  const [, name] = PACKAGES.find(([folder]) => os !== "windows" && folder.test(path)) ?? [];
  if (name !== undefined) return { kind: "system", name, command: undefined };
  const receipt = receiptPath(os, env);
  return receipt !== undefined && receiptPathOf(receipt) === executable
    ? { kind: "installer", receipt }
    : { kind: "download" };
}

/**
 * Whether this user can create files next to a file, as its replacement does. Only a test shows it: a file system can be read-only,
 * and permissions also come from groups and access control lists.
 */
export function mayReplace(path: string): boolean {
  const probe = `${path}.${crypto.randomUUID()}${TEMPORARY}`;
  try {
    writeNewFile(probe, new Uint8Array(), { mode: 0o600 });
    return true;
  } catch (error) {
    const isReadOnly = error instanceof Error && "code" in error && error.code === "EROFS";
    return !isReadOnly && !(error instanceof Deno.errors.PermissionDenied);
  } finally {
    removeIfThere(probe);
  }
}

/**
 * The notice that a newer version exists, and how to update this installation.
 *
 * @param repository the address of the releases.
 */
export function noticeOf(version: string, installation: InstallMethod, repository: string): string {
  const how = howToUpdate(installation, repository);
  return `arcade ${version} is available; you have ${VERSION}${how && `. ${how}`}`;
}

function howToUpdate(installation: InstallMethod, repository: string): string {
  switch (installation.kind) {
    case "installer":
      return "Run `arcade update`";
    case "download":
      return `Download it from ${repository}/releases`;
    case "administrator":
      return "Ask the user who installed it to update it";
    case "source":
      return "Update the source";
    default:
      return installation.command === undefined ? "" : `Run \`${installation.command}\``;
  }
}

/** The receipt that the installers write. */
function receiptPath(os: Installed["os"], env: Environment): string | undefined {
  if (os === "windows") return env.LOCALAPPDATA && `${env.LOCALAPPDATA}\\arcade\\install.json`;
  const folder = env.XDG_CONFIG_HOME || (env.HOME && `${env.HOME}/.config`);
  return folder && `${folder}/arcade/install.json`;
}

/** The executable that a receipt is about; undefined without a readable receipt. */
function receiptPathOf(receipt: string): string | undefined {
  try {
    const content = parseJson(Deno.readTextFileSync(receipt));
    const path = isMapping(content) ? new Fields(content).text("path") : undefined;
    return path && Deno.realPathSync(path);
  } catch {
    return undefined; // without one it was not the installer
  }
}

/**
 * Writes the version of an update to the receipt.
 *
 * @throws {Failure} of kind `file`.
 */
export function updateReceipt(receipt: string, version: string): void {
  let text: string;
  try {
    text = Deno.readTextFileSync(receipt);
  } catch (error) {
    throw fileFailure("read", receipt, error);
  }
  const content = parseJson(text);
  if (!isMapping(content)) return;
  const updated = `${JSON.stringify({ ...content, version }, null, 2)}\n`;
  replaceFile(receipt, new TextEncoder().encode(updated), { mode: 0o644 });
}
