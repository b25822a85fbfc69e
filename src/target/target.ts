/** The target of a command: an engine, in a project there. */

import { type Engine, type EnginePlace, openEngine } from "../api/engine.ts";
import type { AddressFlags } from "../hosts/urls.ts";
import { accessEngine, type AccessOptions } from "./access.ts";
import type { ContextFlag } from "../auth/stored_login.ts";
import { keepNames } from "../secrecy/sensitive.ts";
import type { AuthContext } from "../auth/context.ts";
import { type ProjectFlags, projectOf } from "./project.ts";

export type EngineFlags = AddressFlags & ContextFlag & ProjectFlags;

/** The engine of a command, and its address. */
export interface Target extends EnginePlace {
  readonly engine: Engine;
  /** The e-mail address of the login; undefined with another credential. */
  readonly email: string | undefined;
}

/** Opens the target of a command. Throws as {@link accessEngine} and {@link projectOf} do. */
export async function openTarget(
  context: AuthContext,
  flags: EngineFlags,
  options?: AccessOptions,
): Promise<Target> {
  const { client, engine: address, session } = await accessEngine(context, flags, options);
  const project = await projectOf(context, flags, session);
  if (project) keepNames(...Object.values(project));
  const engine = openEngine(client, { address, project });
  return { engine, address, project, email: session?.email };
}
