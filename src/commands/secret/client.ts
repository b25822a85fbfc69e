import { SecretsClient, secretsUrl } from "../../api/engine.ts";
import type { AddressFlags } from "../../api/urls.ts";
import type { Context } from "../context.ts";
import { accessEngine, type AccessOptions } from "../../auth/access.ts";
import type { ContextFlag } from "../../auth/stored_login.ts";
import { type ProjectFlags, projectOf } from "../shared/project.ts";

/** A client for the secrets of a project. Throws as {@link accessEngine} and {@link projectOf} do. */
export async function secretsClient(
  context: Context,
  flags: AddressFlags & ContextFlag & ProjectFlags,
  options?: AccessOptions,
): Promise<SecretsClient> {
  const { client, engine, session } = await accessEngine(context, flags, options);
  const project = await projectOf(context, flags, session);
  return new SecretsClient(client, secretsUrl(engine, project));
}
