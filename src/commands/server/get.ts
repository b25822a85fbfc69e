import type { ServersClient } from "../../api/servers.ts";
import { Failure } from "../../failure.ts";
import { shownAddress } from "../../hosts/urls.ts";
import { writeLabeledLines } from "../../terminal/labeled_lines.ts";
import type { Context } from "../context.ts";
import type { ServiceFlags } from "../shared/flags.ts";
import { writeJson } from "../shared/json.ts";
import type { ProjectFlags } from "../../target/project.ts";
import { aboutServer, openServer } from "./about_server.ts";
import { serverToJson } from "./list.ts";

/** Shows a server, and its health. */
export async function getServer(
  context: Context,
  flags: ServiceFlags & ProjectFlags,
  named?: string,
): Promise<void> {
  const { engine: { servers }, name } = await openServer(context, flags, named);
  const [server, health] = await aboutServer(
    servers,
    { name, flags },
    () => Promise.all([servers.get(name), healthOf(servers, name)]),
  );
  if (flags.json) return writeJson(context, { ...serverToJson(server), health });
  const { healthy, message } = health;
  const state = healthy === null ? "unknown" : healthy ? "healthy" : "unhealthy";
  writeLabeledLines(context.io.stdout, [
    ["Name", server.name ?? name],
    ["Type", server.type ?? "-"],
    ["Enabled", server.isEnabled ? "yes" : "no"],
    ["Managed", server.isManaged ? "yes, by Arcade" : "no"],
    ["Address", server.url === undefined ? "-" : shownAddress(server.url)],
    ["Binding", server.binding ?? "-"],
    ["Health", message ? `${state}: ${message}` : state],
  ]);
}

/** The health of a server; `healthy` is null when it is unknown, and the message says why. */
async function healthOf(
  servers: ServersClient,
  name: string,
): Promise<{ readonly healthy: boolean | null; readonly message: string | null }> {
  try {
    const { isHealthy, message } = await servers.health(name);
    return { healthy: isHealthy, message: message ?? null };
  } catch (error) {
    if (error instanceof Failure) return { healthy: null, message: error.message };
    throw error;
  }
}
