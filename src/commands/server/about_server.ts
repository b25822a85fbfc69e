import type { ServersClient } from "../../api/servers.ts";
import { Failure } from "../../failure.ts";

/**
 * Runs requests about the server with this name. If the engine knows no such server, the failure suggests one from its list.
 *
 * @param otherwise the failure when the server itself is known; by default that of the request.
 */
export async function aboutServer<T>(
  servers: ServersClient,
  name: string,
  work: () => Promise<T>,
  otherwise?: () => Failure,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Failure && error.kind === "not-found")) throw error;
    const names = await namesIn(servers);
    if (names === undefined) throw error;
    if (names.includes(name)) throw otherwise?.() ?? error;
    const { unknownName } = await import("../shared/choices.ts");
    throw unknownName("server", name, { names, list: "arcade server list" });
  }
}

/** The names of the servers; undefined when they cannot be listed. */
async function namesIn(servers: ServersClient): Promise<string[] | undefined> {
  try {
    return (await servers.list()).flatMap(({ name }) => name ?? []);
  } catch (error) {
    if (error instanceof Failure) return undefined; // the first failure says more
    throw error;
  }
}
