/** The user's Arcade files: who owns them, and who can read them. */

import { readPrivateFile, requireOwnFolder } from "../../files/private_file.ts";
import { credentialsPath } from "../../store/credentials.ts";
import { identityFile } from "../../store/identity_file.ts";
import { mcpLoginsPath } from "../../store/mcp_logins.ts";
import { pendingLoginsPath } from "../../store/pending_logins.ts";
import { shellWord } from "../../text/shell_word.ts";
import type { Context } from "../context.ts";
import { type Finding, findingOf, ok, problem, warning } from "./findings.ts";

/** Checks the Arcade folder, and the files in it that hold tokens. */
export function checkFiles(context: Context): Finding[] {
  const folder = context.files.folder();
  const info = infoOf(folder);
  if (info === undefined) return [ok(`${folder} does not exist yet`, [folder])];
  const secret = [
    credentialsPath(folder),
    pendingLoginsPath(folder),
    mcpLoginsPath(folder),
    identityFile(context).path,
  ];
  const found = [
    ...wrong(() => requireOwnFolder(folder)),
    ...readable(folder, info, "chmod 700"),
    ...secret.flatMap((path) => {
      const file = infoOf(path);
      if (file === undefined) return [];
      return [...wrong(() => readPrivateFile(path)), ...readable(path, file, "chmod 600")];
    }),
  ];
  return found.length > 0
    ? found
    : [ok(`${folder} and its tokens are readable only by you`, [folder])];
}

function wrong(check: () => unknown): Finding[] {
  try {
    check();
    return [];
  } catch (error) {
    return [findingOf(error)];
  }
}

/** Whether other users can read something. On Windows, the folder itself keeps them out. */
function readable(path: string, { mode, isDirectory }: Deno.FileInfo, command: string): Finding[] {
  if (mode === null || (mode & 0o077) === 0 || (mode & 0o022) !== 0) return [];
  const next = `Run \`${command} ${shellWord(path)}\``;
  return isDirectory
    ? [warning(`Other users can list ${path}`, next)]
    : [problem(`Other users can read ${path}`, next)];
}

function infoOf(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.lstatSync(path);
  } catch {
    return undefined; // it does not exist, or the check of its folder says more
  }
}
