import type { Engine } from "../../api/engine.ts";
import type { ServersClient } from "../../api/servers.ts";
import { Failure } from "../../failure.ts";
import { type EngineFlags, openTarget } from "../../target/target.ts";
import type { Context } from "../context.ts";
import { sameProject } from "../shared/same_project.ts";

/**
 * The engine, and the name of the server that the user names, or chooses from a list on a terminal.
 *
 * @throws {Failure} of kind `usage` without a name and without a terminal.
 */
export async function openServer<F extends EngineFlags>(
  context: Context,
  flags: F,
  named: string | undefined,
): Promise<{ readonly engine: Engine; readonly name: string }> {
  if (named !== undefined) {
    return { engine: (await openTarget(context, flags)).engine, name: named };
  }
  const { chooseName, requireChooser } = await import("../shared/input.ts");
  const next = `Give its name; \`arcade server list${sameProject(flags)}\` shows them`;
  requireChooser(context, { what: "server", next });
  const { engine } = await openTarget(context, flags);
  const names = (await engine.servers.list()).flatMap(({ name }) => name ?? []);
  if (names.length === 0) {
    throw new Failure("not-found", "No servers yet", { next: "Deploy one with `arcade deploy`" });
  }
  const items = () => Promise.resolve(names.map((name) => ({ name })));
  return { engine, name: await chooseName(context, { what: "server", items, next }) };
}

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
