/** The engine, in the project that a command works in. */

import type { ActiveProject } from "../../contract/active_project.ts";
import type { AuthorizedClient } from "../../api/authorized_client.ts";
import type { AddressFlags } from "../../hosts/urls.ts";
import { accessEngine, type AccessOptions } from "../../target/access.ts";
import type { ContextFlag } from "../../auth/stored_login.ts";
import { keepNames } from "../../secrecy/sensitive.ts";
import type { Context } from "../context.ts";
import { type ProjectFlags, projectOf } from "./project.ts";

export type EngineFlags = AddressFlags & ContextFlag & ProjectFlags;

/** An authorized client of the engine, and a project there. */
export interface EngineProject {
  readonly client: AuthorizedClient;
  /** The address of the engine, without a final slash. */
  readonly engine: string;
  /** Undefined when the credential decides it. */
  readonly project: ActiveProject | undefined;
}

/** The engine, and the project of a command. Throws as {@link accessEngine} and {@link projectOf} do. */
export async function engineProject(
  context: Context,
  flags: EngineFlags,
  options?: AccessOptions,
): Promise<EngineProject> {
  const { client, engine, session } = await accessEngine(context, flags, options);
  const project = await projectOf(context, flags, session);
  if (project) keepNames(...Object.values(project));
  return { client, engine, project };
}
