import type { Server } from "../../contract/servers.ts";
import { shownAddress } from "../../hosts/urls.ts";
import { writeTable } from "../../terminal/table.ts";
import type { Context } from "../context.ts";
import type { ServiceFlags } from "../shared/flags.ts";
import { writeJson } from "../shared/json.ts";
import type { ProjectFlags } from "../../target/project.ts";
import { openTarget } from "../../target/target.ts";

/** Lists the servers of the active project. */
export async function listServers(
  context: Context,
  flags: ServiceFlags & ProjectFlags,
): Promise<void> {
  const { engine } = await openTarget(context, flags);
  const servers = await engine.servers.list();
  if (flags.json) {
    writeJson(context, { servers: servers.map(serverToJson) });
  } else if (servers.length === 0) {
    context.io.stderr.write("No servers in this project yet\n");
  } else {
    await writeTable(
      context.io.stdout,
      [
        { heading: "Name", isWhole: true },
        { heading: "Type" },
        { heading: "Enabled" },
        { heading: "Managed" },
        { heading: "Address" },
      ],
      servers.map(({ name, type, isEnabled, isManaged, url }) => [
        name ?? "-",
        type ?? "-",
        isEnabled ? "yes" : "no",
        isManaged ? "yes" : "no",
        url === undefined ? "-" : shownAddress(url),
      ]),
    );
  }
}

/** A server as `--json` shows it. */
export function serverToJson({ name, type, isEnabled, isManaged, url, binding }: Server) {
  return {
    name: name ?? null,
    type: type ?? null,
    enabled: isEnabled,
    managed: isManaged,
    url: url ?? null,
    binding: binding ?? null,
  };
}
