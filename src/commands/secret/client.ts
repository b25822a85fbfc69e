import { SecretsClient, secretsUrl } from "../../api/engine.ts";
import type { AccessOptions } from "../../target/access.ts";
import type { Context } from "../context.ts";
import { type EngineFlags, engineProject } from "../shared/engine.ts";

/** A client for the secrets of a project. Throws as {@link engineProject} does. */
export async function secretsClient(
  context: Context,
  flags: EngineFlags,
  options?: AccessOptions,
): Promise<SecretsClient> {
  const { client, engine, project } = await engineProject(context, flags, options);
  return new SecretsClient(client, secretsUrl(engine, project));
}
