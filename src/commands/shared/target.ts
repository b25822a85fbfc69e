/** The target of a command: an engine, in a project there. */

import { type Engine, type EnginePlace, openEngine } from "../../api/engine.ts";
import type { AddressFlags } from "../../hosts/urls.ts";
import { accessEngine, type AccessOptions } from "../../target/access.ts";
import type { ContextFlag } from "../../auth/stored_login.ts";
import { keepNames } from "../../secrecy/sensitive.ts";
import type { Context } from "../context.ts";
import { type ProjectFlags, projectOf } from "./project.ts";

export type EngineFlags = AddressFlags & ContextFlag & ProjectFlags;

/** The engine that a command works with, and where it is. */
export interface Target extends EnginePlace {
  readonly engine: Engine;
}

/** Opens the target of a command. Throws as {@link accessEngine} and {@link projectOf} do. */
export async function openTarget(
  context: Context,
  flags: EngineFlags,
  options?: AccessOptions,
): Promise<Target> {
  const { client, engine: address, session } = await accessEngine(context, flags, options);
  const project = await projectOf(context, flags, session);
  if (project) keepNames(...Object.values(project));
  return { engine: openEngine(client, { address, project }), address, project };
}
