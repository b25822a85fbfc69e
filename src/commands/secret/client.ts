import { SecretsClient, secretsUrl } from "../../api/engine.ts";
import type { AddressFlags } from "../../api/urls.ts";
import type { Context } from "../context.ts";
import { accessEngine, type AccessOptions } from "../../auth/access.ts";

/** A client for the secrets of the active project. Throws as {@link accessEngine} does. */
export async function secretsClient(
  context: Context,
  flags: AddressFlags,
  options?: AccessOptions,
): Promise<SecretsClient> {
  const { client, engine, project } = await accessEngine(context, flags, options);
  return new SecretsClient(client, secretsUrl(engine, project));
}
