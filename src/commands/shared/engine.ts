/** The engine, in the project that a command works in. */

import { type Engine, type EnginePlace, openEngine } from "../../api/engine.ts";
import type { AddressFlags } from "../../hosts/urls.ts";
import { accessEngine, type AccessOptions } from "../../target/access.ts";
import type { ContextFlag } from "../../auth/stored_login.ts";
import { keepNames } from "../../secrecy/sensitive.ts";
import type { Context } from "../context.ts";
import { type ProjectFlags, projectOf } from "./project.ts";

export type EngineFlags = AddressFlags & ContextFlag & ProjectFlags;

/** The engine of a command, and where it is. */
export interface EngineAccess extends EnginePlace {
  readonly engine: Engine;
}

/** The engine, in the project of a command. Throws as {@link accessEngine} and {@link projectOf} do. */
export async function engineFor(
  context: Context,
  flags: EngineFlags,
  options?: AccessOptions,
): Promise<EngineAccess> {
  const { client, engine: address, session } = await accessEngine(context, flags, options);
  const project = await projectOf(context, flags, session);
  if (project) keepNames(...Object.values(project));
  return { engine: openEngine(client, { address, project }), address, project };
}
