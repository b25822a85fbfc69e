/** The MCP clients on this machine, and the servers in their files. Does not start or contact anything. */

import { findProgram, isProgram } from "../../system/programs.ts";
import { counted } from "../../text/prose.ts";
import type { Context } from "../context.ts";
import { findClients, type FoundServer } from "../shared/client_list.ts";
import { type Finding, ok, warning } from "./findings.ts";

/** Finds files that cannot be read, and servers whose program is missing. */
export async function checkClients(context: Context): Promise<Finding[]> {
  const found: Finding[] = [];
  const seen = new Set<string>(); // in the home folder, the project's file is the user's file
  let own = 0;
  for (const { client, files } of await findClients(context)) {
    for (const { path, exists, problem, servers } of files) {
      if (seen.has(path)) continue;
      seen.add(path);
      if (exists && problem !== undefined && client.isWritten) {
        found.push(warning(`${client.title}: ${problem}`, `Correct ${path}`, [path]));
      }
      for (const server of servers) {
        if (server.isOwn) own++;
        if (await leadsSomewhere(context, server)) continue;
        const again = server.isOwn
          ? `Run \`arcade configure ${client.id}\` again`
          : `Correct ${path}`;
        found.push(
          warning(
            `${client.title}: ${server.name} starts ${server.program}, which is missing`,
            again,
            [server.name, server.program ?? ""],
          ),
        );
      }
    }
  }
  if (found.length > 0) return found;
  return [ok(`MCP clients have ${counted(own, "server")} from arcade, with no broken entries`)];
}

async function leadsSomewhere(
  { env: { PATH }, machine: { os } }: Context,
  { program }: FoundServer,
): Promise<boolean> {
  if (program === undefined) return true; // a server over HTTP
  return /[/\\]/.test(program)
    ? await isProgram(program, os)
    : await findProgram(program, PATH, os) !== undefined;
}
