import { writeTable } from "../../terminal/table.ts";
import type { Context } from "../context.ts";
import { findClients, type FoundClient } from "../shared/client_list.ts";
import type { JsonFlag } from "../shared/flags.ts";
import { writeJson } from "../shared/json.ts";

/** Lists all clients with their files, and the servers in them. It does not start or contact the servers. */
export async function listClients(context: Context, { json }: JsonFlag): Promise<void> {
  const found = await findClients(context);
  if (json) return writeJson(context, { clients: found.map(toJson) });
  await writeTable(
    context.io.stdout,
    [
      { heading: "Client", isWhole: true },
      { heading: "Installed" },
      { heading: "Scope" },
      { heading: "Server" },
      { heading: "Leads to" },
      { heading: "From arcade" },
      { heading: "File" },
    ],
    found.flatMap(rowsOf),
  );
}

function rowsOf({ client, isInstalled, files }: FoundClient): string[][] {
  const start = [client.id, isInstalled ? "yes" : "no"];
  if (files.length === 0) return [[...start, "-", "-", "-", "-", client.dialog ?? "-"]];
  return files.flatMap(({ scope, path, problem, servers }) => {
    const place = [...start, scope];
    if (problem !== undefined) return [[...place, "?", "-", "-", problem]];
    if (servers.length === 0) return [[...place, "-", "-", "-", path]];
    return servers.map((server) => [
      ...place,
      server.name,
      server.target,
      server.isOwn ? "yes" : "no",
      path,
    ]);
  });
}

function toJson({ client: { id, title, isWritten, dialog }, isInstalled, files }: FoundClient) {
  return {
    id,
    title,
    installed: isInstalled,
    written: isWritten,
    dialog: dialog ?? null,
    files: files.map(({ scope, path, exists, problem, servers }) => ({
      scope,
      path,
      exists,
      problem: problem ?? null,
      servers: servers.map(({ name, target, isOwn }) => ({ name, target, from_arcade: isOwn })),
    })),
  };
}
