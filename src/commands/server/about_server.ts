import type { ServersClient } from "../../api/servers.ts";
import { Failure } from "../../failure.ts";
import type { EngineFlags } from "../../target/target.ts";

/**
 * Runs requests about the server with this name. If the engine knows no such server, the failure suggests one from its list.
 *
 * @param place.flags the flags of the command, for hints.
 * @param otherwise the failure when the server itself is known; by default that of the request.
 */
export async function aboutServer<T>(
  servers: ServersClient,
  { name, flags }: { readonly name: string; readonly flags: EngineFlags },
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
    const [{ unknownName }, { sameProject }] = await Promise.all([
      import("../../target/choices.ts"),
      import("../shared/same_project.ts"),
    ]);
    const same = sameProject(flags);
    throw unknownName("server", name, { names, list: `arcade server list${same}` });
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
