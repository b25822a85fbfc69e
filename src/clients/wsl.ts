/** The folders of the user on Windows, as WSL sees them. */

import { findProgram } from "../system/programs.ts";
import { settlesWithin } from "../system/waiting.ts";

/** The variables of Windows under which clients have their files. */
const VARIABLES = ["USERPROFILE", "APPDATA", "LOCALAPPDATA"] as const;
type WindowsFolders = Partial<Record<typeof VARIABLES[number], string>>;

/** Where Windows has its command processor if WSL adds none of its folders to PATH. */
const CMD = "/mnt/c/Windows/System32/cmd.exe";
const LIMIT_MS = 5000;

/**
 * Asks Windows for the folders of the user. Their paths cannot be guessed: drives can be mounted elsewhere, and profiles can be renamed.
 *
 * @returns undefined when Windows does not answer.
 */
export async function windowsFolders(
  path: string | undefined,
): Promise<WindowsFolders | undefined> {
  const cmd = await findProgram("cmd.exe", path) ?? CMD;
  const wslpath = await findProgram("wslpath", path);
  if (wslpath === undefined) return undefined;
  const echo = VARIABLES.map((name) => `%${name}%`).join("?"); // paths cannot contain a question mark
  const answer = await outputOf(cmd, ["/d", "/u", "/c", "echo", echo]);
  const values = answer ? decoded(answer).trim().split("?") : [];
  const folders: WindowsFolders = {};
  for (const [i, name] of VARIABLES.entries()) {
    const value = values[i] ?? "";
    if (!/^[a-z]:\\/i.test(value)) return undefined;
    const translated = await outputOf(wslpath, ["-u", value]);
    const folder = translated && new TextDecoder().decode(translated).trimEnd();
    if (!folder?.startsWith("/")) return undefined;
    folders[name] = folder;
  }
  return folders;
}

/** What the command processor prints: UTF-16 because of `/u`. */
function decoded(bytes: Uint8Array): string {
  return new TextDecoder(bytes.includes(0) ? "utf-16le" : "utf-8").decode(bytes);
}

async function outputOf(program: string, args: readonly string[]): Promise<Uint8Array | undefined> {
  try {
    const child = new Deno.Command(program, {
      args: [...args],
      cwd: "/", // cmd.exe warns about Linux folders, except for the root folder
      stdin: "null",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    const output = child.output();
    if (!await settlesWithin(LIMIT_MS, output)) child.kill("SIGKILL");
    const { success, stdout } = await output;
    return success ? stdout : undefined;
  } catch {
    return undefined; // no such program
  }
}
