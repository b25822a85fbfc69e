import type { Engine } from "../../api/engine.ts";
import type { ServersClient } from "../../api/servers.ts";
import { Failure } from "../../failure.ts";
import { type EngineFlags, openTarget } from "../../target/target.ts";
import type { Context } from "../context.ts";
import { chooseListed, itemsOf, requireName } from "../shared/listed_name.ts";
import { sameProject } from "../shared/same_project.ts";

/**
 * The engine, and the name of the server that the user named or chose from a list on a terminal.
 *
 * @throws {Failure} of kind `usage` without a name and without a terminal.
 */
export async function openServer<F extends EngineFlags>(
  context: Context,
  flags: F,
  named: string | undefined,
): Promise<{ readonly engine: Engine; readonly name: string }> {
  const choice = {
    what: "server",
    next: `Give its name; \`arcade server list${sameProject(flags)}\` shows yours`,
    ifNone: "Deploy one with `arcade deploy`",
  };
  await requireName(context, named, choice);
  const { engine } = await openTarget(context, flags);
  if (named !== undefined) return { engine, name: named };
  const names = (await engine.servers.list()).flatMap(({ name }) => name ?? []);
  return { engine, name: await chooseListed(context, choice, itemsOf(names)) };
}

/**
 * Runs requests about the server with this name. If the engine has no such server, the failure suggests one from its list.
 *
 * @param place.flags the flags of the command, for hints.
 * @param otherwise the failure when the server exists; by default the request's failure.
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
    const { unknownName } = await import("../../target/choices.ts");
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
